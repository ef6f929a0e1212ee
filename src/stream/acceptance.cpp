// SPDX-License-Identifier: BSD-3-Clause
// Which octets of a segment its receiver would take, and which of them are new (RFC 9293 section
// 3.10.7.4, RFC 5961): numbers are judged here, what becomes of octets in reassembler.cpp.
#include <algorithm>

#include "stream/reassembler.h"

namespace mailglass::stream {
namespace {

using tally::Count;
using tally::opposite;

// No window is larger (RFC 7323 section 2.3): what lies farther away is not of this connection.
constexpr std::int64_t kFar = std::int64_t{1} << 30;

// What is nearer to what was read than this may be of this connection, whatever was lost.
constexpr std::int64_t kReach = std::int64_t{Hold::kWindow};

// Whether the segment acknowledges a number near what was read of the other side. One whose own
// number is far off as well is of another connection.
bool acknowledges_ours(const flow::Flow& flow, const Conversation& c, const wire::Segment& s,
                       Direction d) {
  const Direction back = opposite(d);
  const auto read = static_cast<std::int64_t>(c[back].next);
  const std::int64_t ack = s.ack.offset(flow.base(back), read);
  return !flow.has_base(back) || (ack >= read - kReach && ack <= read + kReach);
}

}  // namespace

// The receiver drops an RST or a FIN outside its window. One inside it at another place than the
// next is challenged (RFC 5961): if the connection goes on, flow::track finds out.
bool Reassembler::acceptable(const flow::Flow& flow, const Conversation& c, const wire::Segment& s,
                             Direction d) const {
  if (!flow.has_base(d) || flow.seen(opposite(d)) == 0) return true;
  const Stream& me = c[d];
  const std::int64_t at = s.seq.offset(flow.base(d), static_cast<std::int64_t>(me.next)) + s.length;
  const std::uint64_t most = std::max(me.next, me.acked) + Hold::kWindow;
  return at >= static_cast<std::int64_t>(std::min(me.next, me.acked)) &&
         at <= static_cast<std::int64_t>(most);
}

// As long as a hole is waited for: a challenged RST may be far ahead of what its sender says next.
bool Reassembler::overtaken(const flow::Flow& flow, const Conversation& c, const wire::Segment& s,
                            Direction d) const {
  const Stream& me = c[d];
  if (me.reset_at == kUnknown || s.length == 0) return false;
  const auto reset = static_cast<std::int64_t>(me.reset_at);
  return s.seq.offset(flow.base(d), reset) + s.length <= reset &&
         s.time.us - me.reset_time.us <= std::int64_t{limits_.patience_ms} * 1000;
}

// Notes what the segment acknowledges; returns the opposite offset its octets must wait for.
std::uint64_t Reassembler::note_acknowledgement(flow::Flow& flow, Conversation& c,
                                                const wire::Segment& s, Direction d) {
  const Direction back = opposite(d);
  Stream& peer = c[back];
  if (!s.has(wire::kAck)) return 0;
  if (!flow.has_base(back)) flow.set_base(back, s.ack);
  const std::int64_t near = static_cast<std::int64_t>(peer.next);
  const std::int64_t ack = s.ack.offset(flow.base(back), near);
  if (ack <= 0 || ack > near + kFar) return 0;
  // The number after a FIN acknowledges the FIN; it is no octet to wait for.
  const std::uint64_t octets = std::min(static_cast<std::uint64_t>(ack), peer.fin_at);
  peer.answered = std::max(peer.answered, static_cast<std::uint64_t>(ack));
  peer.acked = std::max(peer.acked, octets);
  if (flow.seen(back) == 0) {
    peer.next = std::max(peer.next, octets);  // one-sided: it will never come
  }
  return octets;
}

// How far a conversation went on that is not read any more is not known: any offset of that number
// will do, as `overtaken` asks for those near it.
void Reassembler::note_reset(const flow::Flow& flow, Conversation& c, const wire::Segment& s,
                             Direction d) {
  Stream& me = c[d];
  constexpr std::int64_t kRound = std::int64_t{1} << 32;
  const std::int64_t at = s.seq.offset(flow.base(d), static_cast<std::int64_t>(me.next));
  me.reset_at = static_cast<std::uint64_t>(at < 0 ? at + kRound : at);
  me.reset_time = s.time;
}

// Octets on a SYN are taken or refused by a server as it likes (RFC 9293 section 3.4, RFC 7413).
// Its SYN-ACK tells which, or the number the client goes on with.
void Reassembler::judge_syn(const flow::Flow& flow, Conversation& c, const wire::Segment& s,
                            Direction d) {
  Stream& me = c[d];
  if (me.on_syn && !s.has(wire::kSyn)) {
    const std::int64_t begin = s.seq.offset(flow.base(d), 0);
    if (begin <= 0) refuse_syn(me);
    me.on_syn = false;
  }
  Stream& peer = c[opposite(d)];
  if (peer.on_syn && s.has(wire::kAck)) {
    if (peer.acked == 0) refuse_syn(peer);
    peer.on_syn = false;
  }
}

void Reassembler::refuse_syn(Stream& side) {
  if (!side.on_syn) return;
  counters_.add(Count::stream_syn_data_refused);
  release(side);
  side.shown = 0;
  side.on_syn = false;
}

// The part of the segment that is new, or nothing; counts what is not.
std::optional<Reassembler::Piece> Reassembler::piece_of(const flow::Flow& flow, Conversation& c,
                                                        const wire::Segment& s, Direction d,
                                                        Sink& sink) {
  Stream& me = c[d];
  std::int64_t near = static_cast<std::int64_t>(me.next);
  const std::int64_t begin = s.seq.offset(flow.base(d), near) + (s.has(wire::kSyn) ? 1 : 0);
  std::int64_t end = begin + s.length;
  if (end > near + kFar || end < near - kFar || beyond_window(c, d, begin)) {
    counters_.add(Count::stream_out_of_window);
    if (!acknowledges_ours(flow, c, s, d)) c.rival.name(s, d);
    return std::nullopt;
  }
  if (end < near - kReach && !acknowledges_ours(flow, c, s, d)) c.rival.name(s, d);
  if (s.length != 0 && s.has(wire::kRst)) {  // RFC 9293 section 3.5.3: they say why it was sent
    counters_.add(Count::stream_unacceptable);
    return std::nullopt;
  }
  if (s.length != 0 && s.has(wire::kSyn) && begin > 0) {  // in the middle: challenged (RFC 5961)
    counters_.add(Count::stream_syn_data_refused);
    return std::nullopt;
  }
  if (s.length != 0 && begin < near && take_back(me, end)) {
    near = static_cast<std::int64_t>(me.next);
  }
  if (s.has(wire::kFin) && end >= near && me.fin_at == kUnknown) {
    me.fin_at = static_cast<std::uint64_t>(end);
    me.fin_seen = true;
  }
  if (s.length == 0) return std::nullopt;
  if (me.fin_seen && me.answered > me.fin_at && end > static_cast<std::int64_t>(me.fin_at)) {
    // The receiver has the FIN: what lies behind it is not of the stream any more.
    counters_.add(Count::stream_after_fin);
    end = static_cast<std::int64_t>(me.fin_at);
  }
  if (s.has(wire::kSyn) && !s.has(wire::kAck) && c[opposite(d)].seen &&
      me.acked < static_cast<std::uint64_t>(end)) {
    counters_.add(Count::stream_syn_data_refused);
    return std::nullopt;
  }
  const std::int64_t known = std::min(end, near);
  if (begin < known) repeated(c, s, d, begin, static_cast<std::size_t>(known - begin), sink);
  if (c.stopped || end <= std::max(begin, near)) return std::nullopt;

  Piece piece;
  const std::int64_t from = std::max(begin, near);
  const auto old = static_cast<std::size_t>(from - begin);
  const Bytes rest = s.payload.subspan(std::min(old, s.payload.size()));
  piece.octets = rest.first(std::min(rest.size(), static_cast<std::size_t>(end - from)));
  piece.range.begin = static_cast<std::uint64_t>(from);
  piece.range.end = piece.range.begin + piece.octets.size();
  piece.range.time = s.time;
  piece.end = static_cast<std::uint64_t>(end);
  // With others held, the client has gone on: they are octets like any.
  piece.on_syn = s.has(wire::kSyn) && !s.has(wire::kAck) && !c[opposite(d)].seen &&
                 (me.hold == kNoSlot || me.on_syn);
  return piece;
}

// The first `octets` of the segment were delivered, or skipped, before: the same ones?
void Reassembler::repeated(Conversation& c, const wire::Segment& s, Direction d, std::int64_t begin,
                           std::size_t octets, Sink& sink) {
  // A keep-alive is the last octet again, or garbage in its place, once there is nothing else to
  // send; a zero-window probe is that octet again (RFC 9293 sections 3.8.4 and 3.8.6.1). Where a
  // receiver that is seen has not acknowledged it, it may never have got the first copy.
  const bool asks = s.length == 1 && begin + 1 == static_cast<std::int64_t>(c[d].next);
  if (asks && (c[d].acked >= c[d].next || !c[opposite(d)].seen)) {
    return counters_.add(Count::stream_keep_alive);
  }
  Bytes copy = s.payload.first(std::min(octets, s.payload.size()));
  if (begin < 0) copy = copy.subspan(std::min(copy.size(), static_cast<std::size_t>(-begin)));
  const auto from = static_cast<std::uint64_t>(std::max<std::int64_t>(begin, 0));
  History::Finding finding;
  if (!copy.empty()) finding = history_.compare(c[d].trail, from, copy);
  if (asks && !finding.conflict.found()) return counters_.add(Count::stream_keep_alive);
  counters_.add(Count::stream_retransmitted);
  counters_.add(Count::stream_octets_duplicate, octets);
  ++c.retransmitted;
  if (finding.conflict.found()) {
    counters_.add(Count::stream_conflict);
    sink.conflict(d, finding.conflict, s.time);
  } else if (finding.compared < copy.size()) {
    counters_.add(Count::stream_not_compared);
  }
}

void Reassembler::set_aside(const flow::Flow& flow, Conversation& c, const wire::Segment& s,
                            Direction d) {
  if (s.length == 0 || s.has(wire::kSyn) || !flow.has_base(d)) return;
  Stream& me = c[d];
  const std::int64_t begin = s.seq.offset(flow.base(d), static_cast<std::int64_t>(me.next));
  if (begin < 0 || begin > static_cast<std::int64_t>(me.next + Hold::kWindow)) return;
  history_.record(me.aside, static_cast<std::uint64_t>(begin), s.payload, s.time);
}

// The receiver acknowledges octets that we refused and have no other copy of: it took them.
void Reassembler::recover(Conversation& c, Direction d, Sink& sink) {
  Stream& me = c[d];
  while (!c.stopped && me.aside.newest != 0) {
    const std::uint64_t end = std::min(me.acked, first_held(me));
    if (me.next >= end) return;
    const History::Copy copy = history_.find(me.aside, me.next);
    if (copy.octets.empty()) return;
    const auto octets = copy.octets.first(
        static_cast<std::size_t>(std::min<std::uint64_t>(copy.octets.size(), end - me.next)));
    counters_.add(Count::stream_recovered);
    counters_.add(Count::stream_octets_delivered, octets.size());
    advance(c, d, me.next + octets.size());
    sink.data(d, octets, copy.time);
  }
}

// A receiver drops what lies outside its window, so one segment with a wild number must not move
// us past octets yet to come. Where the receiver is seen, its acknowledgements say how far it is.
bool Reassembler::beyond_window(const Conversation& c, Direction d, std::int64_t begin) const {
  const std::uint64_t edge = std::max(c[d].next, c[d].acked) + Hold::kWindow;
  return c[opposite(d)].seen && begin > static_cast<std::int64_t>(edge);
}

// Octets come that were skipped because the other side acknowledged them: they were only late, or
// the acknowledgement was a lie. Nothing behind them has been delivered, so they still can be.
bool Reassembler::take_back(Stream& me, std::int64_t end) const {
  if (me.unproven == kUnknown || me.hold != kNoSlot) return false;
  if (end <= static_cast<std::int64_t>(me.unproven)) return false;
  me.missing -= me.next - me.unproven;
  me.next = me.unproven;
  me.unproven = kUnknown;
  return true;
}

}  // namespace mailglass::stream
