// SPDX-License-Identifier: BSD-3-Clause
// The TCP connection's life as both endpoints' segments show it: roles, handshake, teardown.
#pragma once

#include <algorithm>

#include "flow/flow.h"

namespace mailglass::flow {

// Whether a segment without a flow deserves one: a SYN, or octets to read. Stray ACKs, FINs and
// RSTs do not, so that a flood of them takes no slot.
bool opens_flow(const wire::Segment& segment);

// Sets a new flow's roles and bases from its first segment.
void begin(Flow& flow, const wire::Segment& segment, bool from_low);

// The same for a flow whose SYN-ACK was seen at `time`, and who has to say what next.
void begin_answered(Flow& flow, const SeqNum (&next)[2], Tick time, bool client_is_low);

inline Direction direction_of(const Flow& flow, bool from_low) {
  return flow.client_is_low == from_low ? Direction::to_server : Direction::to_client;
}

// Whether the segment begins another connection with the same ports: the old flow is over. A SYN
// says so behind FINs both ways, or where the server's side is not captured; else the server's
// answer to it does, since whoever can make up a SYN could cut off any session from inspection. So
// could who makes up an answer: of a flow that is read it counts only behind a SYN, and where there
// is a session not even then (stream/rival.h).
bool answers_another_syn(const Flow& flow, const wire::Segment& segment, Direction direction);
bool reuses_ports(const Flow& flow, const wire::Segment& segment, Direction direction);

// Whether the segment can say nothing about the connection itself: it is open (a RST, or FINs both
// ways, would have closed it), and stays so.
inline bool is_under_way(const Flow& flow, const wire::Segment& s) {
  constexpr unsigned kMoves = unsigned{wire::kSyn} | wire::kFin | wire::kRst;
  return flow.state == State::established && (s.flags & kMoves) == 0;
}

// Counts the segment, as far as anybody asks.
inline void note(Flow& flow, const wire::Segment& s, Direction direction) {
  flow.last = std::max(flow.last, s.time);
  flow.see(direction);
  if (!flow.is_read()) return;
  const auto side = static_cast<std::size_t>(direction);
  FlowDetail& detail = flow.detail();
  detail.octets[side] += s.frame_octets + (s.length - s.payload.size());
  ++detail.segments[side];
}

// Counts the segment and moves the state on. Bases learnt from SYN and SYN-ACK are set here. A flow
// that a RST closed lives again when the one who sent it sends octets, unless these were
// `overtaken`.
void track(Flow& flow, const wire::Segment& s, Direction direction, bool overtaken = false);

// Exchanges the roles of a flow whose first segment was not its SYN, when content shows that the
// guess was wrong.
void swap_roles(Flow& flow);

}  // namespace mailglass::flow
