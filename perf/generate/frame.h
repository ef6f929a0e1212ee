// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "payload.h"

namespace mailglass::generate {

struct Address {
  bool v6 = false;
  std::array<std::uint8_t, 16> octets{};  // the first four for IPv4
  std::string text() const;               // RFC 5952, dotted for IPv4
};

// One end of a flow.
struct Host {
  std::array<std::uint8_t, 6> mac{};
  Address address;
  std::uint16_t port = 0;
  std::uint8_t hops = 64;  // TTL or hop limit where the tap is
};

// RFC 9293 section 3.1.
inline constexpr std::uint8_t kFin = 0x01;
inline constexpr std::uint8_t kSyn = 0x02;
inline constexpr std::uint8_t kPsh = 0x08;
inline constexpr std::uint8_t kAck = 0x10;

// TCP options, put one after another; the writer pads them to 32-bit words.
class TcpOptions {
 public:
  void maximum_segment_size(std::uint16_t octets);           // RFC 9293 section 3.7.1
  void window_scale(std::uint8_t shift);                     // RFC 7323 section 2
  void timestamps(std::uint32_t value, std::uint32_t echo);  // RFC 7323 section 3, aligned
  void sack_permitted();                                     // RFC 2018 section 2
  void sack(std::uint32_t left, std::uint32_t right);        // RFC 2018 section 3, one block
  std::span<const std::uint8_t> octets() const { return std::span(octets_).first(length_); }

 private:
  void put(std::uint64_t value, std::size_t width);
  std::array<std::uint8_t, 40> octets_{};
  std::size_t length_ = 0;
};

struct Segment {
  const Host& from;
  const Host& to;
  std::uint16_t vlan = 0;  // 0: no tag
  std::uint16_t ip_id = 0;
  std::uint32_t sequence = 0;
  std::uint32_t acknowledgment = 0;
  std::uint8_t flags = 0;
  std::uint16_t window = 0;
  const TcpOptions& options;
  const Payload* payload = nullptr;  // with its part [offset, offset + length)
  std::size_t offset = 0;
  std::size_t length = 0;
};

// Writes Ethernet, IP and TCP with their checksums and returns the length of the frame.
// `frame` holds at least 118 octets more than the data.
std::size_t write_frame(const Segment& segment, std::span<std::uint8_t> frame);

}  // namespace mailglass::generate
