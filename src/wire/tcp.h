// SPDX-License-Identifier: BSD-3-Clause
// The TCP header. Private to wire: inlined into decode.cpp, so that the way from link to segment
// is one straight run of code.
#pragma once

#include "tally/counters.h"
#include "wire/headers.h"
#include "wire/segment.h"

namespace mailglass::wire {

// What an IP header is followed by: the octets captured, and how many it declares. Captured are
// never more than declared (padding is cut), but fewer when the snap length cut the frame.
struct IpPayload {
  Bytes captured;
  std::size_t declared;
};

// No sender makes these; a scanner does, and a receiver's answer to them is its own affair.
constexpr bool impossible(unsigned flags) {
  if ((flags & kSyn) != 0) return (flags & (kFin | kRst)) != 0;
  return (flags & (kFin | kRst | kPsh | kAck | kUrg)) == 0;
}

// RFC 9293 section 3.10.7: in every state, a segment that has none of these is discarded. Its
// octets never reach the receiver, so they must not reach our stream either.
constexpr bool discarded_by_receiver(unsigned flags) { return (flags & (kSyn | kRst | kAck)) == 0; }

inline tally::Drop parse_tcp(IpPayload payload, Segment& segment) {
  using tally::Drop;
  const auto* tcp = overlay<TcpHeader>(payload.captured);
  if (tcp == nullptr) [[unlikely]] {
    return payload.declared < sizeof(TcpHeader) ? Drop::ip_total_length : Drop::tcp_short;
  }
  const std::size_t octets = std::size_t{tcp->data_offset} >> 4 << 2;
  if (octets < sizeof(TcpHeader) || octets > payload.declared) return Drop::tcp_header_length;
  if (octets > payload.captured.size()) return Drop::tcp_short;
  if (impossible(tcp->flags)) return Drop::tcp_flags;
  if (discarded_by_receiver(tcp->flags)) return Drop::tcp_no_ack;

  segment.source_port = tcp->source_port.value();
  segment.destination_port = tcp->destination_port.value();
  segment.seq = SeqNum(tcp->seq.value());
  segment.ack = SeqNum(tcp->ack.value());
  segment.window = tcp->window.value();
  segment.flags = tcp->flags;
  segment.payload = payload.captured.subspan(octets);
  segment.length = static_cast<std::uint32_t>(payload.declared - octets);
  return Drop::none;
}

}  // namespace mailglass::wire
