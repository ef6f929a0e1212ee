// SPDX-License-Identifier: BSD-3-Clause
// Walks the records of a capture without looking at the frames: which link type they have, how
// many are whole, and whether the capture ends in the middle of one. The pcap driver tells none of
// this. Formats: draft-ietf-opsawg-pcap (pcap, both byte orders, micro- and nanoseconds) and
// draft-ietf-opsawg-pcapng.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/tick.h"
#include "wire/decode.h"

namespace mailglass::nic {

enum class CaptureFormat : std::uint8_t { pcap, pcapng };

// What libpcap takes for sane; it stops at anything longer, and so does the walker.
constexpr std::uint32_t kMaxFrameOctets = 262144;
constexpr std::uint32_t kMaxBlockOctets = 16u << 20;

constexpr std::size_t kPcapHeader = 24;
constexpr std::size_t kMaxRecordHead = 24;

// How the records of a pcap file are written; its header says so.
struct PcapLayout {
  std::uint32_t record_head = 16;  // octets before the frame; 24 in Kuznetzov's variant
  bool big_endian = false;
  bool nanoseconds = false;
  bool lengths_may_be_swapped = false;  // pcap 2.3

  // Of the record whose head lies at `record`. `captured` is what it claims to hold.
  std::uint32_t captured(const std::uint8_t* record) const;
  // As libpcap reads it: no number has a sign, and a fraction may be a million and more.
  Tick time(const std::uint8_t* record) const;

 private:
  std::uint32_t u32(const std::uint8_t* at) const;
};

// Takes the octets of one capture in any pieces. Any octets are safe; nothing is allocated but the
// one sentence of a fault.
class RecordWalker {
 public:
  // The next octets of the capture. Nothing more is taken in after a fault.
  void take(Bytes octets);

  // The same, and takes the snapshot lengths out of pcapng's interfaces: the driver's libpcap stops
  // where they differ, and loses frames that are longer than the first says, though nothing in a
  // frame depends on them. The `held` octets before must still lie right in front of these.
  void take_and_even(std::span<std::uint8_t> octets);
  std::size_t held() const { return skip_ == 0 ? have_ : 0; }
  bool uneven() const { return uneven_; }

  // Octets ahead that need not be looked at: a reader of a file may seek over them instead, and
  // say so.
  std::uint64_t skippable() const { return fault_.empty() ? skip_ : 0; }
  void skipped(std::uint64_t octets);

  // The capture ended here. Says the fault if that was in the middle of something.
  void end();

  std::optional<CaptureFormat> format() const { return format_; }
  std::optional<wire::LinkType> link() const { return link_; }
  const PcapLayout& pcap_layout() const { return layout_; }  // once `link` is known, of pcap

  // Frames whose header has been seen, and those of them that are whole.
  std::uint64_t frames_begun() const { return begun_; }
  std::uint64_t frames() const { return whole_; }
  std::uint64_t offset() const { return offset_; }

  // Empty while all is well. Otherwise what is wrong, to stand behind the file's name:
  // "ends inside frame 12 (octet 3400)".
  const std::string& fault() const { return fault_; }
  // The fault makes the whole capture unreadable, whatever frames stand before it.
  bool refused() const { return refused_; }

 private:
  enum class State : std::uint8_t { magic, pcap_header, record, block_header, block_head, trailer };

  void step();
  void read_magic();
  void read_pcap_header();
  void read_record();
  void read_block_header();
  void read_block_head();
  void read_section();
  void read_interface();
  void read_packet(std::size_t length_at, std::size_t overhead);
  void read_trailer();
  void finish_frame();
  void rewrite_last(std::uint32_t value);
  void set_link(std::uint32_t number);
  void expect(State state, std::size_t octets);
  void damaged(const std::string& what);
  void refuse(const std::string& what);
  std::uint16_t u16(std::size_t at) const;
  std::uint32_t u32(std::size_t at) const;

  std::array<std::uint8_t, 32> held_{};  // the head of the record or block under way
  std::size_t have_ = 0;
  std::size_t need_ = 4;
  std::uint64_t skip_ = 0;    // octets that follow the head and are not looked at
  std::uint64_t offset_ = 0;  // of the next octet
  std::uint64_t record_at_ = 0;
  std::uint64_t begun_ = 0;
  std::uint64_t whole_ = 0;
  State state_ = State::magic;
  std::optional<CaptureFormat> format_;
  std::optional<wire::LinkType> link_;
  PcapLayout layout_;      // of pcapng the byte order only
  bool in_frame_ = false;  // the record or block under way holds a frame
  bool refused_ = false;
  bool uneven_ = false;
  std::uint8_t* rewritable_ = nullptr;  // behind the octets taken last, when they may be changed
  std::uint32_t block_type_ = 0;
  std::uint32_t block_length_ = 0;
  std::uint32_t interfaces_ = 0;  // of the section
  std::uint32_t link_number_ = 0;
  std::uint32_t snap_length_ = 0;  // of the first interface, as libpcap adjusts it
  std::string fault_;
};

inline std::uint32_t PcapLayout::u32(const std::uint8_t* at) const {
  std::uint32_t v;
  std::memcpy(&v, at, sizeof v);
  return big_endian ? __builtin_bswap32(v) : v;
}

inline std::uint32_t PcapLayout::captured(const std::uint8_t* record) const {
  const std::uint32_t octets = u32(record + 8);
  return lengths_may_be_swapped ? std::min(octets, u32(record + 12)) : octets;
}

inline Tick PcapLayout::time(const std::uint8_t* record) const {
  const std::uint32_t fraction = u32(record + 4) / (nanoseconds ? 1000 : 1);
  return Tick{std::int64_t{u32(record)} * kMicrosecondsPerSecond + fraction};
}

}  // namespace mailglass::nic
