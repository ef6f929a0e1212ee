// SPDX-License-Identifier: BSD-3-Clause
// What holds for whatever `decode` makes of any frame. Shared by unit tests and the fuzzer.
#pragma once

#include <algorithm>
#include <cstring>

#include "wire/decode.h"

namespace mailglass::test {

// A segment full of rubbish, so that a field left unwritten shows.
inline wire::Segment stale_segment(int octet) {
  wire::Segment segment;
  std::memset(static_cast<void*>(&segment), octet, sizeof segment);
  return segment;
}

inline bool same(const wire::Segment& a, const wire::Segment& b) {
  return a.time == b.time && a.source == b.source && a.destination == b.destination &&
         a.source_port == b.source_port && a.destination_port == b.destination_port &&
         a.lane == b.lane && a.seq == b.seq && a.ack == b.ack && a.window == b.window &&
         a.flags == b.flags && a.ipv6 == b.ipv6 && a.payload.data() == b.payload.data() &&
         a.payload.size() == b.payload.size() && a.length == b.length && a.ether == b.ether;
}

inline const char* broken_lane_rule(const wire::Lane& lane) {
  if (lane.vlans > wire::kMaxVlans) return "no more VLANs than the lane holds";
  for (std::size_t i = 0; i < wire::kMaxVlans; ++i) {
    if (lane.vlan[i] > 0xfff) return "a VID has 12 bits";
    if ((lane.vlan[i] != 0) != (i < lane.vlans)) return "VLANs used are not 0, the others are";
  }
  return lane.tunnel == 0 && lane.tunnel_id == 0 ? nullptr : "no tunnels yet";
}

// The rule that `segment`, decoded from `frame`, breaks; null when it is sound.
inline const char* broken_rule(wire::LinkType link, Bytes frame, const wire::Segment& segment) {
  const std::uint8_t* begin = frame.data();
  const std::uint8_t* end = begin + frame.size();
  const Bytes payload = segment.payload;
  if (payload.data() < begin + 40 || payload.data() > end) return "payload begins in the frame";
  if (payload.size() > static_cast<std::size_t>(end - payload.data())) return "payload ends in it";
  if (segment.length < payload.size()) return "never more captured than declared";
  if (segment.length > payload.size() && payload.data() + payload.size() != end) {
    return "only the end of the frame cuts a payload";
  }
  const bool ethernet = link == wire::LinkType::kEthernet;
  if (segment.ether != (ethernet ? begin : nullptr)) return "MACs are known on Ethernet only";
  static constexpr std::uint8_t kMapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  for (const Address* address : {&segment.source, &segment.destination}) {
    if (!segment.ipv6 && !std::equal(kMapped, kMapped + 12, address->octet.begin())) {
      return "IPv4 addresses are mapped";
    }
  }
  if (!segment.has(wire::kSyn) && !segment.has(wire::kRst) && !segment.has(wire::kAck)) {
    return "a receiver would take it";
  }
  return broken_lane_rule(segment.lane);
}

// Decodes twice over different rubbish; returns the broken rule, or null. `drop` gets the fate.
inline const char* broken_rule(wire::LinkType link, Bytes frame, tally::Drop& drop) {
  wire::Segment first = stale_segment(0x00);
  wire::Segment second = stale_segment(0x01);
  drop = wire::decode(link, {frame, Tick{7}}, first);
  if (wire::decode(link, {frame, Tick{7}}, second) != drop) return "the same frame, the same fate";
  if (drop != tally::Drop::none) return nullptr;
  if (!same(first, second)) return "every field is written";
  if (first.time != Tick{7}) return "the segment has the frame's time";
  return broken_rule(link, frame, first);
}

}  // namespace mailglass::test
