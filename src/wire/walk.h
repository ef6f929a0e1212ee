// SPDX-License-Identifier: BSD-3-Clause
// One frame on its way through its headers. Private to wire: link.h, tunnel.h, ip.h and tcp.h are
// its steps, decode.cpp walks them.
#pragma once

#include "base/mix.h"
#include "wire/decode.h"
#include "wire/headers.h"

namespace mailglass::wire {

// What a header is followed by: the octets captured, and how many the headers so far declare.
// Captured are never more than declared (padding is cut), but fewer when the snap length cut the
// frame. A link layer declares nothing: then `declared` is more than any length can say.
struct Content {
  Bytes captured;
  std::size_t declared;

  // The rest behind a header that was found to be captured whole.
  Content behind(std::size_t header) const { return {captured.subspan(header), declared - header}; }
  // What is left of it if a header says how much that is; `octets` is not over `declared`.
  Content first(std::size_t octets) const {
    return {captured.first(captured.size() < octets ? captured.size() : octets), octets};
  }
};
constexpr std::size_t kUndeclared = ~std::size_t{0};

// What comes next. Every step takes one layer off and says what is below it; each has consumed
// octets or entered a tunnel, so no frame makes more steps than it has octets.
enum class Layer : std::uint8_t {
  ended,  // not a segment: `Walk::drop` says why
  ethernet,
  linux_sll,
  linux_sll2,
  raw,
  null,
  loop,
  tags,  // of the kind `Walk::below`
  mpls,
  pppoe,
  ipv4,
  ipv6,
  fragment4,
  extensions,  // the first one is `Walk::below`
  inner_ipv4,  // in the IP packet just read
  inner_ipv6,
  gre,
  udp,
  vxlan,
  geneve,
  tcp,
};

// The fragments met on a walk that only looks, outermost first.
struct Noted {
  FragmentKey* keys;
  std::size_t room;
  std::size_t met = 0;
};

struct Walk {
  const Common& common;
  const Frame& frame;
  Segment& segment;
  Tick now;  // never steps back
  Content content;
  const std::uint8_t* ends = nullptr;  // the addresses of the IP header last read
  std::uint16_t below = 0;             // see Layer
  std::uint8_t tunnels = 0;            // entered
  bool whole = false;                  // put together from fragments: no NIC has seen it so
  bool rerouted = false;         // a routing header hides the address the checksum was made with
  Checksum ip = Checksum::good;  // the worst of the IPv4 headers
  tally::Drop drop = tally::Drop::none;
  Noted* noted = nullptr;  // not null: nothing is gathered

  Layer ended(tally::Drop reason) { return drop = reason, Layer::ended; }

  // For a header that `content` is too short for: the frame was cut (`cut`), or the lengths of the
  // IP header lie.
  Layer ended_inside(std::size_t header, tally::Drop cut) {
    return ended(content.declared < header ? tally::Drop::ip_total_length : cut);
  }

  const Limits& limits() const { return common.limits; }
  Bytes ip_addresses() const { return {ends, segment.ipv6 ? std::size_t{32} : std::size_t{8}}; }
};

// ---- tunnels and lanes --------------------------------------------------------------------------

// Both ends of a tunnel as one number, the same for both directions.
inline std::uint32_t mix_of_ends(Bytes addresses) {
  const auto mix = [](Bytes address) {
    std::uint64_t state = 0;
    for (std::size_t at = 0; at < address.size(); at += 4) {
      std::uint32_t word;
      std::memcpy(&word, &address[at], sizeof word);
      state = mixed(state, word);
    }
    return state;
  };
  const std::size_t half = addresses.size() / 2;
  return static_cast<std::uint32_t>(mix(addresses.first(half)) + mix(addresses.last(half)));
}

inline void add_to_lane(Lane& lane, TunnelType type, std::uint32_t part) {
  // The first tunnel's id stands as it is: no two ids are the same.
  if (lane.tunnel != 0) {
    const std::uint64_t outer = std::uint64_t{lane.tunnel} << 32 | lane.tunnel_id;
    part = static_cast<std::uint32_t>(mixed(outer, part));
  }
  lane.tunnel = static_cast<std::uint8_t>(type);
  lane.tunnel_id = part;
}

struct TunnelId {
  bool present;
  std::uint32_t value;
};
constexpr TunnelId kNoId{false, 0};

// A tunnel with an id is known by it alone: VXLAN floods to groups and learns addresses later (RFC
// 7348 section 4.2), pairs of switches answer for each other, so the ends may differ between the
// directions. Without an id the ends are its identity. Labels are no identity: each direction has
// its own, and the last hop often none at all (RFC 3031 sections 3.1 and 3.16).
inline Layer enter(Walk& walk, TunnelType type, TunnelId id, Layer inside) {
  if (walk.tunnels == walk.limits().tunnel_depth) return walk.ended(tally::Drop::tunnel_depth);
  ++walk.tunnels;
  if (id.present && type != TunnelType::mpls) {
    add_to_lane(walk.segment.lane, type, id.value);
  } else if (walk.ends != nullptr && type != TunnelType::mpls) {
    add_to_lane(walk.segment.lane, type, mix_of_ends(walk.ip_addresses()));
  }
  const bool ipv6 = walk.ends != nullptr && walk.segment.ipv6;
  walk.segment.tunnel = {type, id.present, ipv6, id.value, walk.ends};
  return inside;
}

}  // namespace mailglass::wire
