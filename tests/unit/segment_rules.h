// SPDX-License-Identifier: BSD-3-Clause
// What holds for whatever `decode` makes of any one frame. Shared by unit tests and the fuzzer.
#pragma once

#include <algorithm>
#include <cstring>

#include "tests/support/wire_rig.h"

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
         a.payload.size() == b.payload.size() && a.length == b.length && a.ether == b.ether &&
         a.checksum == b.checksum && a.frame_octets == b.frame_octets &&
         a.tunnel.type == b.tunnel.type && a.tunnel.has_id == b.tunnel.has_id &&
         a.tunnel.ipv6 == b.tunnel.ipv6 && a.tunnel.id == b.tunnel.id &&
         a.tunnel.ends == b.tunnel.ends;
}

inline const char* broken_lane_rule(const wire::Lane& lane) {
  if (lane.vlans > wire::kMaxVlans) return "no more VLANs than the lane holds";
  for (std::size_t i = 0; i < wire::kMaxVlans; ++i) {
    if (lane.vlan[i] > 0xfff) return "a VID has 12 bits";
    if ((lane.vlan[i] != 0) != (i < lane.vlans)) return "VLANs used are not 0, the others are";
  }
  if (lane.tunnel > static_cast<unsigned>(TunnelType::four_in_6)) return "a tunnel has a type";
  const bool plain = lane.tunnel == 0 && lane.vlans < wire::kMaxVlans;
  return plain && lane.tunnel_id != 0 ? "an id belongs to a tunnel" : nullptr;
}

inline const char* broken_tunnel_rule(Bytes frame, const wire::Segment& segment) {
  const wire::Tunnel& tunnel = segment.tunnel;
  if (tunnel.type == TunnelType::none && segment.lane.tunnel != 0) return "a lane has its tunnel";
  if (tunnel.ends == nullptr) return nullptr;
  const std::uint8_t* end = frame.data() + frame.size();
  if (tunnel.ends < frame.data() || tunnel.ends + (tunnel.ipv6 ? 32 : 8) > end) {
    return "a tunnel's ends lie in the frame";
  }
  return nullptr;
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
  if (link == wire::LinkType::kEthernet && segment.ether == nullptr) return "Ethernet has MACs";
  if (segment.ether != nullptr && (segment.ether < begin || segment.ether + 14 > end)) {
    return "MACs lie in the frame";
  }
  if (const char* broken = broken_tunnel_rule(frame, segment)) return broken;
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

inline tally::Drop decode_alone(wire::LinkType link, Bytes frame, wire::Segment& segment,
                                wire::Checksums checksums = wire::Checksums::automatic) {
  static const auto memory = std::make_unique_for_overwrite<WireRig::Memory>();
  wire::Limits limits = small_wire();
  limits.checksums = checksums;
  WireRig rig(limits, *memory);
  return rig.decode(link, {frame, Tick{7}}, segment);
}

// Decodes twice over different rubbish; returns the broken rule, or null. `drop` gets the fate.
inline const char* broken_rule(wire::LinkType link, Bytes frame, tally::Drop& drop) {
  wire::Segment first = stale_segment(0x00);
  wire::Segment second = stale_segment(0x01);
  drop = decode_alone(link, frame, first);
  if (decode_alone(link, frame, second) != drop) return "the same frame, the same fate";
  if (drop != tally::Drop::none) return nullptr;
  if (!same(first, second)) return "every field is written";
  if (first.time != Tick{7}) return "the segment has the frame's time";
  return broken_rule(link, frame, first);
}

}  // namespace mailglass::test
