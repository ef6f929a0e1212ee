// SPDX-License-Identifier: BSD-3-Clause
// Link layers, down to the IP header. Private to wire, see walk.h.
#pragma once

#include "wire/walk.h"

namespace mailglass::wire {

inline bool is_tag(std::uint16_t type) {
  return type == kTypeVlan || type == kTypeServiceVlan || type == kTypeOldQinq;
}

// What an EtherType names.
inline Layer below_link(Walk& walk, std::uint16_t type) {
  switch (type) {
    case kTypeIpv4:
      return Layer::ipv4;
    case kTypeIpv6:
      return Layer::ipv6;
    case kTypeVlan:
    case kTypeServiceVlan:
    case kTypeOldQinq:
      walk.below = type;
      return Layer::tags;
    case kTypeMpls:
    case kTypeMplsUpstream:
      return Layer::mpls;
    case kTypePppoe:
      return Layer::pppoe;
    default:
      return walk.ended(tally::Drop::link_unknown);
  }
}

inline void add_vlan(Lane& lane, std::uint16_t vid) {
  if (lane.vlans < kMaxVlans) {
    lane.vlan[lane.vlans++] = vid;
  } else {  // a tagged frame in a tunnel under tags: the lane has no place for more to be shown
    lane.tunnel_id = static_cast<std::uint32_t>(mixed(lane.tunnel_id, vid));
  }
}

// All tags of one Ethernet header; `walk.below` is the first one's.
inline Layer read_tags(Walk& walk) {
  std::uint16_t type = walk.below;
  for (std::size_t tags = 0; is_tag(type); ++tags) {
    if (tags == kMaxVlans) return walk.ended(tally::Drop::vlan_too_many);
    const auto* tag = overlay<VlanTag>(walk.content.captured);
    if (tag == nullptr) return walk.ended_inside(sizeof(VlanTag), tally::Drop::link_short);
    // VID 0 carries a priority and no VLAN (802.1Q section 9.6). Only one direction may have it,
    // so it must not tell two lanes apart.
    const std::uint16_t vid = tag->control.value() & 0x0fff;
    if (vid != 0) add_vlan(walk.segment.lane, vid);
    type = tag->type.value();
    walk.content = walk.content.behind(sizeof(VlanTag));
  }
  return below_link(walk, type);
}

inline Layer read_ethernet(Walk& walk) {
  const auto* ethernet = overlay<EthernetHeader>(walk.content.captured);
  if (ethernet == nullptr) [[unlikely]]
    return walk.ended_inside(sizeof(EthernetHeader), tally::Drop::link_short);
  walk.segment.ether = ethernet->destination;
  walk.content = walk.content.behind(sizeof(EthernetHeader));
  const std::uint16_t type = ethernet->type.value();
  if (type == kTypeIpv4) [[likely]]
    return Layer::ipv4;
  return below_link(walk, type);
}

// Linux cooked captures, v1 and v2: one MAC address at most, so `ether` stays unknown.
template <typename SllHeader>
Layer read_cooked(Walk& walk) {
  const auto* sll = overlay<SllHeader>(walk.content.captured);
  if (sll == nullptr) return walk.ended(tally::Drop::link_short);
  walk.content = walk.content.behind(sizeof(SllHeader));
  return below_link(walk, sll->type.value());
}

inline Layer read_raw(Walk& walk) {
  const Bytes packet = walk.content.captured;
  if (packet.empty()) return walk.ended(tally::Drop::ip_short);
  return packet[0] >> 4 == 6 ? Layer::ipv6 : Layer::ipv4;  // which names any other version
}

inline Layer below_loopback(Walk& walk, std::uint32_t family) {
  walk.content = walk.content.behind(sizeof(LoopbackHeader));
  switch (family) {
    case kFamilyIpv4:
      return Layer::ipv4;
    case kFamilyIpv6Linux:
    case kFamilyIpv6NetBsd:
    case kFamilyIpv6FreeBsd:
    case kFamilyIpv6Darwin:
      return Layer::ipv6;
    default:
      return walk.ended(tally::Drop::link_unknown);
  }
}

// The family lies in the capturing host's order, which the frame doesn't tell. Families are small
// numbers: read in the wrong order they have all their bits in the upper half.
inline std::uint32_t family_in_either_order(be32 family) {
  const std::uint32_t value = family.value();
  if (value < 0x10000) return value;
  return value >> 24 | (value >> 8 & 0xff00) | (value << 8 & 0xff0000) | value << 24;
}

inline Layer read_null(Walk& walk) {
  const auto* loopback = overlay<LoopbackHeader>(walk.content.captured);
  if (loopback == nullptr) return walk.ended(tally::Drop::link_short);
  return below_loopback(walk, family_in_either_order(loopback->family));
}

inline Layer read_loop(Walk& walk) {
  const auto* loopback = overlay<LoopbackHeader>(walk.content.captured);
  if (loopback == nullptr) return walk.ended(tally::Drop::link_short);
  return below_loopback(walk, loopback->family.value());
}

}  // namespace mailglass::wire
