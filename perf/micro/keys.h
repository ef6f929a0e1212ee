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

// Key `n` of a set of different IPv4 flows to one server.
inline flow::KeyOf key_number(std::uint32_t n) {
  const std::uint8_t client[] = {10, static_cast<std::uint8_t>(n >> 16),
                                 static_cast<std::uint8_t>(n >> 8), static_cast<std::uint8_t>(n)};
  const std::uint8_t server[] = {192, 0, 2, 25};
  wire::Segment segment;
  segment.source = Address::v4(client);
  segment.destination = Address::v4(server);
  segment.source_port = static_cast<std::uint16_t>(1024 + n % 60000);
  segment.destination_port = 25;
  return flow::key_of(segment);
}

// Which of the flows the packets belong to, in the order of arrival: any, each equally often.
inline std::vector<flow::FlowKey> arrivals(std::vector<flow::FlowKey> keys) {
  std::shuffle(keys.begin(), keys.end(), std::mt19937_64(kSeed));
  keys.resize(keys.size() / kBurst * kBurst);
  return keys;
}

}  // namespace mailglass::perf
