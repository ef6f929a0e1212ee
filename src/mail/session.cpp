// SPDX-License-Identifier: BSD-3-Clause
#include "mail/session.h"

#include <new>

#include "flow/connection.h"
#include "mail/conflict_text.h"

namespace mailglass::mail {

using flow::Flow;
using flow::Verdict;
using tally::Count;
using tally::Direction;
using tally::Protocol;
using Finding = Probe::Finding;

// One session's octets being read: what the reassembler talks to.
class Sessions::Reading final : public stream::Sink {
 public:
  Reading(Context& context, Session& session) : context_(context), session_(session) {}

  void data(Direction direction, Bytes octets, Tick time) override {
    Turn turn{context_, session_.voice, *session_.flow, time};
    if (auto* probe = std::get_if<Probe>(&session_.reader)) {
      return look(turn, *probe, direction, octets);
    }
    read(turn, said(direction), octets);
  }

  void gap(Direction direction, std::uint64_t octets, Tick time) override {
    lose(said(direction), octets, time);
  }

  void conflict(Direction direction, const stream::Conflict& conflict, Tick time) override {
    const auto side = static_cast<unsigned>(said(direction));
    if ((session_.doubts.overlap.told >> side & 1u) != 0) return;
    const bool reveal = context_.credentials.policy == CredentialPolicy::reveal;
    doubt(session_.doubts.overlap, tally::Anomaly::tcp_overlap_conflict, direction, time,
          ConflictText(conflict, reveal).view());
  }

  void urgent(Direction direction, Tick time) {
    doubt(session_.doubts.urgent, tally::Anomaly::tcp_urgent_data, direction, time, {});
  }

  // The roles were found to be the other way round: the caller puts flow and conversation right
  // once the reassembler is done with them.
  bool swapped() const { return swapped_; }

 private:
  // The direction between client and server of what goes one way on the wire.
  Direction said(Direction wire) const {
    return swapped_ != session_.turned ? tally::opposite(wire) : wire;
  }

  void doubt(Doubts::Kind& kind, tally::Anomaly anomaly, Direction direction, Tick time,
             std::string_view detail) {
    direction = said(direction);
    const unsigned side = 1u << static_cast<unsigned>(direction);
    kind.found = static_cast<std::uint8_t>(kind.found | side);
    if ((kind.told & side) != 0 || std::holds_alternative<Probe>(session_.reader)) return;
    kind.told = static_cast<std::uint8_t>(kind.told | side);
    Turn turn{context_, session_.voice, *session_.flow, time};
    turn.anomaly(anomaly, direction, detail);
  }

  // What was found while nobody knew what to call the session.
  void tell_doubts(Tick time) {
    const std::pair<Doubts::Kind&, tally::Anomaly> kinds[] = {
        {session_.doubts.overlap, tally::Anomaly::tcp_overlap_conflict},
        {session_.doubts.urgent, tally::Anomaly::tcp_urgent_data}};
    for (const auto& [kind, anomaly] : kinds) {
      for (const Direction d : {Direction::to_server, Direction::to_client}) {
        if ((kind.found >> static_cast<unsigned>(d) & 1u) != 0) doubt(kind, anomaly, d, time, {});
      }
    }
  }

  void lose(Direction direction, std::uint64_t octets, Tick time) {
    Turn turn{context_, session_.voice, *session_.flow, time};
    if (auto* smtp = std::get_if<Smtp>(&session_.reader)) return smtp->gap(turn, direction, octets);
    if (auto* pop3 = std::get_if<Pop3>(&session_.reader)) return pop3->gap(turn, direction, octets);
    if (auto* tls = std::get_if<Tls>(&session_.reader)) {
      tls->gap(turn, direction, octets);
      return stop_when_done(*tls);
    }
    std::get_if<Probe>(&session_.reader)->lose(context_.blocks, direction, octets);
  }

