// SPDX-License-Identifier: BSD-3-Clause
// Frames for loads that a generator of honest dialogues does not have: Ethernet, IPv4 and TCP with
// whatever numbers, quickly. Checksums are left out: hand the frames over as verified by a NIC.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

namespace mailglass::perf {

struct Forged {
  std::uint32_t source = 0, destination = 0;  // IPv4
  std::uint16_t source_port = 0, destination_port = 0;
  std::uint32_t seq = 0, ack = 0;
  std::uint8_t flags = 0;
  std::uint16_t id = 0;        // IPv4 identification
  std::uint16_t fragment = 0;  // IPv4 flags and offset, as the header has them
  std::string_view payload{};
};

constexpr std::size_t kForgedHeaders = 14 + 20 + 20;
constexpr std::size_t kShortestFrame = 60;  // IEEE 802.3, without its checksum

// Writes the frame and returns its octets; `out` has room for the headers, the payload and padding.
inline std::size_t forge(const Forged& f, std::span<std::uint8_t> out) {
  std::uint8_t* at = out.data();
  const auto put16 = [&at](std::size_t value) {
    *at++ = static_cast<std::uint8_t>(value >> 8);
    *at++ = static_cast<std::uint8_t>(value);
  };
  const auto put32 = [&put16](std::uint32_t value) { put16(value >> 16), put16(value & 0xffff); };
  static constexpr std::uint8_t kEther[] = {2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0};
  at = std::copy(std::begin(kEther), std::end(kEther), at);
  put16(0x4500);
  put16(40 + f.payload.size());
  put16(f.id);
  put16(f.fragment);
  put32(64u << 24 | 6u << 16);  // TTL, TCP
  put32(f.source);
  put32(f.destination);
  put16(f.source_port);
  put16(f.destination_port);
  put32(f.seq);
  put32(f.ack);
  put16(5u << 12 | f.flags);
  put16(64'000);
  put32(0);
  at = std::copy(f.payload.begin(), f.payload.end(), at);
  const auto end = static_cast<std::size_t>(at - out.data());
  if (end < kShortestFrame) std::memset(at, 0, kShortestFrame - end);
  return std::max(end, kShortestFrame);
}

}  // namespace mailglass::perf
