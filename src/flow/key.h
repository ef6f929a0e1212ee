// SPDX-License-Identifier: BSD-3-Clause
// What makes two segments one flow: both addresses and ports, the VLANs, the tunnel. The key is the
// identity; its hash only says where to look.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

#include "base/mix.h"
#include "wire/segment.h"

namespace mailglass::flow {

// Both directions of a flow have one key: the lower endpoint comes first, whoever speaks.
struct FlowKey {
  Address low, high;
  std::uint16_t low_port = 0, high_port = 0;
  std::uint16_t vlan[wire::kMaxVlans] = {};
  std::uint8_t vlans = 0;
  std::uint8_t tunnel = 0;
  std::uint32_t tunnel_id = 0;  // no padding anywhere: the key is compared and hashed as words

  std::array<std::uint64_t, 6> words() const {
    return std::bit_cast<std::array<std::uint64_t, 6>>(*this);
  }

  bool operator==(const FlowKey& other) const {
    const auto mine = words(), its = other.words();
    std::uint64_t differ = 0;
    for (std::size_t i = 0; i < mine.size(); ++i) differ |= mine[i] ^ its[i];
    return differ == 0;
  }
};
static_assert(sizeof(FlowKey) == 48 && std::has_unique_object_representations_v<FlowKey>);

struct KeyOf {
  FlowKey key;
  bool from_low;  // the segment was sent by the key's lower endpoint
};

// In words, each made of registers: whoever hashes the key need not wait for parts of it.
inline KeyOf key_of(const wire::Segment& s) {
  const bool from_low =
      s.source == s.destination ? s.source_port <= s.destination_port : s.source < s.destination;
  const auto source = s.source.words(), destination = s.destination.words();
  const auto& low = from_low ? source : destination;
  const auto& high = from_low ? destination : source;
  const std::uint64_t low_port = from_low ? s.source_port : s.destination_port;
  const std::uint64_t high_port = from_low ? s.destination_port : s.source_port;
  const wire::Lane& lane = s.lane;
  const std::array<std::uint64_t, 6> words = {
      low[0],
      low[1],
      high[0],
      high[1],
      low_port | high_port << 16 | std::uint64_t{lane.vlan[0]} << 32 |
          std::uint64_t{lane.vlan[1]} << 48,
      lane.vlan[2] | std::uint64_t{lane.vlans} << 16 | std::uint64_t{lane.tunnel} << 24 |
          std::uint64_t{lane.tunnel_id} << 32};
  return {std::bit_cast<FlowKey>(words), from_low};
}

// Odd constants with balanced bits: the first digits of pi.
constexpr std::uint64_t kPi[] = {0x243f6a8885a308d3, 0x13198a2e03707345, 0xa4093822299f31d1,
                                 0x082efa98ec4e6c89, 0x452821e638d01377, 0xbe5466cf34e90c6d};

// A keyed hash of the key by folded 64 x 64 -> 128 bit multiplications (the construction of
// wyhash): about 15 cycles, and unpredictable to whoever does not know the seed.
inline std::uint64_t hash_of(const FlowKey& key, std::uint64_t seed) {
  const auto word = key.words();
  const std::uint64_t a = fold(word[0] ^ kPi[0] ^ seed, word[1] ^ kPi[1]);
  const std::uint64_t b = fold(word[2] ^ kPi[2] ^ seed, word[3] ^ kPi[3]);
  const std::uint64_t c = fold(word[4] ^ kPi[4] ^ seed, word[5] ^ kPi[5]);
  return fold(a ^ b ^ kPi[1], c ^ seed ^ kPi[0]);
}

// A flow's public number: the same for the same capture on any machine, below 2^53 so that every
// JSON reader keeps it exact.
std::uint64_t flow_id(const FlowKey& key, Tick first);

}  // namespace mailglass::flow
