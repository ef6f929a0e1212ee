// SPDX-License-Identifier: BSD-3-Clause
#include "frame.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cstring>

namespace mailglass::generate {

namespace {

constexpr std::size_t kShortestFrame = 60;

// Appends big-endian fields.
class Cursor {
 public:
  explicit Cursor(std::span<std::uint8_t> out) : out_(out) {}
  void put(std::uint64_t value, std::size_t width) {
    for (std::size_t i = width; i > 0; --i) {
      out_[at_++] = static_cast<std::uint8_t>((value >> ((i - 1) * 8U)) & 0xffU);
    }
  }
  void put(std::span<const std::uint8_t> octets) {
    std::copy(octets.begin(), octets.end(), out_.begin() + static_cast<std::ptrdiff_t>(at_));
    at_ += octets.size();
  }
  std::size_t at() const { return at_; }

 private:
  std::span<std::uint8_t> out_;
  std::size_t at_ = 0;
};

// RFC 1071. The sum does not care about the byte order as long as it is stored as it was loaded,
// and carries may wait: 32-bit words in a 64-bit register.
class Checksum {
 public:
  // Only the last call may have an odd length.
  void add(std::span<const std::uint8_t> octets) {
    while (octets.size() >= 4) {
      std::uint32_t word = 0;
      std::memcpy(&word, octets.data(), sizeof word);
      sum_ += word;
      octets = octets.subspan(4);
    }
    std::uint32_t rest = 0;
    std::memcpy(&rest, octets.data(), octets.size());
    sum_ += rest;
  }
  void store(std::uint8_t* field) const {
    std::uint64_t sum = sum_;
    while (sum > 0xffffU) sum = (sum & 0xffffU) + (sum >> 16U);
    const auto complement = static_cast<std::uint16_t>(~sum & 0xffffU);
    std::memcpy(field, &complement, sizeof complement);
  }

 private:
  std::uint64_t sum_ = 0;
};

std::span<const std::uint8_t> address_octets(const Address& address) {
  return std::span(address.octets).first(address.v6 ? 16U : 4U);
}

void put_ethernet(Cursor& out, const Segment& segment) {
  out.put(segment.to.mac);
  out.put(segment.from.mac);
  if (segment.vlan != 0) {
    out.put(0x8100, 2);
    out.put(segment.vlan, 2);
  }
  out.put(segment.from.address.v6 ? 0x86dd : 0x0800, 2);
}

// RFC 791 section 3.1.
void put_ipv4(Cursor& out, const Segment& segment, std::span<std::uint8_t> frame,
              std::size_t tcp_length) {
  const std::size_t start = out.at();
  out.put(0x4500, 2);
  out.put(20 + tcp_length, 2);
  out.put(segment.ip_id, 2);
  out.put(0x4000, 2);  // don't fragment
  out.put(segment.from.hops, 1);
  out.put(IPPROTO_TCP, 1);
  out.put(0, 2);
  out.put(address_octets(segment.from.address));
  out.put(address_octets(segment.to.address));
  Checksum checksum;
  checksum.add(frame.subspan(start, 20));
  checksum.store(&frame[start + 10]);
}

// RFC 8200 section 3.
void put_ipv6(Cursor& out, const Segment& segment, std::size_t tcp_length) {
  out.put(0x60000000, 4);
  out.put(tcp_length, 2);
  out.put(IPPROTO_TCP, 1);
  out.put(segment.from.hops, 1);
  out.put(address_octets(segment.from.address));
  out.put(address_octets(segment.to.address));
}

// RFC 9293 section 3.1.
void put_tcp(Cursor& out, const Segment& segment) {
  const std::size_t words = 5 + (segment.options.octets().size() + 3) / 4;
  out.put(segment.from.port, 2);
  out.put(segment.to.port, 2);
  out.put(segment.sequence, 4);
  out.put(segment.acknowledgment, 4);
  out.put(words << 4U, 1);
  out.put(segment.flags, 1);
  out.put(segment.window, 2);
  out.put(0, 4);  // checksum, urgent pointer
  out.put(segment.options.octets());
  while (out.at() % 4 != 2) out.put(0, 1);  // the header began 2 octets behind a word
}

}  // namespace

std::string Address::text() const {
  std::array<char, INET6_ADDRSTRLEN> text{};
  inet_ntop(v6 ? AF_INET6 : AF_INET, octets.data(), text.data(), text.size());
  return text.data();
}

void TcpOptions::put(std::uint64_t value, std::size_t width) {
  Cursor cursor{std::span(octets_).subspan(length_)};
  cursor.put(value, width);
  length_ += width;
}

void TcpOptions::maximum_segment_size(std::uint16_t octets) {
  put(0x0204, 2);
  put(octets, 2);
}

void TcpOptions::window_scale(std::uint8_t shift) {
  put(0x010303, 3);
  put(shift, 1);
}

void TcpOptions::timestamps(std::uint32_t value, std::uint32_t echo) {
  put(0x0101080a, 4);
  put(value, 4);
  put(echo, 4);
}

void TcpOptions::sack_permitted() { put(0x01010402, 4); }

void TcpOptions::sack(std::uint32_t left, std::uint32_t right) {
  put(0x0101050a, 4);
  put(left, 4);
  put(right, 4);
}

std::size_t write_frame(const Segment& segment, std::span<std::uint8_t> frame) {
  const std::size_t header = 20 + (segment.options.octets().size() + 3) / 4 * 4;
  const std::size_t tcp_length = header + segment.length;
  Cursor out(frame);
  put_ethernet(out, segment);
  if (segment.from.address.v6) {
    put_ipv6(out, segment, tcp_length);
  } else {
    put_ipv4(out, segment, frame, tcp_length);
  }
  const std::size_t tcp = out.at();
  put_tcp(out, segment);
  if (segment.length > 0)
    segment.payload->copy(segment.offset, frame.subspan(out.at(), segment.length));

  // The pseudo header: addresses, length and protocol have the same sum in IPv4 and IPv6.
  std::array<std::uint8_t, 4> pseudo{};
  Cursor(pseudo).put(tcp_length + IPPROTO_TCP, 4);
  Checksum checksum;
  checksum.add(address_octets(segment.from.address));
  checksum.add(address_octets(segment.to.address));
  checksum.add(pseudo);
  checksum.add(frame.subspan(tcp, tcp_length));
  checksum.store(&frame[tcp + 16]);

  // What comes from a wire has at least 60 octets (IEEE 802.3), the last ones padding.
  std::size_t end = tcp + tcp_length;
  while (end < kShortestFrame) frame[end++] = 0;
  return end;
}

}  // namespace mailglass::generate
