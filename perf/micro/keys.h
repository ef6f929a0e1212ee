// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cstdint>
#include <random>
#include <vector>

#include "flow/key.h"

namespace mailglass::perf {

constexpr std::size_t kBurst = 32;
constexpr std::uint32_t kMaxFlows = 1u << 20;  // the shipped capacity of one worker
constexpr std::uint64_t kSeed = 0x5eed;

// Where flow `n` of a set of different IPv4 flows to one server comes from.
inline std::uint32_t client_number(std::uint32_t n) { return 10u << 24 | n; }
inline std::uint16_t port_number(std::uint32_t n) {
  return static_cast<std::uint16_t>(1024 + n % 60000);
}
constexpr std::uint32_t kServer = 192u << 24 | 2u << 8 | 80;  // 192.0.2.80, RFC 5737
constexpr std::uint16_t kServerPort = 80;

inline Address v4(std::uint32_t address) {
  const std::uint8_t octets[] = {
      static_cast<std::uint8_t>(address >> 24), static_cast<std::uint8_t>(address >> 16),
      static_cast<std::uint8_t>(address >> 8), static_cast<std::uint8_t>(address)};
  return Address::v4(octets);
}

inline flow::KeyOf key_number(std::uint32_t n) {
  wire::Segment segment;
  segment.source = v4(client_number(n));
  segment.destination = v4(kServer);
  segment.source_port = port_number(n);
  segment.destination_port = kServerPort;
  return flow::key_of(segment);
}

// Which of the flows the packets belong to, in the order of arrival: any, each equally often.
inline std::vector<flow::FlowKey> arrivals(std::vector<flow::FlowKey> keys) {
  std::shuffle(keys.begin(), keys.end(), std::mt19937_64(kSeed));
  keys.resize(keys.size() / kBurst * kBurst);
  return keys;
}

}  // namespace mailglass::perf
