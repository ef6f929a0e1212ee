// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "base/address.h"
#include "base/bytes.h"
#include "base/seqnum.h"
#include "base/tick.h"
#include "base/tunnel.h"

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

constexpr std::size_t kMaxVlans = 3;

// What identifies the wire a segment ran on, apart from addresses and ports: equal inner addresses
// of two tenants must not meet in one flow, and the two directions of a flow must meet. README.md
// says what of a tunnel is part of it and why.
struct Lane {
  std::uint16_t vlan[kMaxVlans] = {};  // as they came, outermost first; 12-bit VID, never 0
  std::uint8_t vlans = 0;
  std::uint8_t tunnel = 0;      // TunnelType of the innermost one; 0: none
  std::uint32_t tunnel_id = 0;  // one tunnel: its id, or a mix of both ends; several: a mix of all
  bool operator==(const Lane&) const = default;
};
static_assert(sizeof(Lane) == 12);

// The innermost tunnel a segment came in, as its header says.
struct Tunnel {
  TunnelType type = TunnelType::none;
  bool has_id = false;
  bool ipv6 = false;  // of `ends`
  std::uint32_t id = 0;
  // The IP addresses around it, source and destination side by side as they lie in the frame; null
  // for a tunnel on the link itself.
  const std::uint8_t* ends = nullptr;

  Address source() const { return ipv6 ? Address::v6(ends) : Address::v4(ends); }
  Address destination() const { return ipv6 ? Address::v6(ends + 16) : Address::v4(ends + 4); }
};

// What is known of the checksums of a segment and the IPv4 headers in front of it.
enum class Checksum : std::uint8_t {
  unknown,     // not looked at, or cannot be: the snap length cut the frame
  good,        // computed and right, or the NIC says so
  unfinished,  // the sender's or receiver's kernel left it to its NIC, and shows it
  bad_tcp,
  bad_ip,
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
  Checksum checksum = Checksum::unknown;
  // The payload as captured. `length` is what the IP header declares: it is larger when the
  // snap length cut the frame, and the difference is a gap.
  Bytes payload;
  std::uint32_t length = 0;
  std::uint32_t frame_octets = 0;  // of the whole frame, as captured; of all frames, if fragmented
  const std::uint8_t* ether = nullptr;  // innermost destination and source MAC, 12 octets, if known
  Tunnel tunnel;

  bool has(TcpFlag flag) const { return (flags & flag) != 0; }
};

}  // namespace mailglass::wire