  void look(Turn& turn, Probe& probe, Direction direction, Bytes octets) {
    bool swapped = false;
    const Finding finding = probe.look(turn, direction, octets, swapped);
    if (finding == Finding::undecided) return;
    if (finding == Finding::not_mail) {
      context_.counters.add(Count::probes_failed);
      session_.flow->verdict = Verdict::other;
      session_.conversation.stopped = true;
      return;
    }
    swapped_ = swapped;
    if (swapped) flow::swap_roles(*session_.flow);
    open(turn, finding, probe.arrival());
    if (Probe::misplaced(finding, session_.flow->server_port())) {
      turn.anomaly(tally::Anomaly::protocol_on_wrong_port, Direction::to_client);
    }
    const Probe before = probe;  // its place is the reader's from here on
    const tally::Proxied* const proxied = before.proxied();
    if (proxied != nullptr) {
      context_.counters.add(proxied->version == 1 ? Count::sessions_proxied_v1
                                                  : Count::sessions_proxied_v2);
      turn.say(*proxied);
    }
    // Made in place: emplace() returns through a get() that might throw.
    if (finding == Finding::smtps || finding == Finding::pop3s) {
      new (&session_.reader) Reader(std::in_place_type<Tls>);
      context_.counters.add(Count::tls_implicit);
      turn.say(tally::Encrypted{.implicit = true});
    } else if (finding == Finding::pop3) {
      new (&session_.reader) Reader(std::in_place_type<Pop3>);
    } else {
      new (&session_.reader) Reader(std::in_place_type<Smtp>);
      if (proxied != nullptr && proxied->version == 1) {
        std::get_if<Smtp>(&session_.reader)->follow_header();
      }
    }
    tell_doubts(turn.time);
    for (const Direction d : {Direction::to_server, Direction::to_client}) {
      if (before.lost(d) != 0) lose(said(d), before.lost(d), turn.time);
    }
    before.replay(context_.blocks, [&](Direction d, Bytes kept, Tick time) {
      Turn then{context_, session_.voice, *session_.flow, time};
      read(then, said(d), kept);
    });
    Probe(before).release(context_.blocks);
    read(turn, said(direction), octets);
  }

  void open(Turn& turn, Finding finding, const Arrival& arrival) {
    Flow& flow = *session_.flow;
    flow.verdict = Verdict::mail;
    session_.voice.session = flow::flow_id(flow.key, flow.detail().first);
    const bool pop3 = finding == Finding::pop3 || finding == Finding::pop3s;
    session_.voice.protocol = pop3                       ? Protocol::pop3
                              : finding == Finding::lmtp ? Protocol::lmtp
                                                         : Protocol::smtp;
    context_.counters.add(pop3                       ? Count::sessions_pop3
                          : finding == Finding::lmtp ? Count::sessions_lmtp
                                                     : Count::sessions_smtp);
    tally::Opened opened;
    opened.client = flow.client();
    opened.server = flow.server();
    opened.client_port = flow.client_port();
    opened.server_port = flow.server_port();
    std::memcpy(opened.vlan, flow.key.vlan, sizeof opened.vlan);
    opened.vlans = flow.key.vlans;
    opened.ipv6 = !is_v4(flow.key.low);
    opened.midstream = flow.midstream;
    opened.start = flow.detail().first;
    opened.syn_ack_us = flow.detail().syn_ack_us;
    opened.handshake_us = flow.detail().handshake_us;
    Direction sent = arrival.direction;
    if (swapped_) sent = tally::opposite(sent);
    opened.tunnel = arrival.tunnel;
    if (sent == Direction::to_client && opened.tunnel.type != TunnelType::erspan) {
      std::swap(opened.tunnel.ends[0], opened.tunnel.ends[1]);
    }
    if (arrival.has_ether) {
      opened.has_ether = true;
      auto& source = sent == Direction::to_server ? opened.client_mac : opened.server_mac;
      auto& destination = sent == Direction::to_server ? opened.server_mac : opened.client_mac;
      std::memcpy(destination.data(), arrival.ether.data(), destination.size());
      std::memcpy(source.data(), arrival.ether.data() + destination.size(), source.size());
    }
    turn.say(opened);
  }

