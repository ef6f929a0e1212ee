// SPDX-License-Identifier: BSD-3-Clause
// The TCP header. Private to wire: inlined into decode.cpp, so that the way from link to segment
// is one straight run of code.
#pragma once

#include "wire/checksum.h"
#include "wire/walk.h"

namespace mailglass::wire {

// No sender makes these; a scanner does, and a receiver's answer to them is its own affair.
constexpr bool impossible(unsigned flags) {
  if ((flags & kSyn) != 0) return (flags & (kFin | kRst)) != 0;
  return (flags & (kFin | kRst | kPsh | kAck | kUrg)) == 0;
}

// RFC 9293 section 3.10.7: in every state, a segment that has none of these is discarded. Its
// octets never reach the receiver, so they must not reach our stream either.
constexpr bool discarded_by_receiver(unsigned flags) { return (flags & (kSyn | kRst | kAck)) == 0; }

inline bool nic_knows(const Walk& walk) { return walk.tunnels == 0 && !walk.whole; }

// What is known of the TCP checksum. No NIC has looked at the frames of a capture.
inline Checksum know_tcp(const Walk& walk) {
  const Verified said = nic_knows(walk) ? walk.frame.tcp : Verified::unknown;
  if (said != Verified::unknown) {
    return said == Verified::good ? Checksum::good : Checksum::bad_tcp;
  }
  if (walk.content.captured.size() < walk.content.declared || walk.rerouted) {
    walk.common.counters.add(tally::Count::checksums_unverifiable);
    return Checksum::unknown;
  }
  return judge_tcp(walk.content.captured, walk.ip_addresses(),
                   walk.limits().checksums == Checksums::on);
}

// none, or why the checksums end the frame. What only some senders may leave so is the flow's to
// judge: it knows what they did before. Nothing that a NIC received is unfinished.
inline tally::Drop check(Walk& walk) {
  const Checksum tcp = know_tcp(walk);
  const bool strict = walk.limits().checksums == Checksums::on || walk.frame.tcp == Verified::bad;
  if (strict && (tcp == Checksum::bad_tcp || tcp == Checksum::unfinished)) {
    return tally::Drop::tcp_checksum;
  }
  walk.segment.checksum = tcp == Checksum::bad_tcp || walk.ip == Checksum::good ? tcp : walk.ip;
  return tally::Drop::none;
}

inline tally::Drop read_tcp(Walk& walk) {
  using tally::Drop;
  const Content& content = walk.content;
  const auto* tcp = overlay<TcpHeader>(content.captured);
  if (tcp == nullptr) [[unlikely]] {
    return content.declared < sizeof(TcpHeader) ? Drop::ip_total_length : Drop::tcp_short;
  }
  const std::size_t octets = std::size_t{tcp->data_offset} >> 4 << 2;
  if (octets < sizeof(TcpHeader) || octets > content.declared) return Drop::tcp_header_length;
  if (octets > content.captured.size()) return Drop::tcp_short;
  if (impossible(tcp->flags)) return Drop::tcp_flags;
  if (discarded_by_receiver(tcp->flags)) return Drop::tcp_no_ack;
  if (walk.limits().checksums != Checksums::off) {
    if (const Drop bad = check(walk); bad != Drop::none) return bad;
  }

  Segment& segment = walk.segment;
  segment.source_port = tcp->source_port.value();
  segment.destination_port = tcp->destination_port.value();
  segment.seq = SeqNum(tcp->seq.value());
  segment.ack = SeqNum(tcp->ack.value());
  segment.window = tcp->window.value();
  segment.flags = tcp->flags;
  segment.payload = content.captured.subspan(octets);
  segment.length = static_cast<std::uint32_t>(content.declared - octets);
  return Drop::none;
}

}  // namespace mailglass::wire
