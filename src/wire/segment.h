// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "base/address.h"
#include "base/bytes.h"
#include "base/seqnum.h"
#include "base/tick.h"

namespace mailglass::wire {

// The control bits of RFC 9293 section 3.1, as they lie in octet 13 of the header.
enum TcpFlag : std::uint8_t {
  kFin = 0x01,
  kSyn = 0x02,
  kRst = 0x04,
  kPsh = 0x08,
  kAck = 0x10,
  kUrg = 0x20,
};

constexpr std::size_t kMaxVlans = 2;

// What identifies the wire a segment ran on, apart from addresses and ports: equal inner addresses
// of two tenants must not meet in one flow.
struct Lane {
  std::uint16_t vlan[kMaxVlans] = {};  // outer, inner; 12-bit VID, never 0 (a priority alone)
  std::uint8_t vlans = 0;
  std::uint8_t tunnel = 0;  // 0: none (tunnels come with a later issue)
  std::uint32_t tunnel_id = 0;
  bool operator==(const Lane&) const = default;
};

// One TCP segment whose headers have been checked: every length in it lies inside the frame.
struct Segment {
  Tick time;
  Address source;
  Address destination;
  std::uint16_t source_port = 0;
  std::uint16_t destination_port = 0;
  Lane lane;
  SeqNum seq;
  SeqNum ack;
  std::uint16_t window = 0;
  std::uint8_t flags = 0;  // TcpFlag
  bool ipv6 = false;
  // The payload as captured. `length` is what the IP header declares: it is larger when the
  // snap length cut the frame, and the difference is a gap.
  Bytes payload;
  std::uint32_t length = 0;
  std::uint32_t frame_octets = 0;       // of the whole frame, as captured
  const std::uint8_t* ether = nullptr;  // destination and source MAC, 12 octets, where known

  bool has(TcpFlag flag) const { return (flags & flag) != 0; }
};

}  // namespace mailglass::wire