  void read(Turn& turn, Direction direction, Bytes octets) {
    if (auto* smtp = std::get_if<Smtp>(&session_.reader)) {
      smtp->data(turn, direction, octets);
      if (smtp->turn_due()) {
        smtp->turn_round(turn);
        session_.turned = !session_.turned;
        return read(turn, tally::opposite(direction), octets);
      }
      if (smtp->encrypted()) begin_tls(turn, *smtp);
    } else if (auto* pop3 = std::get_if<Pop3>(&session_.reader)) {
      pop3->data(turn, direction, octets);
      if (pop3->encrypted()) begin_tls(turn, *pop3);
    }
    if (auto* tls = std::get_if<Tls>(&session_.reader)) {
      tls->data(turn, direction, octets);
      stop_when_done(*tls);
    }
  }

  // The dialogue in clear is over; the reader of the handshake takes its place.
  template <typename Clear>
  void begin_tls(Turn& turn, Clear& clear) {
    context_.counters.add(Count::tls_upgraded);
    clear.close(turn, tally::CloseReason::end);
    const stream::Conversation& c = session_.conversation;
    const bool certain = !turn.flow.midstream && c.side[0].missing + c.side[1].missing == 0;
    const Tls tls(clear.commands(), clear.transactions(), certain);
    new (&session_.reader) Reader(std::in_place_type<Tls>, tls);
  }

  void stop_when_done(const Tls& tls) {
    if (!tls.done()) return;
    session_.flow->verdict = Verdict::opaque;
    session_.conversation.stopped = true;
  }

