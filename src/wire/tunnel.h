// SPDX-License-Identifier: BSD-3-Clause
// What carries one packet inside another. Private to wire, see walk.h.
#pragma once

#include "wire/ip.h"
#include "wire/link.h"

namespace mailglass::wire {

// RFC 3031 sets no bound; segment routing (RFC 8660) uses ten and more.
constexpr int kMaxLabels = 16;

// ---- MPLS ---------------------------------------------------------------------------------------

// Whether the Ethernet header of a pseudowire (RFC 4448) is at `at`, by its type. All of it is
// here.
inline bool looks_like_ethernet(Bytes octets, std::size_t at) {
  const std::uint16_t type = overlay<EthernetHeader>(octets.subspan(at))->type.value();
  return type == kTypeIpv4 || type == kTypeIpv6 || type == kTypeArp || type == kTypeMpls ||
         type == kTypePppoe || is_tag(type);
}

// Labels do not say what they label. The first four bits do, where they are a version or those of a
// control word (RFC 4385, RFC 4928); a pseudowire without one is told by its EtherType.
inline Layer below_labels(Walk& walk, TunnelId label) {
  constexpr std::size_t kControlWord = 4;
  const Bytes octets = walk.content.captured;
  if (octets.empty()) return walk.ended(tally::Drop::tunnel_short);
  if (octets[0] >= 0x45 && octets[0] <= 0x4f) {
    return enter(walk, TunnelType::mpls, label, Layer::ipv4);
  }
  if (octets[0] >> 4 == 6) return enter(walk, TunnelType::mpls, label, Layer::ipv6);
  const bool maybe_control = octets[0] >> 4 == 0;
  if (octets.size() < sizeof(EthernetHeader) + (maybe_control ? kControlWord : 0)) {
    return walk.ended(tally::Drop::tunnel_short);
  }
  if (maybe_control && looks_like_ethernet(octets, kControlWord)) {
    walk.content = walk.content.behind(kControlWord);
  } else if (!looks_like_ethernet(octets, 0)) {
    return walk.ended(tally::Drop::tunnel_unknown);
  }
  return enter(walk, TunnelType::mpls, label, Layer::ethernet);
}

inline Layer read_mpls(Walk& walk) {
  for (int labels = 0; labels < kMaxLabels; ++labels) {
    const auto* label = overlay<MplsLabel>(walk.content.captured);
    if (label == nullptr) return walk.ended_inside(sizeof(MplsLabel), tally::Drop::tunnel_short);
    const std::uint32_t entry = label->entry.value();
    walk.content = walk.content.behind(sizeof(MplsLabel));
    if ((entry & kBottomOfStack) != 0) return below_labels(walk, {true, entry >> 12});
  }
  return walk.ended(tally::Drop::tunnel_depth);
}

// ---- PPPoE --------------------------------------------------------------------------------------

inline Layer read_pppoe(Walk& walk) {
  const auto* pppoe = overlay<PppoeHeader>(walk.content.captured);
  if (pppoe == nullptr) return walk.ended_inside(sizeof(PppoeHeader), tally::Drop::tunnel_short);
  const std::size_t length = pppoe->length.value();
  constexpr std::size_t kProtocol = sizeof pppoe->protocol;
  if (pppoe->version_and_type != 0x11 || pppoe->code != 0 || length < kProtocol ||
      length - kProtocol > walk.content.declared - sizeof(PppoeHeader)) {
    return walk.ended(tally::Drop::tunnel_malformed);
  }
  walk.content = walk.content.behind(sizeof(PppoeHeader)).first(length - kProtocol);
  const TunnelId session{true, pppoe->session.value()};
  switch (pppoe->protocol.value()) {
    case kPppIpv4:
      return enter(walk, TunnelType::pppoe, session, Layer::ipv4);
    case kPppIpv6:
      return enter(walk, TunnelType::pppoe, session, Layer::ipv6);
    default:  // LCP, IPCP, ...
      return walk.ended(tally::Drop::tunnel_unknown);
  }
}

// ---- GRE and ERSPAN -----------------------------------------------------------------------------

inline Layer read_erspan(Walk& walk, bool numbered) {
  if (!numbered) return enter(walk, TunnelType::erspan, kNoId, Layer::ethernet);  // type I
  const auto* erspan = overlay<ErspanHeader>(walk.content.captured);
  if (erspan == nullptr) return walk.ended_inside(sizeof(ErspanHeader), tally::Drop::tunnel_short);
  if (erspan->version_and_vlan.byte[0] >> 4 != 1) {
    return walk.ended(tally::Drop::tunnel_malformed);
  }
  walk.content = walk.content.behind(sizeof(ErspanHeader));
  return enter(walk, TunnelType::erspan, {true, erspan->session.value() & 0x3ffu}, Layer::ethernet);
}

inline Layer read_erspan3(Walk& walk) {
  const auto* erspan = overlay<Erspan3Header>(walk.content.captured);
  if (erspan == nullptr) return walk.ended_inside(sizeof(Erspan3Header), tally::Drop::tunnel_short);
  if (erspan->version_and_vlan.byte[0] >> 4 != 2) {
    return walk.ended(tally::Drop::tunnel_malformed);
  }
  const std::uint16_t kind = erspan->kind.value();
  const std::size_t header = sizeof(Erspan3Header) + ((kind & kErspanSubheader) != 0 ? 8u : 0u);
  if (header > walk.content.captured.size()) {
    return walk.ended_inside(header, tally::Drop::tunnel_short);
  }
  walk.content = walk.content.behind(header);
  const TunnelId session{true, erspan->session.value() & 0x3ffu};
  switch ((kind & kErspanFrameType) >> 10) {
    case 0:
      return enter(walk, TunnelType::erspan, session, Layer::ethernet);
    case 2:
      return enter(walk, TunnelType::erspan, session, Layer::raw);
    default:
      return walk.ended(tally::Drop::tunnel_unknown);
  }
}

// What GRE and GENEVE name by EtherType.
inline Layer enter_typed(Walk& walk, TunnelType tunnel, TunnelId id, std::uint16_t type) {
  switch (type) {
    case kTypeIpv4:
      return enter(walk, tunnel, id, Layer::ipv4);
    case kTypeIpv6:
      return enter(walk, tunnel, id, Layer::ipv6);
    case kTypeEthernet:
      return enter(walk, tunnel, id, Layer::ethernet);
    case kTypeMpls:
    case kTypeMplsUpstream:
      return enter(walk, tunnel, id, Layer::mpls);
    default:
      return walk.ended(tally::Drop::tunnel_unknown);
  }
}

inline Layer read_gre(Walk& walk) {
  const auto* gre = overlay<GreHeader>(walk.content.captured);
  if (gre == nullptr) return walk.ended_inside(sizeof(GreHeader), tally::Drop::tunnel_short);
  const std::uint16_t flags = gre->flags_and_version.value();
  // Version 1 is PPTP's (RFC 2637), routing RFC 1701's.
  if ((flags & (kGreVersion | kGreRouting)) != 0) return walk.ended(tally::Drop::tunnel_unknown);
  const std::size_t key_at = sizeof(GreHeader) + ((flags & kGreChecksum) != 0 ? 4u : 0u);
  const bool keyed = (flags & kGreKey) != 0;
  const bool numbered = (flags & kGreSequence) != 0;
  const std::size_t header = key_at + (keyed ? 4u : 0u) + (numbered ? 4u : 0u);
  if (header > walk.content.captured.size()) {
    return walk.ended_inside(header, tally::Drop::tunnel_short);
  }
  TunnelId id = kNoId;
  if (keyed) id = {true, overlay<be32>(walk.content.captured.subspan(key_at))->value()};
  walk.content = walk.content.behind(header);
  const std::uint16_t type = gre->protocol.value();
  if (type == kTypeErspan) return read_erspan(walk, numbered);
  if (type == kTypeErspan3) return read_erspan3(walk);
  return enter_typed(walk, TunnelType::gre, id, type);
}

// ---- IP in IP -----------------------------------------------------------------------------------

inline Layer read_inner_ipv4(Walk& walk) {
  const bool mixed = walk.segment.ipv6;
  return enter(walk, mixed ? TunnelType::four_in_6 : TunnelType::ip_in_ip, kNoId, Layer::ipv4);
}

inline Layer read_inner_ipv6(Walk& walk) {
  const bool mixed = !walk.segment.ipv6;
  return enter(walk, mixed ? TunnelType::six_in_4 : TunnelType::ip_in_ip, kNoId, Layer::ipv6);
}

// ---- tunnels over UDP ---------------------------------------------------------------------------

inline Layer read_vxlan(Walk& walk) {
  const auto* vxlan = overlay<VxlanHeader>(walk.content.captured);
  if (vxlan == nullptr) return walk.ended_inside(sizeof(VxlanHeader), tally::Drop::tunnel_short);
  // RFC 7348: the flag must be set. Without it this is somebody else using the port.
  if ((vxlan->flags & kVxlanHasNetwork) == 0) return walk.ended(tally::Drop::udp);
  walk.content = walk.content.behind(sizeof(VxlanHeader));
  return enter(walk, TunnelType::vxlan, {true, vxlan->network.value() >> 8}, Layer::ethernet);
}

inline Layer read_geneve(Walk& walk) {
  const auto* geneve = overlay<GeneveHeader>(walk.content.captured);
  if (geneve == nullptr) return walk.ended_inside(sizeof(GeneveHeader), tally::Drop::tunnel_short);
  if (geneve->version_and_length >> 6 != 0) return walk.ended(tally::Drop::udp);
  const std::size_t header = sizeof(GeneveHeader) + geneve->version_and_length % 64u * 4;
  if (header > walk.content.captured.size()) {
    return walk.ended_inside(header, tally::Drop::tunnel_short);
  }
  walk.content = walk.content.behind(header);
  const TunnelId network{true, geneve->network.value() >> 8};
  return enter_typed(walk, TunnelType::geneve, network, geneve->protocol.value());
}

// UDP that is no tunnel is none of ours, broken or not. Its checksum covers the tunnel's content,
// which has its own, and is 0 for most tunnels: it is not looked at.
inline Layer read_udp(Walk& walk) {
  const auto* udp = overlay<UdpHeader>(walk.content.captured);
  if (udp == nullptr) return walk.ended(tally::Drop::udp);
  const std::uint16_t port = udp->destination_port.value();
  if (!is_tunnel_port(walk.limits(), port)) return walk.ended(tally::Drop::udp);
  const std::size_t length = udp->length.value();
  if (length < sizeof(UdpHeader) || length > walk.content.declared) {
    return walk.ended(tally::Drop::tunnel_malformed);
  }
  walk.content = walk.content.first(length).behind(sizeof(UdpHeader));
  return port == kPortGeneve ? Layer::geneve : Layer::vxlan;
}

}  // namespace mailglass::wire
