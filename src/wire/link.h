// SPDX-License-Identifier: BSD-3-Clause
// Link layers, down to the IP header. Private to wire, see tcp.h.
#pragma once

#include "wire/ip.h"

namespace mailglass::wire {

inline bool is_tag(std::uint16_t type) {
  return type == kTypeVlan || type == kTypeServiceVlan || type == kTypeOldQinq;
}

// The last step of every link layer that names its content by EtherType.
inline tally::Drop parse_network(std::uint16_t type, Bytes packet, Segment& segment) {
  if (type == kTypeIpv4) [[likely]]
    return parse_ipv4(packet, segment);
  if (type == kTypeIpv6) return parse_ipv6(packet, segment);
  return tally::Drop::link_unknown;
}

// `type` is a tag's, `rest` begins with its contents.
[[gnu::noinline]] inline tally::Drop parse_tagged(std::uint16_t type, Bytes rest,
                                                  Segment& segment) {
  using tally::Drop;
  Lane& lane = segment.lane;
  for (std::size_t tags = 0; is_tag(type); ++tags) {
    if (tags == kMaxVlans) return Drop::vlan_too_many;
    const auto* tag = overlay<VlanTag>(rest);
    if (tag == nullptr) return Drop::link_short;
    // VID 0 carries a priority and no VLAN (802.1Q section 9.6). Only one direction may have it,
    // so it must not tell two lanes apart.
    const std::uint16_t vid = tag->control.value() & 0x0fff;
    if (vid != 0) lane.vlan[lane.vlans++] = vid;
    type = tag->type.value();
    rest = rest.subspan(sizeof(VlanTag));
  }
  return parse_network(type, rest, segment);
}

inline tally::Drop parse_ethernet(Bytes frame, Segment& segment) {
  const auto* ethernet = overlay<EthernetHeader>(frame);
  if (ethernet == nullptr) [[unlikely]]
    return tally::Drop::link_short;
  segment.ether = ethernet->destination;
  const Bytes rest = frame.subspan(sizeof(EthernetHeader));
  const std::uint16_t type = ethernet->type.value();
  if (type == kTypeIpv4) [[likely]]
    return parse_ipv4(rest, segment);
  return parse_tagged(type, rest, segment);
}

// Linux cooked captures, v1 and v2: one MAC address at most, so `ether` stays unknown.
template <typename SllHeader>
tally::Drop parse_cooked(Bytes frame, Segment& segment) {
  const auto* sll = overlay<SllHeader>(frame);
  if (sll == nullptr) return tally::Drop::link_short;
  return parse_tagged(sll->type.value(), frame.subspan(sizeof(SllHeader)), segment);
}

inline tally::Drop parse_raw(Bytes packet, Segment& segment) {
  if (packet.empty()) return tally::Drop::ip_short;
  if (packet[0] >> 4 == 6) return parse_ipv6(packet, segment);
  return parse_ipv4(packet, segment);  // names any other version
}

inline tally::Drop parse_loopback(std::uint32_t family, Bytes packet, Segment& segment) {
  switch (family) {
    case kFamilyIpv4:
      return parse_ipv4(packet, segment);
    case kFamilyIpv6Linux:
    case kFamilyIpv6NetBsd:
    case kFamilyIpv6FreeBsd:
    case kFamilyIpv6Darwin:
      return parse_ipv6(packet, segment);
    default:
      return tally::Drop::link_unknown;
  }
}

// The family lies in the capturing host's order, which the frame doesn't tell. Families are small
// numbers: read in the wrong order they have all their bits in the upper half.
inline std::uint32_t family_in_either_order(be32 family) {
  const std::uint32_t value = family.value();
  if (value < 0x10000) return value;
  return value >> 24 | (value >> 8 & 0xff00) | (value << 8 & 0xff0000) | value << 24;
}

inline tally::Drop parse_null(Bytes frame, Segment& segment) {
  const auto* loopback = overlay<LoopbackHeader>(frame);
  if (loopback == nullptr) return tally::Drop::link_short;
  return parse_loopback(family_in_either_order(loopback->family),
                        frame.subspan(sizeof(LoopbackHeader)), segment);
}

inline tally::Drop parse_loop(Bytes frame, Segment& segment) {
  const auto* loopback = overlay<LoopbackHeader>(frame);
  if (loopback == nullptr) return tally::Drop::link_short;
  return parse_loopback(loopback->family.value(), frame.subspan(sizeof(LoopbackHeader)), segment);
}

}  // namespace mailglass::wire