  Context& context_;
  Session& session_;
  bool swapped_ = false;
};

bool Sessions::acceptable(const Flow& flow, const wire::Segment& segment, Direction direction) {
  if (!segment.has(wire::kRst) && !segment.has(wire::kFin)) return true;
  if (flow.session == kNoSlot) {
    return flow.verdict != Verdict::undecided ||
           reassembler_.acceptable(flow, stream::Conversation{}, segment, direction);
  }
  stream::Conversation& c = pool_[flow.session].conversation;
  if (!c.stopped) return reassembler_.acceptable(flow, c, segment, direction);
  if (segment.has(wire::kRst) && flow.has_base(direction)) {
    reassembler_.note_reset(flow, c, segment, direction);
  }
  return true;
}

bool Sessions::overtaken(const Flow& flow, const wire::Segment& segment,
                         Direction direction) const {
  return flow.session != kNoSlot &&
         reassembler_.overtaken(flow, pool_[flow.session].conversation, segment, direction);
}

bool Sessions::replaced(Flow& flow, const wire::Segment& segment, Direction direction,
                        stream::Rival& start) {
  const bool syn = flow::reuses_ports(flow, segment, direction);
  if (flow.session == kNoSlot || flow.state == flow::State::closed) return syn;
  stream::Rival& rival = pool_[flow.session].conversation.rival;
  const bool both_seen =
      flow.seen(Direction::to_server) != 0 && flow.seen(Direction::to_client) != 0;
  if (both_seen && flow::answers_another_syn(flow, segment, direction)) {
    rival.name(segment, direction);
    flow.contested = rival.known;
    return false;
  }
  if (!rival.confirmed_by(segment, direction)) return syn;
  start = rival;
  return true;
}

void Sessions::take(Flow& flow, const wire::Segment& segment, Direction direction) {
  Session* session = nullptr;
  if (flow.session != kNoSlot) {
    session = &pool_[flow.session];
  } else {
    if (segment.length == 0) return;  // nothing to read yet
    session = begin(flow, segment, direction);
    if (session == nullptr) return;
  }
  Reading reading(context_, *session);
  if (segment.has(wire::kUrg) && segment.length != 0) {
    context_.counters.add(Count::stream_urgent);
    reading.urgent(direction, segment.time);
  }
  reassembler_.take(flow, session->conversation, segment, direction, reading);
  settle(flow, *session, reading.swapped());
}

void Sessions::give_up_holes(Flow& flow, Tick now) {
  if (flow.session == kNoSlot || pool_[flow.session].conversation.stopped) return;
  Session& session = pool_[flow.session];
  Reading reading(context_, session);
  reassembler_.give_up(session.conversation, now, reading);
  settle(flow, session, reading.swapped());
}

// What the octets just read mean for the session as a whole.
void Sessions::settle(Flow& flow, Session& session, bool swapped) {
  if (swapped) {
    std::swap(session.conversation.side[0], session.conversation.side[1]);
    session.conversation.rival = {};
  }
  flow.contested = session.conversation.rival.known;
  if (!session.conversation.stopped) return;
  reassembler_.release(session.conversation);
  if (flow.verdict == Verdict::other) release(flow, session);
}

void Sessions::set_aside(Flow& flow, const wire::Segment& segment, Direction direction) {
  if (flow.verdict != Verdict::undecided && flow.verdict != Verdict::mail) return;
  if (segment.length == 0) return;
  Session* session =
      flow.session != kNoSlot ? &pool_[flow.session] : begin(flow, segment, direction);
  if (session == nullptr || session->conversation.stopped) return;
  reassembler_.set_aside(flow, session->conversation, segment, direction);
}

bool Sessions::is_over(const Flow& flow) const {
  if (flow.fins != 3 || flow.session == kNoSlot) return false;
  const stream::Conversation& c = pool_[flow.session].conversation;
  const auto over = [](const stream::Stream& side) {
    return side.answered > side.fin_at && side.next >= side.fin_at && side.hold == kNoSlot;
  };
  return over(c.side[0]) && over(c.side[1]);
}

Session* Sessions::begin(Flow& flow, const wire::Segment& segment, Direction direction) {
  const std::uint32_t slot = pool_.take();
  if (slot == kNoSlot) {
    context_.counters.add(Count::sessions_refused);
    flow.verdict = Verdict::refused;
    return nullptr;
  }
  flow.session = slot;
  Session& session = *new (&pool_[slot]) Session;
  session.flow = &flow;
  std::get_if<Probe>(&session.reader)->arrive(segment, direction);
  return &session;
}

void Sessions::close(Flow& flow, tally::CloseReason reason) {
  if (flow.session == kNoSlot) return;
  Session& session = pool_[flow.session];
  Reading reading(context_, session);
  if (!session.conversation.stopped) {
    reassembler_.flush(session.conversation, flow.last, reading);
    if (reading.swapped()) std::swap(session.conversation.side[0], session.conversation.side[1]);
  }
  if (std::holds_alternative<Probe>(session.reader)) return release(flow, session);

  Turn turn{context_, session.voice, flow, flow.last};
  tally::Closed closed;
  const auto last_words = [&](auto& reader) {
    reader.close(turn, reason);
    closed.commands = reader.commands();
    closed.transactions = reader.transactions();
  };
  if (auto* smtp = std::get_if<Smtp>(&session.reader)) last_words(*smtp);
  if (auto* pop3 = std::get_if<Pop3>(&session.reader)) last_words(*pop3);
  if (auto* tls = std::get_if<Tls>(&session.reader)) last_words(*tls);
  closed.end = flow.last;
  closed.reason = reason;
  closed.established = flow.detail().handshake_us != 0 || (session.conversation.side[0].next != 0 &&
                                                           session.conversation.side[1].next != 0);
  closed.oneside_to_server = flow.seen(Direction::to_client) == 0;
  closed.oneside_to_client = flow.seen(Direction::to_server) == 0;
  closed.retransmitted = session.conversation.retransmitted;
  closed.out_of_order = session.conversation.out_of_order;
  for (int side = 0; side < 2; ++side) {
    closed.octets[side] = flow.detail().octets[side];
    closed.segments[side] = flow.detail().segments[side];
    closed.bytes_missing[side] = session.conversation.side[static_cast<std::size_t>(side)].missing;
  }
  turn.say(closed);
  release(flow, session);
}

void Sessions::release(Flow& flow, Session& session) {
  flow.verdict = Verdict::other;  // for good: what comes after its end is not read again
  if (auto* probe = std::get_if<Probe>(&session.reader)) probe->release(context_.blocks);
  pool_.give_back(flow.session);
  flow.session = kNoSlot;
  flow.contested = false;
}

}  // namespace mailglass::mail
