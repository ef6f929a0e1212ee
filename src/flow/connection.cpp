// SPDX-License-Identifier: BSD-3-Clause
#include "flow/connection.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace mailglass::flow {
namespace {

using wire::kAck;
using wire::kFin;
using wire::kRst;
using wire::kSyn;
using wire::Segment;

// IANA's mail ports, and 2525 and 24 by custom: a hint at who serves, no more.
bool is_mail_port(std::uint16_t port) {
  switch (port) {
    case 24:
    case 25:
    case 110:
    case 465:
    case 587:
    case 995:
    case 2525:
      return true;
    default:
      return false;
  }
}

bool sender_is_client(const Segment& s) {
  if (s.has(kSyn)) return !s.has(kAck);
  const bool source_serves = is_mail_port(s.source_port);
  const bool destination_serves = is_mail_port(s.destination_port);
  if (source_serves != destination_serves) return destination_serves;
  return s.source_port > s.destination_port;
}

std::uint32_t microseconds(Tick from, Tick to) {
  return static_cast<std::uint32_t>(
      std::min<std::uint64_t>(to.since(from), std::numeric_limits<std::uint32_t>::max()));
}

constexpr unsigned with(unsigned sides, int side) { return sides | 1u << side; }
constexpr unsigned exchanged(unsigned sides) { return (sides & 1u) << 1 | sides >> 1; }

}  // namespace

bool opens_flow(const Segment& s) { return !s.has(kRst) && (s.has(kSyn) || s.length != 0); }

void begin(Flow& flow, const Segment& s, bool from_low) {
  flow.client_is_low = sender_is_client(s) == from_low;
  flow.midstream = !s.has(kSyn);
  if (flow.midstream) flow.state = State::established;
}

void begin_answered(Flow& flow, const SeqNum (&next)[2], Tick time, bool client_is_low) {
  flow.client_is_low = client_is_low;
  flow.midstream = false;
  flow.detail().first = time;
  flow.set_base(Direction::to_server, next[0]);
  flow.set_base(Direction::to_client, next[1]);
  flow.detail().segments[static_cast<int>(Direction::to_client)] = 1;
  flow.see(Direction::to_client);
}

// A retransmitted one has the number it had.
bool answers_another_syn(const Flow& flow, const Segment& s, Direction direction) {
  return s.has(kSyn) && s.has(kAck) && direction == Direction::to_client &&
         flow.has_base(direction) && !(flow.base(direction) == s.seq + 1);
}

bool reuses_ports(const Flow& flow, const Segment& s, Direction direction) {
  if (!s.has(kSyn)) return false;
  if (s.has(kAck)) {
    if (!answers_another_syn(flow, s, direction)) return false;
    return !flow.is_read() || flow.syn_again || flow.state == State::closed ||
           flow.seen(Direction::to_server) == 0;
  }
  if (flow.fins == 3) return true;
  // A server that knows the connection answers a SYN with a mere ACK (RFC 5961 section 4), and the
  // connection lives on: where the server is seen, only its SYN-ACK makes a new one.
  if (flow.seen(Direction::to_client) != 0) return false;
  return flow.state == State::closed ||
         (flow.has_base(direction) && !(flow.base(direction) == s.seq + 1));
}

namespace {

// Bases from SYN and SYN-ACK: each takes one number.
void take_syn(Flow& flow, const Segment& s, Direction direction) {
  const bool answers = s.has(kAck);
  const SeqNum base = s.seq + 1;
  if (flow.has_base(direction) && !(flow.base(direction) == base)) {
    if (answers)
      flow.syn_ack_again = true;
    else
      flow.syn_again = true;
  }
  if (answers && direction == Direction::to_client && flow.state == State::opening &&
      flow.session == kNoSlot) {
    if (flow.based && !flow.syn_again && !(flow.base(Direction::to_server) == s.ack))
      return;                                    // nobody asked for it
    flow.set_base(Direction::to_server, s.ack);  // of several SYNs, the one the server took
  }
  if (!flow.has_base(direction)) {
    flow.set_base(direction, base);
    if (answers && flow.syn_seen)
      flow.detail().syn_ack_us = microseconds(flow.detail().first, s.time);
  }
  if (!answers && flow.state == State::opening) flow.syn_seen = true;
}

}  // namespace

void track(Flow& flow, const Segment& s, Direction direction, bool overtaken) {
  const bool under_way = is_under_way(flow, s);
  note(flow, s, direction);
  if (under_way) return;
  const auto side = static_cast<int>(direction);
  if (s.has(kSyn)) take_syn(flow, s, direction);
  if (flow.state == State::opening && direction == Direction::to_server && s.has(kAck) &&
      !s.has(kSyn) && flow.based && flow.based_reply) {
    if (flow.session == kNoSlot && flow.syn_ack_again) {
      flow.set_base(Direction::to_client, s.ack);  // of several SYN-ACKs, the one the client took
    }
    if (flow.syn_seen) flow.detail().handshake_us = microseconds(flow.detail().first, s.time);
    flow.state = State::established;
  }
  if (flow.state == State::opening && s.length != 0 && !s.has(kSyn)) {
    flow.state = State::established;  // part of the handshake was not captured
  }
  if (s.has(kFin)) flow.fins = with(flow.fins, side) & 3u;
  if (s.has(kRst)) flow.resets = with(flow.resets, side) & 3u;
  if (s.has(kRst) || flow.fins == 3) {
    flow.state = State::closed;
  } else if (s.length != 0 && (flow.resets >> side & 1u) != 0 && !overtaken) {
    // It goes on talking: the RST was not its own, or challenged and dropped (RFC 5961 section 3).
    flow.resets = 0;
    flow.state = State::established;
  }
}

void swap_roles(Flow& flow) {
  flow.client_is_low = !flow.client_is_low;
  FlowDetail& detail = flow.detail();
  std::swap(detail.octets[0], detail.octets[1]);
  std::swap(detail.segments[0], detail.segments[1]);
  std::swap(detail.base[0], detail.base[1]);
  flow.few = static_cast<std::uint8_t>(flow.few << 4 | flow.few >> 4);
  const bool based = flow.based;
  flow.based = flow.based_reply;
  flow.based_reply = based;
  flow.fins = exchanged(flow.fins) & 3u;
  flow.resets = exchanged(flow.resets) & 3u;
}

}  // namespace mailglass::flow
