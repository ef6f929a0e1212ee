// SPDX-License-Identifier: BSD-3-Clause
#include "nic/record_walker.h"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <string_view>

#include "nic/link_type.h"

namespace mailglass::nic {
namespace {

constexpr std::uint32_t kPcapMicroseconds = 0xa1b2c3d4;
constexpr std::uint32_t kPcapNanoseconds = 0xa1b23c4d;
constexpr std::uint32_t kPcapKuznetzov = 0xa1b2cd34;  // Linux 2.1's tcpdump: 8 more octets a record
constexpr std::uint32_t kByteOrderMagic = 0x1a2b3c4d;

enum Block : std::uint32_t {
  kSection = 0x0a0d0d0a,  // reads the same in both byte orders
  kInterface = 1,
  kOldPacket = 2,
  kSimplePacket = 3,
  kEnhancedPacket = 6,
};

std::uint32_t swapped(std::uint32_t v) { return __builtin_bswap32(v); }

bool is_text(Bytes start) {
  return std::all_of(start.begin(), start.end(), [](std::uint8_t c) {
    return (c >= 0x20 && c < 0x7f) || c == '\t' || c == '\n' || c == '\r' || c >= 0xc2;
  });
}

// What the first octets say the file is, for those that are handed over by mistake.
std::string not_a_capture(Bytes start) {
  struct Known {
    std::string_view magic;
    std::string_view says;
  };
  static constexpr Known kKnown[] = {
      {"\x1f\x8b", "is compressed with gzip: use `zcat FILE | mailglass read -`"},
      {"\xfd"
       "7zX",
       "is compressed with xz: use `xzcat FILE | mailglass read -`"},
      {"\x28\xb5\x2f\xfd", "is compressed with zstd: use `zstdcat FILE | mailglass read -`"},
      {"BZh", "is compressed with bzip2: use `bzcat FILE | mailglass read -`"},
      {"\x04\x22\x4d\x18", "is compressed with lz4: use `lz4cat FILE | mailglass read -`"},
      {"PK\x03\x04", "is a zip archive, not a capture: unpack it first"},
      {"snoo", "is a snoop capture: convert it with `editcap -F pcap`"},
      {"GMBU", "is a Network Monitor capture: convert it with `editcap -F pcap`"},
      {"RTSS", "is a Network Monitor capture: convert it with `editcap -F pcap`"},
      {"\x7f"
       "ELF",
       "is a program, not a capture"},
  };
  for (const Known& known : kKnown) {
    if (as_text(start).starts_with(known.magic)) return std::string(known.says);
  }
  return is_text(start) ? "is text, not a pcap or pcapng capture"
                        : "is not a pcap or pcapng capture";
}

// Octets of a block's head that have to be seen before the rest may be skipped.
std::size_t head_octets(std::uint32_t type) {
  switch (type) {
    case kInterface:
      return 16;
    case kSimplePacket:
      return 12;
    case kOldPacket:
    case kEnhancedPacket:
      return 28;
    default:
      return 8;
  }
}

bool holds_frame(std::uint32_t type) {
  return type == kEnhancedPacket || type == kSimplePacket || type == kOldPacket;
}

}  // namespace

// ---- taking octets ------------------------------------------------------------------------------

void RecordWalker::take(Bytes octets) {
  while (!octets.empty() && fault_.empty()) {
    if (skip_ != 0) {
      const auto n = static_cast<std::size_t>(std::min<std::uint64_t>(skip_, octets.size()));
      octets = octets.subspan(n);
      if (rewritable_ != nullptr) rewritable_ += n;
      skipped(n);
      continue;
    }
    const std::size_t n = std::min(need_ - have_, octets.size());
    std::memcpy(&held_[have_], octets.data(), n);
    octets = octets.subspan(n);
    have_ += n;
    offset_ += n;
    if (rewritable_ != nullptr) rewritable_ += n;
    if (have_ == need_) step();
  }
}

void RecordWalker::take_and_even(std::span<std::uint8_t> octets) {
  rewritable_ = octets.data();
  take(octets);
  rewritable_ = nullptr;
}

void RecordWalker::skipped(std::uint64_t octets) {
  assert(octets <= skip_);
  skip_ -= octets;
  offset_ += octets;
  if (skip_ == 0 && state_ == State::record && in_frame_) finish_frame();
}

void RecordWalker::finish_frame() {
  if (in_frame_) ++whole_;
  in_frame_ = false;
  record_at_ = offset_;
}

void RecordWalker::end() {
  if (!fault_.empty()) return;
  if (state_ == State::magic) {
    return refuse(offset_ == 0 ? "is empty" : not_a_capture({held_.data(), have_}));
  }
  const bool between = have_ == 0 && skip_ == 0 && !in_frame_ &&
                       (state_ == State::record || state_ == State::block_header);
  if (!link_) {
    return refuse(between ? "describes no interface, so nothing says how to read it"
                          : "ends inside its header");
  }
  if (between) return;
  // The first head of a record cut short does not yet say whether a frame would have come.
  const bool frame = in_frame_ || state_ == State::record;
  const std::string where = frame ? "frame " + std::to_string(whole_ + 1) : "a block";
  fault_ = "ends inside " + where + " (octet " + std::to_string(record_at_) + ")";
}

void RecordWalker::step() {
  switch (state_) {
    case State::magic:
      return read_magic();
    case State::pcap_header:
      return read_pcap_header();
    case State::record:
      return read_record();
    case State::block_header:
      return read_block_header();
    case State::block_head:
      return read_block_head();
    case State::trailer:
      return read_trailer();
  }
}

// A state reads a head of `octets`, those already held included.
void RecordWalker::expect(State state, std::size_t octets) {
  assert(octets <= held_.size());
  state_ = state;
  if (octets <= have_) have_ = 0;
  need_ = octets;
}

void RecordWalker::damaged(const std::string& what) {
  fault_ = "is damaged at octet " + std::to_string(record_at_) + " (frame " +
           std::to_string(whole_ + 1) + "): " + what;
}

void RecordWalker::refuse(const std::string& what) {
  fault_ = what;
  refused_ = true;
}

std::uint16_t RecordWalker::u16(std::size_t at) const {
  const auto low = static_cast<unsigned>(held_[layout_.big_endian ? at + 1 : at]);
  const auto high = static_cast<unsigned>(held_[layout_.big_endian ? at : at + 1]);
  return static_cast<std::uint16_t>(high << 8 | low);
}

std::uint32_t RecordWalker::u32(std::size_t at) const {
  std::uint32_t v;
  std::memcpy(&v, &held_[at], sizeof v);
  return layout_.big_endian ? swapped(v) : v;
}

// ---- pcap ---------------------------------------------------------------------------------------

void RecordWalker::read_magic() {
  const std::uint32_t magic = u32(0);
  if (magic == kSection) {
    format_ = CaptureFormat::pcapng;
    return expect(State::block_header, 8);
  }
  for (const std::uint32_t known : {kPcapMicroseconds, kPcapNanoseconds, kPcapKuznetzov}) {
    if (magic != known && swapped(magic) != known) continue;
    format_ = CaptureFormat::pcap;
    layout_.big_endian = magic != known;
    layout_.nanoseconds = known == kPcapNanoseconds;
    if (known == kPcapKuznetzov) layout_.record_head = kMaxRecordHead;
    return expect(State::pcap_header, kPcapHeader);
  }
  refuse(not_a_capture({held_.data(), have_}));
}

void RecordWalker::read_pcap_header() {
  const std::uint16_t major = u16(4), minor = u16(6);
  if (major != 2 || minor < 3 || minor > 4) {
    return refuse("is of pcap version " + std::to_string(major) + "." + std::to_string(minor) +
                  ", which is not supported: 2.4 is");
  }
  layout_.lengths_may_be_swapped = minor == 3;
  set_link(u32(20) & 0x03ffffff);  // the bits above hold the length of the frame check sequence
  record_at_ = offset_;
  expect(State::record, layout_.record_head);
}

void RecordWalker::read_record() {
  const std::uint32_t captured = layout_.captured(held_.data());
  if (captured > kMaxFrameOctets) {
    return damaged("it claims to hold " + std::to_string(captured) + " octets");
  }
  ++begun_;
  in_frame_ = true;
  skip_ = captured;
  expect(State::record, layout_.record_head);
  if (skip_ == 0) finish_frame();
}

// ---- pcapng -------------------------------------------------------------------------------------

void RecordWalker::read_block_header() {
  block_type_ = u32(0);
  if (block_type_ == kSection) {  // its length can be read only once its byte order is known
    return expect(State::block_head, 16);
  }
  block_length_ = u32(4);
  if (block_length_ < head_octets(block_type_) + 4 || block_length_ % 4 != 0 ||
      block_length_ > kMaxBlockOctets) {
    return damaged("a block claims a length of " + std::to_string(block_length_) + " octets");
  }
  in_frame_ = holds_frame(block_type_);
  if (in_frame_) ++begun_;
  if (head_octets(block_type_) == 8) return read_block_head();
  expect(State::block_head, head_octets(block_type_));
}

void RecordWalker::read_block_head() {
  switch (block_type_) {
    case kSection:
      read_section();
      break;
    case kInterface:
      read_interface();
      break;
    case kEnhancedPacket:
    case kOldPacket:
      read_packet(20, 32);
      break;
    case kSimplePacket:
      read_packet(8, 16);
      break;
    default:
      break;
  }
  if (!fault_.empty()) return;
  const std::size_t seen = block_type_ == kSection ? 16 : head_octets(block_type_);
  skip_ = block_length_ - seen - 4;
  have_ = 0;
  expect(State::trailer, 4);
}

void RecordWalker::read_section() {
  const bool was_big = layout_.big_endian, first = record_at_ == 0;
  layout_.big_endian = false;
  if (u32(8) != kByteOrderMagic) {
    if (swapped(u32(8)) != kByteOrderMagic) {
      return first ? refuse("is not a pcapng capture") : damaged("a section without byte order");
    }
    layout_.big_endian = true;
  }
  if (u16(12) != 1) {
    return refuse("is of pcapng version " + std::to_string(u16(12)) +
                  ", which is not supported: 1 is");
  }
  if (!first && layout_.big_endian != was_big) {
    return refuse("holds sections of different byte orders: convert it with `editcap -F pcap`");
  }
  block_length_ = u32(4);
  if (block_length_ < 28 || block_length_ % 4 != 0 || block_length_ > kMaxBlockOctets) {
    return damaged("a section header claims " + std::to_string(block_length_) + " octets");
  }
  interfaces_ = 0;
}

// The driver's libpcap gives up at the first interface that differs from those before. It would do
// so in the middle of the capture; it is better known before.
void RecordWalker::read_interface() {
  ++interfaces_;
  const std::uint32_t number = u16(8);
  // As libpcap adjusts it before it compares.
  const std::uint32_t snap = u32(12) == 0 || u32(12) > 0x7fffffff ? kMaxFrameOctets : u32(12);
  if (!link_) {
    snap_length_ = snap;
    rewrite_last(0);
    return set_link(number);
  }
  if (number != link_number_) {
    return refuse("mixes " + link_name(link_number_) + " and " + link_name(number) +
                  ": only one link type a capture is supported");
  }
  if (snap != snap_length_) uneven_ = true;
  rewrite_last(0);
}

// The last field of the head just taken.
void RecordWalker::rewrite_last(std::uint32_t value) {
  if (rewritable_ == nullptr) return;
  if (layout_.big_endian) value = swapped(value);
  std::memcpy(rewritable_ - sizeof value, &value, sizeof value);
}

void RecordWalker::read_packet(std::size_t length_at, std::size_t overhead) {
  const std::uint32_t interface = block_type_ == kEnhancedPacket ? u32(8)
                                  : block_type_ == kOldPacket    ? u16(8)
                                                                 : 0;
  if (interface >= interfaces_) {
    return damaged("it names interface " + std::to_string(interface) + ", which is not described");
  }
  std::uint32_t captured = u32(length_at);
  if (block_type_ == kSimplePacket) {  // says only its length on the wire
    captured = std::min(captured, snap_length_);
    rewrite_last(captured);
  }
  if (captured > snap_length_) uneven_ = true;
  if (captured > kMaxFrameOctets || captured > block_length_ - overhead) {
    damaged("it claims to hold " + std::to_string(captured) + " octets");
  }
}

void RecordWalker::read_trailer() {
  if (u32(0) != block_length_) return damaged("a block's two lengths differ");
  finish_frame();
  have_ = 0;
  expect(State::block_header, 8);
}

void RecordWalker::set_link(std::uint32_t number) {
  link_number_ = number;
  link_ = link_of(number);
  if (!link_) refuse(refuse_link(number));
}

}  // namespace mailglass::nic
