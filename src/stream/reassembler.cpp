// SPDX-License-Identifier: BSD-3-Clause
#include "stream/reassembler.h"

#include <algorithm>

namespace mailglass::stream {
namespace {

using tally::Count;
using tally::opposite;

// A hole nobody has acknowledged is waited for as long as a sender may take to retransmit.
constexpr std::int64_t kRetransmissionUs = 30 * kMicrosecondsPerSecond;

}  // namespace

void Reassembler::take(flow::Flow& flow, Conversation& c, const wire::Segment& s, Direction d,
                       Sink& sink) {
  if (!flow.has_base(d)) {
    if (s.has(wire::kRst)) return;  // one in answer to nothing has any number
    flow.set_base(d, s.has(wire::kSyn) ? s.seq + 1 : s.seq);
  }
  Stream& me = c[d];
  Stream& peer = c[opposite(d)];
  me.seen = me.spoke = true;
  peer.seen = flow.seen(opposite(d)) != 0;
  const std::uint64_t after = note_acknowledgement(flow, c, s, d);
  if (!is_next(flow, c, s, d) || after > peer.next) return take_any(flow, c, s, d, after, sink);
  if (s.length == 0) return;
  const std::uint64_t from = me.next;
  advance(c, d, from + s.length);
  counters_.add(Count::stream_octets_delivered, s.length);
  history_.record(me.trail, from, s.payload, s.time);
  sink.data(d, s.payload, s.time);
}

// Whether the segment stands exactly where its sender's last ended, says nothing else, is captured
// whole, and there is nothing on either side that waits: what nearly all segments are.
bool Reassembler::is_next(const flow::Flow& flow, const Conversation& c, const wire::Segment& s,
                          Direction d) const {
  const Stream& me = c[d];
  const Stream& peer = c[opposite(d)];
  constexpr unsigned kJudged = unsigned{wire::kSyn} | wire::kFin | wire::kRst;
  const auto next = flow.base(d) + static_cast<std::uint32_t>(me.next);
  return s.seq == next && (s.flags & kJudged) == 0 && s.payload.size() == s.length &&
         !me.fin_seen && (me.hold & peer.hold) == kNoSlot && peer.aside.newest == 0;
}

// Any segment. Its octets come behind those of the other side up to `after`.
void Reassembler::take_any(flow::Flow& flow, Conversation& c, const wire::Segment& s, Direction d,
                           std::uint64_t after, Sink& sink) {
  if (s.has(wire::kRst)) note_reset(flow, c, s, d);
  if (c[d].on_syn || c[opposite(d)].on_syn) judge_syn(flow, c, s, d);
  if (c[opposite(d)].aside.newest != 0) recover(c, opposite(d), sink);
  if (c.stopped) return;
  if (std::optional<Piece> piece = piece_of(flow, c, s, d, sink)) {
    piece->range.after = after;
    accept(c, d, *piece, sink);
  }
  if (c.stopped) return;
  if (c[Direction::to_server].hold == kNoSlot && c[Direction::to_client].hold == kNoSlot) return;
  pump(c, sink);
  for (std::optional<Obstacle> o; !c.stopped && (o = obstacle(c)) && overdue(c, *o, s.time);) {
    give_way_or_forget(c, *o, s.time, sink);
  }
  for (const Stream& side : c.side) {
    if (side.hold != kNoSlot) holds_[side.hold].flow = &flow;
  }
  c[d].spoke = true;  // although the wait may have begun with its own octets
}

void Reassembler::Piece::cut_front(std::uint64_t offset) {
  if (offset <= range.begin) return;
  const std::uint64_t old = std::min<std::uint64_t>(offset - range.begin, octets.size());
  octets = octets.subspan(static_cast<std::size_t>(old));
  range.begin = offset;
  range.end = offset + octets.size();
}

// Where the octets held of this side begin.
std::uint64_t Reassembler::first_held(const Stream& me) const {
  if (me.hold == kNoSlot || holds_[me.hold].ranges().empty()) return kUnknown;
  return holds_[me.hold].ranges().first().begin;
}

// Hands the piece to the sink as far as it is next and due, and holds the rest.
void Reassembler::accept(Conversation& c, Direction d, Piece piece, Sink& sink) {
  Stream& me = c[d];
  if (piece.on_syn) {
    if (hold(c, d, piece, sink)) me.on_syn = true;
    return;
  }
  bool is_due = piece.range.after <= c[opposite(d)].next;
  if (piece.range.begin > me.next) {
    counters_.add(Count::stream_out_of_order);
    ++c.out_of_order;
  } else if (!is_due) {
    counters_.add(Count::stream_early);
  }
  while (!c.stopped && piece.end > me.next) {
    piece.cut_front(me.next);
    if (piece.range.begin == me.next && is_due && first_held(me) > me.next) {
      deliver(c, d, piece, sink);
      continue;  // with what lies behind octets held before, if anything does
    }
    if (piece.octets.empty() || hold(c, d, piece, sink)) return;
    if (!make_room(c, d, piece, is_due, sink)) return;
  }
}

// Delivers the piece where it lies, up to what is held: those octets came first.
void Reassembler::deliver(Conversation& c, Direction d, const Piece& piece, Sink& sink) {
  const std::uint64_t held = first_held(c[d]);
  const std::uint64_t end = std::min(piece.range.end, held);
  const Bytes octets = piece.octets.first(static_cast<std::size_t>(end - piece.range.begin));
  advance(c, d, end);
  counters_.add(Count::stream_octets_delivered, octets.size());
  history_.record(c[d].trail, piece.range.begin, octets, piece.range.time);
  if (!octets.empty()) sink.data(d, octets, piece.range.time);
  // What the snap length cut off was on the wire, and is not here.
  const std::uint64_t cut = std::min(piece.end, held);
  if (!c.stopped && end == piece.range.end && cut > end) {
    skip(c, d, cut, Proof::octets, piece.range.time, sink);
  }
}

// There is no room for the piece to wait in: the oldest hole is given up, if its octets are gone;
// else the piece waits no longer. False: the piece has to go, so that octets yet to come do not.
bool Reassembler::make_room(Conversation& c, Direction d, const Piece& piece, bool& is_due,
                            Sink& sink) {
  const Stream& me = c[d];
  if (pump(c, sink)) return true;
  if (const std::optional<Obstacle> o = obstacle(c); o && gone(c, *o)) {
    give_way(c, *o, piece.range.time, sink);
    return true;
  }
  const std::uint64_t begin = piece.range.begin;
  if (begin > me.next && first_held(me) >= begin && gone(c, {d, begin, Proof::octets})) {
    skip(c, d, begin, Proof::octets, piece.range.time, sink);
  } else if (begin > me.next) {
    if (piece.range.end > me.next + Hold::kWindow) counters_.add(Count::stream_out_of_window);
    return false;
  }
  return is_due = first_held(me) > me.next;
}

bool Reassembler::hold(Conversation& c, Direction d, const Piece& piece, Sink& sink) {
  Stream& me = c[d];
  if (piece.range.end > me.next + Hold::kWindow) return false;
  if (me.hold == kNoSlot) {
    me.hold = holds_.take();
    if (me.hold == kNoSlot) return counters_.add(Count::stream_refused_holds), false;
    holds_[me.hold].reset();
    c[opposite(d)].spoke = false;
  }
  Conflict conflict;
  const Hold::Kept kept = holds_[me.hold].keep(blocks_, piece.range, piece.octets, conflict);
  if (conflict.found()) {
    counters_.add(Count::stream_conflict);
    sink.conflict(d, conflict, piece.range.time);
  }
  if (kept == Hold::Kept::no_block) counters_.add(Count::stream_refused_blocks);
  if (kept == Hold::Kept::no_range) counters_.add(Count::stream_refused_ranges);
  if (kept == Hold::Kept::all) me.shown = std::max(me.shown, piece.end);
  return kept == Hold::Kept::all;
}

// Delivers whatever has become due, on both sides, until nothing more is. True if anything was.
bool Reassembler::pump(Conversation& c, Sink& sink) {
  bool any = false;
  for (bool progress = true; progress && !c.stopped; any = any || progress) {
    progress = pump_side(c, Direction::to_server, sink);
    if (!c.stopped && pump_side(c, Direction::to_client, sink)) progress = true;
  }
  return any;
}

// The opposite offset the range waits for. The number behind a FIN is no octet.
std::uint64_t Reassembler::awaited(const Conversation& c, Direction d, const Range& range) const {
  return std::min(range.after, c[opposite(d)].fin_at);
}

// Whether what the sender had seen of the other side has been delivered. Two sides that each wait
// for the other were not sent by honest endpoints; the client's octets go first.
bool Reassembler::due(const Conversation& c, Direction d, const Range& first) const {
  const Stream& peer = c[opposite(d)];
  if (awaited(c, d, first) <= peer.next) return true;
  if (d == Direction::to_client || first_held(peer) > peer.next) return false;
  return awaited(c, opposite(d), holds_[peer.hold].ranges().first()) > c[d].next;
}

bool Reassembler::pump_side(Conversation& c, Direction d, Sink& sink) {
  Stream& me = c[d];
  bool progress = false;
  while (me.hold != kNoSlot && !me.on_syn) {
    const Hold& held = holds_[me.hold];
    if (held.ranges().empty()) {
      release(me);
      break;
    }
    const Range& first = held.ranges().first();
    if (first.begin > me.next || !due(c, d, first)) break;
    const Bytes octets = held.at(blocks_, me.next);
    const Tick time = first.time;
    counters_.add(Count::stream_octets_delivered, octets.size());
    history_.record(me.trail, me.next, octets, time);
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
    if (me.on_syn || first_held(me) == kUnknown) continue;
    const Range& first = holds_[me.hold].ranges().first();
    Obstacle o{d, first.begin, Proof::octets};
    if (first.begin <= me.next) {
      // Due itself, but its sender had seen octets of the other side that we have not.
      o = {opposite(d), awaited(c, d, first), Proof::acknowledgement};
      const std::uint64_t held = first_held(c[o.side]);
      if (held <= c[o.side].next) continue;  // held, and waiting for us in turn: our hole decides
      if (held <= o.until) o = {o.side, held, Proof::octets};
    }
    // Of two holes, the one whose octets are known to have arrived is the one never to be filled.
    if (!found || gone(c, o)) found = o;
  }
  return found;
}

// Whether the receiver has the octets that we lack, or may have them for all we can see.
bool Reassembler::gone(const Conversation& c, const Obstacle& o) const {
  return c[o.side].acked >= o.until || !c[opposite(o.side)].seen;
}

bool Reassembler::overdue(Conversation& c, const Obstacle& o, Tick now) const {
  if (!c.waiting) {
    c.waiting = true;
    c.waiting_since = now;
    c.waited = 0;
    for (Stream& side : c.side) side.spoke = false;
    return false;
  }
  const std::int64_t elapsed = now.us - c.waiting_since.us;
  if (c[o.side].acked < o.until) return elapsed > kRetransmissionUs;
  return ++c.waited > limits_.patience_segments ||
         elapsed > std::int64_t{limits_.patience_ms} * 1000;
}

void Reassembler::give_way(Conversation& c, const Obstacle& o, Tick now, Sink& sink) {
  skip(c, o.side, o.until, o.proof, now, sink);
  if (!c.stopped) pump(c, sink);
}

// No more waiting. A receiver that speaks, and still asks for the octets in front of those held,
// never got these or did not like them: to skip to them would be to miss what it will take instead.
void Reassembler::give_way_or_forget(Conversation& c, const Obstacle& o, Tick now, Sink& sink) {
  if (gone(c, o) || !c[opposite(o.side)].spoke) return give_way(c, o, now, sink);
  counters_.add(Count::stream_out_of_window);
  release(c[o.side]);
  c[o.side].shown = 0;
  c.waiting = false;
}

void Reassembler::skip(Conversation& c, Direction d, std::uint64_t to, Proof proof, Tick now,
                       Sink& sink) {
  Stream& me = c[d];
  const std::uint64_t lost = to - me.next;
  const bool on_word = proof == Proof::acknowledgement && me.hold == kNoSlot;
  if (on_word && lost == 1 && me.fin_at == kUnknown) {
    // One number acknowledged behind the last octet: a FIN that was not captured.
    me.fin_at = me.next;
    c.waiting = false;
    return;
  }
  const std::uint64_t unproven = std::min(me.unproven, me.next);
  advance(c, d, to);
  if (on_word) me.unproven = unproven;
  me.missing += lost;
  counters_.add(Count::stream_octets_missing, lost);
  sink.gap(d, lost, now);
}

void Reassembler::advance(Conversation& c, Direction d, std::uint64_t to) {
  Stream& me = c[d];
  if (me.hold != kNoSlot) holds_[me.hold].drop_before(blocks_, me.next, to);
  me.next = to;
  me.unproven = kUnknown;
  c.rival.refute(d);
  if (to > me.fin_at) me.fin_at = kUnknown;  // octets behind a FIN: it was none
  c.waiting = false;
}

void Reassembler::give_up(Conversation& c, Tick now, Sink& sink) {
  for (Stream& side : c.side) refuse_syn(side);
  pump(c, sink);
  for (std::optional<Obstacle> o; !c.stopped && (o = obstacle(c));) {
    give_way_or_forget(c, *o, now, sink);
  }
}

void Reassembler::flush(Conversation& c, Tick now, Sink& sink) {
  give_up(c, now, sink);
  for (const Direction d : {Direction::to_server, Direction::to_client}) {
    // A cut segment's tail was sent; for the rest there is only the receiver's word.
    if (!c.stopped && c[d].shown > c[d].next) skip(c, d, c[d].shown, Proof::octets, now, sink);
    const std::uint64_t end = std::min(c[d].acked, c[d].fin_at);
    if (!c.stopped && end > c[d].next) skip(c, d, end, Proof::acknowledgement, now, sink);
  }
  release(c);
}

void Reassembler::release(Conversation& c) {
  for (Stream& side : c.side) release(side);
}

void Reassembler::release(Stream& side) {
  if (side.hold == kNoSlot) return;
  holds_[side.hold].drop_all(blocks_);
  holds_.give_back(side.hold);
  side.hold = kNoSlot;
}

}  // namespace mailglass::stream
