// SPDX-License-Identifier: BSD-3-Clause
// IPv4 and IPv6 headers down to the transport protocol. Private to wire, see tcp.h.
#pragma once

#include "wire/tcp.h"

namespace mailglass::wire {

// RFC 8200 sets no bound. Its recommended order is seven headers long (section 4.1).
constexpr int kMaxExtensions = 8;

// The first `declared` octets of what was captured: Ethernet pads short frames to 60 octets.
inline IpPayload declared_part(Bytes captured, std::size_t declared) {
  return {captured.first(captured.size() < declared ? captured.size() : declared), declared};
}

inline tally::Drop reason_for(std::uint8_t protocol) {
  using tally::Drop;
  switch (protocol) {
    case kUdp:
      return Drop::udp;
    case kIcmp:
    case kIcmpv6:
      return Drop::icmp;
    case kIpInIp:
    case kIpv6InIp:
    case kGre:
    case kEtherIp:
    case kL2tp:
    case kMplsInIp:
    case kEthernetIn6:
      return Drop::tunnel;
    default:
      return Drop::not_tcp;
  }
}

inline tally::Drop parse_ipv4(Bytes packet, Segment& segment) {
  using tally::Drop;
  const auto* ip = overlay<Ipv4Header>(packet);
  if (ip == nullptr) [[unlikely]]
    return Drop::ip_short;
  if (ip->version_and_length >> 4 != 4) return Drop::ip_version;

  const std::size_t header = std::size_t{ip->version_and_length} % 16 * 4;
  // The sending host captures segments that its NIC has yet to cut (TSO); where such a packet is
  // over 64 KiB, or the driver fills the length in late, it says 0: the rest of the frame.
  std::size_t total = ip->total_length.value();
  if (total == 0) total = packet.size();
  if (header < sizeof(Ipv4Header)) return Drop::ip_header_length;
  if (total < sizeof(Ipv4Header)) return Drop::ip_total_length;
  if (header > total) return Drop::ip_header_length;
  if (header > packet.size()) return Drop::ip_short;
  if ((ip->flags_and_offset.value() & 0x3fff) != 0) return Drop::ip_fragment;
  if (ip->protocol != kTcp) [[unlikely]]
    return reason_for(ip->protocol);

  segment.ipv6 = false;
  segment.source = Address::v4(ip->source);
  segment.destination = Address::v4(ip->destination);
  return parse_tcp(declared_part(packet.subspan(header), total - header), segment);
}

inline bool is_extension(std::uint8_t next_header) {
  switch (next_header) {
    case kHopByHop:
    case kRouting:
    case kFragment:
    case kAuthentication:
    case kDestinationOptions:
      return true;
    default:  // ESP hides what follows; mobility (RFC 6275) has nothing behind it
      return false;
  }
}

inline std::size_t octets_of(std::uint8_t kind, const Ipv6Extension& extension) {
  switch (kind) {
    case kFragment:
      return 8;
    case kAuthentication:  // RFC 4302 section 2.2
      return (std::size_t{extension.length} + 2) * 4;
    default:
      return (std::size_t{extension.length} + 1) * 8;
  }
}

// Walks the headers between IPv6 and TCP (RFC 8200 section 4).
[[gnu::noinline]] inline tally::Drop parse_extensions(std::uint8_t next, IpPayload payload,
                                                      Segment& segment) {
  using tally::Drop;
  for (int headers = 0; is_extension(next); ++headers) {
    if (headers == kMaxExtensions) return Drop::ip6_extension;
    if (next == kHopByHop && headers != 0) return Drop::ip6_extension;  // section 4.1: only first
    const auto* extension = overlay<Ipv6Extension>(payload.captured);
    if (extension == nullptr) {
      return payload.declared < sizeof(Ipv6Extension) ? Drop::ip6_extension : Drop::ip_short;
    }
    // RFC 6946: offset 0 and no more to come is a whole packet, to be taken as it is.
    if (next == kFragment && (extension->fragment_offset_and_more.value() & 0xfff9) != 0) {
      return Drop::ip_fragment;
    }
    const std::size_t octets = octets_of(next, *extension);
    if (octets > payload.declared) return Drop::ip6_extension;
    if (octets > payload.captured.size()) return Drop::ip_short;
    next = extension->next_header;
    payload = {payload.captured.subspan(octets), payload.declared - octets};
  }
  if (next != kTcp) return reason_for(next);
  return parse_tcp(payload, segment);
}

inline tally::Drop parse_ipv6(Bytes packet, Segment& segment) {
  using tally::Drop;
  const auto* ip = overlay<Ipv6Header>(packet);
  if (ip == nullptr) [[unlikely]]
    return Drop::ip_short;
  if (ip->version_class_flow.byte[0] >> 4 != 6) return Drop::ip_version;

  const Bytes behind = packet.subspan(sizeof(Ipv6Header));
  // 0 is a jumbogram (RFC 2675), or as in IPv4 an offloaded packet, with or without the jumbo
  // option according to the sender's kernel. Both are the rest of the frame: no TCP header fits
  // in 0 octets, and Ethernet pads nothing of that size.
  std::size_t declared = ip->payload_length.value();
  if (declared == 0) declared = behind.size();

  segment.ipv6 = true;
  segment.source = Address::v6(ip->source);
  segment.destination = Address::v6(ip->destination);
  const IpPayload payload = declared_part(behind, declared);
  if (ip->next_header == kTcp) [[likely]]
    return parse_tcp(payload, segment);
  return parse_extensions(ip->next_header, payload, segment);
}

}  // namespace mailglass::wire
