// SPDX-License-Identifier: BSD-3-Clause
// IPv4 and IPv6 headers down to the transport protocol. Private to wire, see walk.h.
#pragma once

#include "wire/tcp.h"
#include "wire/tunnel_headers.h"

namespace mailglass::wire {

// RFC 8200 sets no bound. Its recommended order is seven headers long (section 4.1).
constexpr int kMaxExtensions = 8;

// RFC 791 section 3.2: every link carries 68 octets; RFC 8200 section 5: 1280. Nobody has to make
// smaller fragments, but the last.
constexpr std::size_t kLeastMtu4 = 68, kLeastMtu6 = 1280;

// Why a packet with this protocol can hold no TCP. Not for kTcp and what may carry it.
inline tally::Drop reason_for(std::uint8_t protocol) {
  using tally::Drop;
  switch (protocol) {
    case kUdp:
      return Drop::udp;
    case kIcmp:
    case kIcmpv6:
      return Drop::icmp;
    case kEtherIp:
    case kL2tp:
    case kMplsInIp:
    case kEthernetIn6:
      return Drop::tunnel_unknown;
    default:
      return Drop::not_tcp;
  }
}

inline bool is_tunnel_port(const Limits& limits, std::uint16_t port) {
  return port == kPortVxlan || port == kPortGeneve || port == limits.vxlan_port;
}

// The step below an IP header; `content` is the protocol's.
inline Layer below_ip(Walk& walk, std::uint8_t protocol) {
  switch (protocol) {
    case kTcp:
      return Layer::tcp;
    case kUdp:
      return Layer::udp;
    case kGre:
      return Layer::gre;
    case kIpInIp:
      return Layer::inner_ipv4;
    case kIpv6InIp:
      return Layer::inner_ipv6;
    default:
      return walk.ended(reason_for(protocol));
  }
}

// ---- fragments ----------------------------------------------------------------------------------

// What the first fragment of a datagram says about the rest: none where there may be TCP in it.
inline tally::Drop fate_of_first(const Walk& walk, std::uint8_t protocol, Content content) {
  switch (protocol) {
    case kTcp:
    case kGre:
    case kIpInIp:
    case kIpv6InIp:
      return tally::Drop::none;
    case kUdp:
      if (const auto* udp = overlay<UdpHeader>(content.captured)) {
        if (is_tunnel_port(walk.limits(), udp->destination_port.value())) return tally::Drop::none;
      }
      return tally::Drop::udp;
    default:
      return reason_for(protocol);
  }
}

// RFC 1858 and 3128: what a filter in front would need to see of TCP is not in the first fragment.
inline bool splits_tcp_header(Bytes first) {
  const auto* tcp = overlay<TcpHeader>(first);
  return tcp == nullptr || std::size_t{tcp->data_offset} >> 4 << 2 > first.size();
}

// What is only looked at may lie in a first fragment, which holds the beginning of it.
inline bool is_cut(const Walk& walk, const Content& content) {
  return content.captured.size() < content.declared && walk.noted == nullptr;
}

// Only looked at: a first fragment shows the headers behind its own as if it were whole.
inline bool note(Walk& walk, const Fragment& fragment, std::uint8_t& protocol) {
  Noted& noted = *walk.noted;
  if (noted.met < noted.room) noted.keys[noted.met++] = fragment.key;
  if (fragment.offset != 0) return walk.ended(tally::Drop::fragment_held), false;
  walk.content = {fragment.octets, kUndeclared};
  protocol = fragment.next;
  return true;
}

// The frame ends here, or goes on with the whole datagram as if it had come so.
inline bool gather(Walk& walk, const Fragment& fragment, std::uint8_t& protocol) {
  if (walk.noted != nullptr) return note(walk, fragment, protocol);
  const Fragments::Outcome outcome = walk.common.fragments.take(fragment, walk.now);
  if (outcome.drop != tally::Drop::none) return walk.ended(outcome.drop), false;
  walk.content = {outcome.whole, outcome.whole.size()};
  walk.segment.frame_octets = outcome.frame_octets;
  walk.whole = true;
  protocol = outcome.next;
  return true;
}

// `content` is the packet again.
inline Layer read_fragment4(Walk& walk) {
  const auto& ip = *overlay<Ipv4Header>(walk.content.captured);
  const std::size_t header = std::size_t{ip.version_and_length} % 16 * 4;
  walk.content = walk.content.behind(header);
  const Content& content = walk.content;
  const std::uint16_t field = ip.flags_and_offset.value();
  Fragment f;
  f.offset = std::uint32_t{field} % 0x2000 * 8;
  f.more = (field & 0x2000) != 0;
  f.next = ip.protocol;
  // Every fragment has the protocol: what is not wanted need not be kept to be known.
  const bool maybe_udp = ip.protocol == kUdp;
  if (const auto fate = fate_of_first(walk, ip.protocol, content); fate != tally::Drop::none) {
    if (!maybe_udp) return walk.ended(fate);
    if (f.offset == 0) f.fate = fate;
  }
  if (is_cut(walk, content)) return walk.ended(tally::Drop::fragment_cut);
  if (f.more && header + content.declared < kLeastMtu4) {
    walk.common.counters.add(tally::Count::fragments_tiny);
  }
  // Hosts take such datagrams, and so do we: what they read is what counts.
  if (ip.protocol == kTcp && f.offset == 0 && splits_tcp_header(content.captured)) {
    walk.common.counters.add(tally::Count::fragments_header_split);
  }
  f.key = {walk.segment.source,
           walk.segment.destination,
           walk.segment.lane,
           ip.identification.value(),
           ip.protocol,
           0,
           0};
  f.octets = content.captured;
  f.header_octets = static_cast<std::uint32_t>(header);
  f.frame_octets = walk.segment.frame_octets;
  std::uint8_t protocol;
  return gather(walk, f, protocol) ? below_ip(walk, protocol) : Layer::ended;
}

// ---- IPv4 ---------------------------------------------------------------------------------------

// False: a wrong checksum ends the frame. What a fragment's header says of its sender's offloading
// cannot be held against a flow, which is not known yet: only `on` refuses it.
inline bool check_ip(Walk& walk, Bytes header) {
  const Verified said = nic_knows(walk) ? walk.frame.ip : Verified::unknown;
  if (said == Verified::good) return true;
  const Checksum judged = said == Verified::bad ? Checksum::bad_ip : judge_ip(header);
  if (judged == Checksum::good) return true;
  if (said == Verified::bad || walk.limits().checksums == Checksums::on) {
    return walk.ended(tally::Drop::ip_checksum), false;
  }
  if (walk.ip != Checksum::bad_ip) walk.ip = judged;
  return true;
}

inline Layer read_ipv4(Walk& walk) {
  using tally::Drop;
  const Content packet = walk.content;
  const auto* ip = overlay<Ipv4Header>(packet.captured);
  if (ip == nullptr) [[unlikely]]
    return walk.ended_inside(sizeof(Ipv4Header), Drop::ip_short);
  if (ip->version_and_length >> 4 != 4) return walk.ended(Drop::ip_version);

  const std::size_t header = std::size_t{ip->version_and_length} % 16 * 4;
  // The sending host captures segments that its NIC has yet to cut (TSO); where such a packet is
  // over 64 KiB, or the driver fills the length in late, it says 0: the rest of the frame.
  std::size_t total = ip->total_length.value();
  if (total == 0) total = packet.captured.size();
  if (header < sizeof(Ipv4Header)) return walk.ended(Drop::ip_header_length);
  if (total < sizeof(Ipv4Header)) return walk.ended(Drop::ip_total_length);
  if (header > total) return walk.ended(Drop::ip_header_length);
  if (total > packet.declared) return walk.ended(Drop::ip_total_length);
  if (header > packet.captured.size()) return walk.ended(Drop::ip_short);
  if (walk.limits().checksums != Checksums::off && !check_ip(walk, packet.captured.first(header))) {
    return Layer::ended;
  }

  walk.segment.ipv6 = false;
  walk.segment.source = Address::v4(ip->source);
  walk.segment.destination = Address::v4(ip->destination);
  walk.ends = ip->source;
  walk.rerouted = false;
  walk.content = packet.first(total);
  if ((ip->flags_and_offset.value() & 0x3fff) != 0) [[unlikely]]
    return Layer::fragment4;
  walk.content = walk.content.behind(header);
  if (ip->protocol == kTcp) [[likely]]
    return Layer::tcp;
  return below_ip(walk, ip->protocol);
}

// ---- IPv6 ---------------------------------------------------------------------------------------

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

// RFC 7112: a first fragment holds all headers, the upper layer's among them; hosts discard others.
// TCP options may follow later: hosts take that.
inline tally::Drop fate_of_first6(const Walk& walk, std::uint8_t next, Content content) {
  for (int headers = 0; is_extension(next) && next != kFragment; ++headers) {
    const auto* extension = overlay<Ipv6Extension>(content.captured);
    if (extension == nullptr) return tally::Drop::fragment_header_split;
    if (headers == kMaxExtensions) return tally::Drop::ip6_extension;
    const std::size_t octets = octets_of(next, *extension);
    if (octets > content.captured.size()) return tally::Drop::fragment_header_split;
    next = extension->next_header;
    content = content.behind(octets);
  }
  if (next == kTcp && content.captured.size() < sizeof(TcpHeader)) {
    return tally::Drop::fragment_header_split;
  }
  if (next == kTcp && splits_tcp_header(content.captured)) {
    walk.common.counters.add(tally::Count::fragments_header_split);
  }
  return fate_of_first(walk, next, content);
}

// `content` begins with the fragment header. False: the frame ends here.
inline bool gather6(Walk& walk, const Ipv6Extension& header, std::size_t extensions,
                    std::uint8_t& next) {
  const std::uint16_t field = header.fragment_offset_and_more.value();
  Fragment f;
  f.offset = field & 0xfff8u;
  f.more = (field & 1) != 0;
  const Content content = walk.content.behind(sizeof header);
  if (is_cut(walk, content)) return walk.ended(tally::Drop::fragment_cut), false;
  if (f.more && sizeof(Ipv6Header) + extensions + sizeof header + content.declared < kLeastMtu6) {
    walk.common.counters.add(tally::Count::fragments_tiny);
  }
  if (f.offset == 0) f.fate = fate_of_first6(walk, header.next_header, content);
  if (f.fate == tally::Drop::fragment_header_split) {
    walk.common.counters.add(tally::Count::fragments_header_split);
  }
  be32 id;
  std::memcpy(&id, header.rest, sizeof id);
  f.key = {walk.segment.source, walk.segment.destination, walk.segment.lane, id.value(), 0, 1, 0};
  f.next = header.next_header;
  f.octets = content.captured;
  f.header_octets = static_cast<std::uint32_t>(extensions);
  f.frame_octets = walk.segment.frame_octets;
  return gather(walk, f, next);
}

// Walks the headers between IPv6 and its payload (RFC 8200 section 4).
inline Layer read_extensions(Walk& walk) {
  using tally::Drop;
  auto next = static_cast<std::uint8_t>(walk.below);
  std::size_t walked = 0;  // octets
  bool whole = false;      // this packet was put together: it can be no fragment itself
  for (int headers = 0; is_extension(next); ++headers) {
    if (headers == kMaxExtensions) return walk.ended(Drop::ip6_extension);
    if (next == kHopByHop && headers != 0) return walk.ended(Drop::ip6_extension);  // section 4.1
    const Content& content = walk.content;
    const auto* extension = overlay<Ipv6Extension>(content.captured);
    if (extension == nullptr) {
      return walk.ended(content.declared < sizeof(Ipv6Extension) ? Drop::ip6_extension
                                                                 : Drop::ip_short);
    }
    // RFC 6946: offset 0 and no more to come is a whole packet, to be taken as it is.
    if (next == kFragment && (extension->fragment_offset_and_more.value() & 0xfff9) != 0) {
      if (whole) return walk.ended(Drop::ip6_extension);
      if (!gather6(walk, *extension, walked, next)) return Layer::ended;
      whole = true;
      continue;
    }
    const std::size_t octets = octets_of(next, *extension);
    if (octets > content.declared) return walk.ended(Drop::ip6_extension);
    if (octets > content.captured.size()) return walk.ended(Drop::ip_short);
    if (next == kRouting && extension->fragment_offset_and_more.byte[1] != 0) walk.rerouted = true;
    next = extension->next_header;
    walk.content = content.behind(octets);
    walked += octets;
  }
  return below_ip(walk, next);
}

inline Layer read_ipv6(Walk& walk) {
  using tally::Drop;
  const Content packet = walk.content;
  const auto* ip = overlay<Ipv6Header>(packet.captured);
  if (ip == nullptr) [[unlikely]]
    return walk.ended_inside(sizeof(Ipv6Header), Drop::ip_short);
  if (ip->version_class_flow.byte[0] >> 4 != 6) return walk.ended(Drop::ip_version);

  const Content behind = packet.behind(sizeof(Ipv6Header));
  // 0 is a jumbogram (RFC 2675), or as in IPv4 an offloaded packet, with or without the jumbo
  // option according to the sender's kernel. Both are the rest of the frame: no TCP header fits
  // in 0 octets, and Ethernet pads nothing of that size.
  std::size_t declared = ip->payload_length.value();
  if (declared == 0) declared = behind.captured.size();
  if (declared > behind.declared) return walk.ended(Drop::ip_total_length);

  walk.segment.ipv6 = true;
  walk.segment.source = Address::v6(ip->source);
  walk.segment.destination = Address::v6(ip->destination);
  walk.ends = ip->source;
  walk.rerouted = false;
  walk.content = behind.first(declared);
  if (ip->next_header == kTcp) [[likely]]
    return Layer::tcp;
  walk.below = ip->next_header;
  return is_extension(ip->next_header) ? Layer::extensions : below_ip(walk, ip->next_header);
}

}  // namespace mailglass::wire
