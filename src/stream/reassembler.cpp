// SPDX-License-Identifier: BSD-3-Clause
#include "stream/reassembler.h"

#include <algorithm>

namespace mailglass::stream {
namespace {

using tally::Count;
using tally::opposite;

// No window is larger (RFC 7323 section 2.3): what lies farther away is not of this connection.
constexpr std::int64_t kFar = std::int64_t{1} << 30;

// A hole nobody has acknowledged is waited for as long as a sender may take to retransmit.
constexpr std::int64_t kRetransmissionUs = 30 * kMicrosecondsPerSecond;

}  // namespace

void Reassembler::take(flow::Flow& flow, Conversation& c, const wire::Segment& s, Direction d,
                       Sink& sink) {
  const bool syn = s.has(wire::kSyn);
  if (!flow.has_base(d)) flow.set_base(d, syn ? s.seq + 1 : s.seq);
  const std::uint64_t after = note_acknowledgement(flow, c, s, d);
  if (std::optional<Piece> piece = piece_of(flow, c, s, d)) {
    piece->range.after = after;
    accept(c, d, *piece, sink);
  }
  if (c.stopped) return;
  if (c[Direction::to_server].hold == kNoSlot && c[Direction::to_client].hold == kNoSlot) return;
  pump(c, sink);
  for (std::optional<Obstacle> o; !c.stopped && (o = obstacle(c)) && overdue(c, *o, s.time);) {
    give_way(c, s.time, sink);
  }
}

// Notes what the segment acknowledges; returns the opposite offset its octets must wait for.
std::uint64_t Reassembler::note_acknowledgement(flow::Flow& flow, Conversation& c,
                                                const wire::Segment& s, Direction d) {
  const Direction back = opposite(d);
  Stream& peer = c[back];
  if (!s.has(wire::kAck)) return 0;
  if (!flow.has_base(back)) flow.set_base(back, s.ack);
  const std::int64_t near = static_cast<std::int64_t>(peer.next);
  const std::int64_t ack = s.ack.offset(flow.base[static_cast<int>(back)], near);
  if (ack <= 0 || ack > near + kFar) return 0;
  // The number after a FIN acknowledges the FIN; it is no octet to wait for.
  const std::uint64_t octets = std::min(static_cast<std::uint64_t>(ack), peer.fin_at);
  peer.acked = std::max(peer.acked, octets);
  if (flow.segments[static_cast<int>(back)] == 0) {
    peer.next = std::max(peer.next, octets);  // one-sided: it will never come
  }
  return octets;
}

// The part of the segment that is new, or nothing; counts what is not.
std::optional<Reassembler::Piece> Reassembler::piece_of(const flow::Flow& flow, Conversation& c,
                                                        const wire::Segment& s, Direction d) {
  Stream& me = c[d];
  const std::int64_t near = static_cast<std::int64_t>(me.next);
  const std::int64_t begin =
      s.seq.offset(flow.base[static_cast<int>(d)], near) + (s.has(wire::kSyn) ? 1 : 0);
  const std::int64_t end = begin + s.length;
  if (end > near + kFar || end < near - kFar) {
    counters_.add(Count::stream_out_of_window);
    return std::nullopt;
  }
  if (s.has(wire::kFin) && end >= near && me.fin_at == kUnknown) {
    me.fin_at = static_cast<std::uint64_t>(end);
  }
  if (s.length == 0) return std::nullopt;
  if (end <= near) {
    if (s.length == 1 && end == near) {
      counters_.add(Count::stream_keep_alive);  // RFC 9293 section 3.8.4: an octet sent again
    } else {
      counters_.add(Count::stream_retransmitted);
      counters_.add(Count::stream_octets_duplicate, s.length);
      ++c.retransmitted;
    }
    return std::nullopt;
  }
  std::size_t old = 0;
  if (begin < near) {
    old = static_cast<std::size_t>(near - begin);
    counters_.add(Count::stream_retransmitted);
    counters_.add(Count::stream_octets_duplicate, old);
    ++c.retransmitted;
  }
  Piece piece;
  piece.octets = s.payload.subspan(std::min(old, s.payload.size()));
  piece.range.begin = static_cast<std::uint64_t>(std::max(begin, near));
  piece.range.end = piece.range.begin + piece.octets.size();
  piece.range.time = s.time;
  piece.end = static_cast<std::uint64_t>(end);
  return piece;
}

void Reassembler::accept(Conversation& c, Direction d, Piece piece, Sink& sink) {
  const Stream& me = c[d];
  if (me.hold == kNoSlot && piece.range.begin == me.next &&
      piece.range.after <= c[opposite(d)].next) {
    return deliver(c, d, piece, sink);
  }
  if (piece.range.begin > me.next) {
    counters_.add(Count::stream_out_of_order);
    ++c.out_of_order;
  } else if (piece.range.after > c[opposite(d)].next) {
    counters_.add(Count::stream_early);
  }
  if (piece.octets.empty() || hold(c, d, piece, sink)) return;

  // No room to wait in. Holes are given up, oldest first, until the octets fit or are due.
  while (!c.stopped && give_way(c, piece.range.time, sink)) {
    if (piece.range.end > me.next && hold(c, d, piece, sink)) return;
  }
  if (c.stopped || piece.range.end <= me.next) return;
  if (piece.range.begin > me.next) skip(c, d, piece.range.begin, piece.range.time, sink);
  if (c.stopped) return;
  piece.octets = piece.octets.subspan(static_cast<std::size_t>(me.next - piece.range.begin));
  piece.range.begin = me.next;
  deliver(c, d, piece, sink);
}

void Reassembler::deliver(Conversation& c, Direction d, const Piece& piece, Sink& sink) {
  advance(c, d, piece.range.end);
  counters_.add(Count::stream_octets_delivered, piece.octets.size());
  if (!piece.octets.empty()) sink.data(d, piece.octets, piece.range.time);
  // What the snap length cut off was on the wire, and is not here.
  if (!c.stopped && piece.end > piece.range.end) skip(c, d, piece.end, piece.range.time, sink);
}

bool Reassembler::hold(Conversation& c, Direction d, const Piece& piece, Sink& sink) {
  Stream& me = c[d];
  if (piece.range.end > me.next + Hold::kWindow) return false;
  if (me.hold == kNoSlot) {
    me.hold = holds_.take();
    if (me.hold == kNoSlot) return counters_.add(Count::stream_refused_holds), false;
    holds_[me.hold].reset();
  }
  Range range = piece.range;
  Bytes octets = piece.octets;
  if (range.begin < me.next) {
    octets = octets.subspan(static_cast<std::size_t>(me.next - range.begin));
    range.begin = me.next;
  }
  bool conflict = false;
  const Hold::Kept kept = holds_[me.hold].keep(blocks_, range, octets, conflict);
  if (conflict) {
    counters_.add(Count::stream_conflict);
    sink.conflict(d, range.time);
  }
  if (kept == Hold::Kept::no_block) counters_.add(Count::stream_refused_blocks);
  if (kept == Hold::Kept::no_range) counters_.add(Count::stream_refused_ranges);
  return kept == Hold::Kept::all;
}

// Delivers whatever has become due, on both sides, until nothing more is.
void Reassembler::pump(Conversation& c, Sink& sink) {
  bool progress = true;
  while (progress && !c.stopped) {
    progress = pump_side(c, Direction::to_server, sink);
    if (!c.stopped && pump_side(c, Direction::to_client, sink)) progress = true;
    if (progress) c.waiting = false;
  }
}

// Whether what the sender had seen of the other side has been delivered. Two sides that each wait
// for the other were not sent by honest endpoints; the client's octets go first.
bool Reassembler::due(const Conversation& c, Direction d, const Range& first) const {
  const Stream& peer = c[opposite(d)];
  if (first.after <= peer.next) return true;
  if (d == Direction::to_client || peer.hold == kNoSlot) return false;
  const Assembler& ranges = holds_[peer.hold].ranges();
  return !ranges.empty() && ranges.first().begin <= peer.next && ranges.first().after > c[d].next;
}

bool Reassembler::pump_side(Conversation& c, Direction d, Sink& sink) {
  Stream& me = c[d];
  bool progress = false;
  while (me.hold != kNoSlot) {
    const Hold& held = holds_[me.hold];
    if (held.ranges().empty()) {
      holds_[me.hold].drop_all(blocks_);
      holds_.give_back(me.hold);
      me.hold = kNoSlot;
      break;
    }
    const Range& first = held.ranges().first();
    if (first.begin > me.next || !due(c, d, first)) break;
    const Bytes octets = held.at(blocks_, me.next);
    const Tick time = first.time;
    counters_.add(Count::stream_octets_delivered, octets.size());
    // The block must outlive the call: offsets advance only afterwards.
    sink.data(d, octets, time);
    if (c.stopped) return true;
    advance(c, d, me.next + octets.size());
    progress = true;
  }
  return progress;
}

std::optional<Reassembler::Obstacle> Reassembler::obstacle(const Conversation& c) const {
  std::optional<Obstacle> found;
  for (const Direction d : {Direction::to_server, Direction::to_client}) {
    const Stream& me = c[d];
    if (me.hold == kNoSlot || holds_[me.hold].ranges().empty()) continue;
    const Range& first = holds_[me.hold].ranges().first();
    Obstacle o{d, first.begin};
    if (first.begin <= me.next) {
      // Due itself, but its sender had seen octets of the other side that we have not.
      o = {opposite(d), first.after};
      const Stream& peer = c[o.side];
      if (peer.hold != kNoSlot && !holds_[peer.hold].ranges().empty()) {
        const std::uint64_t held = holds_[peer.hold].ranges().first().begin;
        if (held <= peer.next) continue;  // held, and waiting for us in turn: our hole decides
        o.until = std::min(o.until, held);
      }
    }
    // Of two holes, the one whose octets are known to have arrived is the one never to be filled.
    if (!found || c[o.side].acked >= o.until) found = o;
  }
  return found;
}

bool Reassembler::overdue(Conversation& c, const Obstacle& o, Tick now) const {
  if (!c.waiting) {
    c.waiting = true;
    c.waiting_since = now;
    c.waited = 0;
    return false;
  }
  const std::int64_t elapsed = now.us - c.waiting_since.us;
  if (c[o.side].acked < o.until) return elapsed > kRetransmissionUs;
  return ++c.waited > limits_.patience_segments ||
         elapsed > std::int64_t{limits_.patience_ms} * 1000;
}

bool Reassembler::give_way(Conversation& c, Tick now, Sink& sink) {
  const std::optional<Obstacle> o = obstacle(c);
  if (!o) return false;
  skip(c, o->side, o->until, now, sink);
  if (!c.stopped) pump(c, sink);
  return true;
}

void Reassembler::skip(Conversation& c, Direction d, std::uint64_t to, Tick now, Sink& sink) {
  Stream& me = c[d];
  std::uint64_t lost = to - me.next;
  // An acknowledged FIN that was not captured looks like one octet at the stream's end.
  if (lost == 1 && me.fin_at == kUnknown && me.hold == kNoSlot) lost = 0;
  advance(c, d, to);
  c.waiting = false;
  if (lost == 0) return;
  me.missing += lost;
  counters_.add(Count::stream_octets_missing, lost);
  sink.gap(d, lost, now);
}

void Reassembler::advance(Conversation& c, Direction d, std::uint64_t to) {
  Stream& me = c[d];
  if (me.hold != kNoSlot) holds_[me.hold].drop_before(blocks_, me.next, to);
  me.next = to;
}

void Reassembler::flush(Conversation& c, Tick now, Sink& sink) {
  pump(c, sink);
  while (!c.stopped && give_way(c, now, sink)) {
  }
  for (const Direction d : {Direction::to_server, Direction::to_client}) {
    if (!c.stopped && c[d].acked > c[d].next) skip(c, d, c[d].acked, now, sink);
  }
  release(c);
}

void Reassembler::release(Conversation& c) {
  for (Stream& side : c.side) {
    if (side.hold == kNoSlot) continue;
    holds_[side.hold].drop_all(blocks_);
    holds_.give_back(side.hold);
    side.hold = kNoSlot;
  }
}

}  // namespace mailglass::stream
