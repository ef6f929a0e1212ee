// SPDX-License-Identifier: BSD-3-Clause
// What makes two segments one flow: both addresses and ports, the VLANs, the tunnel. The key is the
// identity; its hash only says where to look.
#pragma once

#include <cstdint>
#include <cstring>

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

  bool operator==(const FlowKey& other) const {
    return std::memcmp(this, &other, sizeof *this) == 0;
  }
};
static_assert(sizeof(FlowKey) == 48 && std::has_unique_object_representations_v<FlowKey>);

struct KeyOf {
  FlowKey key;
  bool from_low;  // the segment was sent by the key's lower endpoint
};

inline KeyOf key_of(const wire::Segment& s) {
  const int order = std::memcmp(&s.source, &s.destination, sizeof(Address));
  const bool from_low = order < 0 || (order == 0 && s.source_port <= s.destination_port);
  FlowKey key;
  key.low = from_low ? s.source : s.destination;
  key.high = from_low ? s.destination : s.source;
  key.low_port = from_low ? s.source_port : s.destination_port;
  key.high_port = from_low ? s.destination_port : s.source_port;
  std::memcpy(key.vlan, s.lane.vlan, sizeof key.vlan);
  key.vlans = s.lane.vlans;
  key.tunnel = s.lane.tunnel;
  key.tunnel_id = s.lane.tunnel_id;
  return {key, from_low};
}

// A keyed hash of the key by folded 64 x 64 -> 128 bit multiplications (the construction of
// wyhash): about 15 cycles, and unpredictable to whoever does not know the seed.
std::uint64_t hash_of(const FlowKey& key, std::uint64_t seed);

// A flow's public number: the same for the same capture on any machine, below 2^53 so that every
// JSON reader keeps it exact.
std::uint64_t flow_id(const FlowKey& key, Tick first);

}  // namespace mailglass::flow
