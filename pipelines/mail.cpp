// SPDX-License-Identifier: BSD-3-Clause
// Life of a packet: `take` is the whole way, from a burst of frames to records in the ring.
#include "pipelines/mail.h"

#include <algorithm>
#include <array>
#include <bit>

#include "flow/belief.h"
#include "flow/connection.h"
#include "flow/table.h"
#include "mail/session.h"
#include "pipelines/digests.h"
#include "pipelines/store.h"

namespace mailglass::pipelines {
namespace {

using flow::Flow;
using flow::FlowTable;
using flow::Verdict;
using tally::CloseReason;
using tally::Count;
using tally::Direction;
using tally::Level;

// Slots looked at for expired flows with each burst, besides as many as flows it opened: new flows
// cannot come faster than the hand goes round.
constexpr std::uint32_t kAgePerBurst = 8;

// Slots looked at for one to give way when a pool runs short.
constexpr std::uint32_t kGiveWaySearch = 8;

// Frames ahead of the one being decoded whose octets are asked for: the checksum reads them all.
constexpr std::size_t kAhead = 3;

[[gnu::always_inline]] inline void prefetch_octets(const Frame& frame) {
  for (std::size_t at = 64; at < frame.data.size(); at += 64) {
    __builtin_prefetch(frame.data.data() + at);
  }
}

// The next few slots that are taken, round and round.
template <typename T, typename Visit>
void visit_some(Pool<T>& pool, std::uint32_t& hand, Visit&& visit) {
  for (std::uint32_t i = 0; i < kGiveWaySearch && i < pool.high_water(); ++i) {
    if (hand >= pool.high_water()) hand = 0;
    const std::uint32_t slot = hand++;
    if (pool.holds(slot)) visit(pool[slot]);
  }
}

Count row_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::undecided:
      return Count::segments_undecided;
    case Verdict::mail:
      return Count::segments_mail;
    case Verdict::opaque:
      return Count::segments_opaque;
    case Verdict::other:
      return Count::segments_other;
    case Verdict::refused:
      break;
  }
  return Count::segments_refused;
}

}  // namespace

// One worker's stages, in the packet's order, each with the memory it was given at start.
struct MailPipeline::Stages {
  struct Arrival {
    wire::Segment segment;
    flow::KeyOf key;
  };

  Stages(const MailLimits& l, const mail::Credentials& c, const match::PatternSet& patterns,
         tally::Counters& k, tally::EventRing& events, std::uint64_t seed)
      : limits(l),
        credentials(c),
        counters(k),
        datagrams(l.wire.datagrams),
        fragment_blocks(l.wire.blocks),
        fragment_buckets(std::bit_ceil(l.wire.datagrams)),
        wholes(wire::Decoder::kRoom),
        fragments({datagrams.pool, fragment_blocks.pool, fragment_buckets.span(), wholes.span()},
                  l.wire.fragment_seconds, seed, counters),
        decoder(l.wire, fragments, counters),
        flow_groups(FlowTable::groups_for(l.flow.flows), PageSize::huge),
        buckets(FlowTable::buckets_for(l.flow.flows), PageSize::huge),
        flows(flow_groups.span(), buckets.span(), limits.flow, seed),
        holds(l.stream.holds),
        blocks(l.stream.blocks),
        mail_blocks(l.mail.blocks),
        history_ring(std::bit_ceil(std::size_t{l.stream.history_mib} << 20)),
        history(history_ring.span()),
        sessions(l.mail.sessions),
        scanner(patterns),
        digests(l.mail.digests, l.mail.digest_slots),
        context{limits.mail,
                credentials,
                scanner,
                mail_blocks.pool,
                counters,
                events,
                l.mail.digests.any() ? &digests : nullptr},
        reassembler(limits.stream, {holds.pool, blocks.pool, history}, counters),
        mail(context, sessions.pool, reassembler) {}

  std::size_t decode(wire::LinkType link, std::span<const Frame>& frames);
  void inspect(const Arrival& arrival);
  bool is_routine(const Flow& flow, const Arrival& arrival) const;
  void read(Flow& flow, const wire::Segment& segment, Direction direction);
  Flow* enter(Flow* flow, const Arrival& arrival);
  Flow* open(const Arrival& arrival);
  void close(Flow& flow, CloseReason reason);
  void make_room(const Flow& newcomer, bool memory, bool few);
  Flow* least_session(const Flow& newcomer, bool few);
  Flow* least_holder(const Flow& newcomer);
  void age(std::uint32_t budget);
  void publish();

  const MailLimits limits;
  const mail::Credentials credentials;
  tally::Counters& counters;
  Store<wire::Datagram> datagrams;
  Store<wire::FragmentBlock> fragment_blocks;
  ZeroPages<std::uint32_t> fragment_buckets;
  ZeroPages<std::uint8_t> wholes;
  wire::Fragments fragments;
  wire::Decoder decoder;
  ZeroPages<flow::FlowGroup> flow_groups;
  ZeroPages<flow::Bucket> buckets;
  FlowTable flows;
  Store<stream::Hold> holds;
  Store<stream::Block> blocks;
  Store<stream::Block> mail_blocks;
  ZeroPages<std::uint8_t> history_ring;
  stream::History history;
  Store<mail::Session> sessions;
  match::Scanner scanner;
  EvpDigests digests;
  mail::Context context;
  stream::Reassembler reassembler;
  mail::Sessions mail;

  std::array<Arrival, kMaxBurst> arrivals;
  std::uint32_t session_hand = 0, hold_hand = 0;  // of the searches for who gives way
  Tick now;
};

MailPipeline::MailPipeline(const MailLimits& limits, const mail::Credentials& credentials,
                           const match::PatternSet& patterns, tally::Counters& counters,
                           tally::EventRing& events)
    : stages_(std::make_unique<Stages>(limits, credentials, patterns, counters, events,
                                       limits.hash_seed)) {}

MailPipeline::~MailPipeline() = default;

// The way of a burst. Two passes: the first touches every frame and asks for the memory the second
// will need, so that cache misses overlap instead of adding up.
void MailPipeline::take(wire::LinkType link, std::span<const Frame> frames) {
  Stages& s = *stages_;
  const std::uint64_t opened = s.counters.get(Count::flows_opened);
  for (const Frame& frame : frames) __builtin_prefetch(frame.data.data());
  while (!frames.empty()) {  // once, unless fragments fill the room for whole datagrams
    const std::size_t arrived = s.decode(link, frames);
    std::array<std::uint64_t, kMaxBurst> spilled;
    std::size_t spills = 0;
    for (std::size_t i = 0; i < arrived; ++i) {
      if (s.flows.prefetch_flow(s.arrivals[i].key.hash)) spilled[spills++] = s.arrivals[i].key.hash;
    }
    for (std::size_t i = 0; i < spills; ++i) s.flows.prefetch_spilled(spilled[i]);
    for (std::size_t i = 0; i < arrived; ++i) s.inspect(s.arrivals[i]);
  }
  s.age(kAgePerBurst + static_cast<std::uint32_t>(s.counters.get(Count::flows_opened) - opened));
  s.publish();
}

// wire: frames to segments, each with its key; what is not a segment ends here, by name. Takes the
// frames it decoded off the front.
std::size_t MailPipeline::Stages::decode(wire::LinkType link, std::span<const Frame>& frames) {
  std::size_t arrived = 0, decoded = 0;
  std::uint64_t octets = 0;
  decoder.begin_burst();
  for (; decoded < frames.size() && !decoder.crowded(); ++decoded) {
    const Frame& frame = frames[decoded];
    if (decoded + kAhead < frames.size()) prefetch_octets(frames[decoded + kAhead]);
    octets += frame.data.size();
    now = std::max(now, frame.time);
    Arrival& arrival = arrivals[arrived];
    const tally::Drop fate = decoder.decode(link, frame, arrival.segment);
    if (fate != tally::Drop::none) {
      counters.drop(fate);
      continue;
    }
    flows.prefetch_bucket(flows.key_into(arrival.key, arrival.segment));
    ++arrived;
  }
  counters.add(Count::frames, decoded);
  counters.add(Count::octets, octets);
  counters.add(Count::segments, arrived);
  frames = frames.subspan(decoded);
  return arrived;
}

// What most segments are: nothing about the flow itself is to be decided.
[[gnu::always_inline]] inline bool MailPipeline::Stages::is_routine(const Flow& flow,
                                                                    const Arrival& arrival) const {
  return flow::is_under_way(flow, arrival.segment) &&
         flow::is_as_believed(flow, arrival.segment, arrival.key.from_low) &&
         !flows.expired(flow, arrival.segment.time) && !flow.contested;
}

[[gnu::always_inline]] inline void MailPipeline::Stages::read(Flow& flow,
                                                              const wire::Segment& segment,
                                                              Direction direction) {
  counters.add(row_of(flow.verdict));
  if (flow.verdict != Verdict::undecided && flow.verdict != Verdict::mail) return;
  const bool memory = holds.pool.runs_short() || blocks.pool.runs_short();
  const bool few = sessions.pool.runs_short() || mail_blocks.pool.runs_short();
  if (memory || few) [[unlikely]]
    make_room(flow, memory, few);
  mail.take(flow, segment, direction);
}

// flow, then, for mail and what may become mail, stream, match and mail.
void MailPipeline::Stages::inspect(const Arrival& arrival) {
  const wire::Segment& segment = arrival.segment;
  const bool from_low = arrival.key.from_low;
  Flow* flow = flows.find(arrival.key.key, arrival.key.hash);
  if (flow != nullptr && is_routine(*flow, arrival)) [[likely]] {
    const Direction direction = flow::direction_of(*flow, from_low);
    flow::note(*flow, segment, direction);
    return read(*flow, segment, direction);
  }
  flow = enter(flow, arrival);
  if (flow == nullptr) return;
  if (flow::learn(*flow, segment, from_low)) counters.add(Count::checksums_offloaded);
  const Direction direction = flow::direction_of(*flow, from_low);
  if (!mail.acceptable(*flow, segment, direction)) {
    counters.add(Count::stream_unacceptable);
    return;
  }
  const bool overtaken = flow->resets != 0 && mail.overtaken(*flow, segment, direction);
  flow::track(*flow, segment, direction, overtaken);
  read(*flow, segment, direction);
  // Said at once; the slot lingers for what the network may still repeat.
  if (mail.is_over(*flow)) mail.close(*flow, CloseReason::fin);
}

// The segment's flow, the one found or another; null when it gets none, by name.
Flow* MailPipeline::Stages::enter(Flow* flow, const Arrival& arrival) {
  const wire::Segment& segment = arrival.segment;
  stream::Rival start;
  bool client_is_low = false;
  if (flow != nullptr) {
    const Direction direction = flow::direction_of(*flow, arrival.key.from_low);
    const bool expired = flows.expired(*flow, segment.time);
    if (!expired && flow::disbelieves(*flow, segment, arrival.key.from_low)) {
      counters.add(Count::flow_refused_checksum);
      mail.set_aside(*flow, segment, direction);
      return nullptr;
    }
    const bool reused = mail.replaced(*flow, segment, direction, start);
    if (!reused && !expired) return flow;
    client_is_low = flow->client_is_low;
    close(*flow, reused ? CloseReason::reused : CloseReason::timeout);
  }
  if (!flow::opens_flow(segment) && !start.from_start) {
    counters.add(Count::flow_refused_stray);
    return nullptr;
  }
  flow = open(arrival);
  if (flow != nullptr && start.from_start) {
    flow::begin_answered(*flow, start.next, start.time, client_is_low);
  }
  return flow;
}

Flow* MailPipeline::Stages::open(const Arrival& arrival) {
  const wire::Segment& segment = arrival.segment;
  FlowTable::Refusal refusal;
  Flow* flow = flows.open(arrival.key.key, arrival.key.hash, segment.time, refusal);
  if (flow == nullptr && refusal == FlowTable::Refusal::table_full) {
    if (Flow* victim = flows.victim(); victim != nullptr) {
      close(*victim, CloseReason::evicted);
      flow = flows.open(arrival.key.key, arrival.key.hash, segment.time, refusal);
    }
  }
  if (flow == nullptr) {
    counters.add(refusal == FlowTable::Refusal::table_full ? Count::flow_refused_full
                                                           : Count::flow_refused_bucket);
    return nullptr;
  }
  counters.add(Count::flows_opened);
  flow::begin(*flow, segment, arrival.key.from_low);
  return flow;
}

void MailPipeline::Stages::close(Flow& flow, CloseReason reason) {
  // How a connection ended outweighs how its slot came to be freed.
  if (flow.state == flow::State::closed) {
    reason = flow.fins == 3 ? CloseReason::fin : CloseReason::rst;
  }
  static constexpr Count kRow[] = {Count::flow_closed_fin,     Count::flow_closed_rst,
                                   Count::flow_closed_timeout, Count::flow_closed_evicted,
                                   Count::flow_closed_reused,  Count::flow_closed_end};
  counters.add(kRow[static_cast<std::size_t>(reason)]);
  // Fewer are a scan's, which nobody has to answer.
  constexpr unsigned kAnswered = Flow::kFew;
  const auto [client, server] =
      std::pair(flow.seen(Direction::to_server), flow.seen(Direction::to_client));
  if (server == 0 && client >= kAnswered) counters.add(Count::flows_oneside_client);
  if (client == 0 && server >= kAnswered) counters.add(Count::flows_oneside_server);
  mail.close(flow, reason);
  flows.close(flow);
}

// Before the pools of mail are empty somebody gives way, of the next few: a session of which hardly
// anything was seen or that may be no mail; else, for want of memory, what waits behind a hole in
// the conversation that delivered least.
void MailPipeline::Stages::make_room(const Flow& newcomer, bool memory, bool few) {
  if (Flow* flow = least_session(newcomer, few); flow != nullptr) {
    counters.add(Count::sessions_evicted);
    close(*flow, CloseReason::evicted);
  } else if (memory && (flow = least_holder(newcomer)) != nullptr) {
    counters.add(Count::stream_gave_way);
    mail.give_up_holes(*flow, now);
  }
}

// The longest silent; the undecided only for want of sessions.
Flow* MailPipeline::Stages::least_session(const Flow& newcomer, bool few) {
  Flow* least = nullptr;
  visit_some(sessions.pool, session_hand, [&](const mail::Session& session) {
    Flow* const flow = session.flow;
    if (flow == &newcomer) return;
    if (!flow::is_slight(*flow) && !(few && flow->verdict == Verdict::undecided)) return;
    if (least == nullptr || flow->last < least->last) least = flow;
  });
  return least;
}

Flow* MailPipeline::Stages::least_holder(const Flow& newcomer) {
  Flow* least = nullptr;
  std::uint64_t delivered = 0;
  visit_some(holds.pool, hold_hand, [&](const stream::Hold& hold) {
    if (hold.flow == nullptr || hold.flow == &newcomer || hold.flow->session == kNoSlot) return;
    const std::uint64_t own = sessions.pool[hold.flow->session].conversation.delivered();
    if (least == nullptr || own < delivered) least = hold.flow, delivered = own;
  });
  return least;
}

void MailPipeline::Stages::age(std::uint32_t budget) {
  flows.age(now, budget, [this](Flow& flow) { close(flow, CloseReason::timeout); });
  decoder.age(now, kMaxBurst);
}

void MailPipeline::Stages::publish() {
  struct Rows {
    Level used, peak, capacity;
    Count refused;
  };
  const auto pool = [this](const Rows& rows, const auto& p) {
    counters.set(rows.used, p.used());
    counters.set(rows.peak, p.peak());
    counters.set(rows.capacity, p.capacity());
    counters.set(rows.refused, p.refused());
  };
#define POOL(id) Rows{Level::id##_used, Level::id##_peak, Level::id##_capacity, Count::id##_full}
  pool(POOL(flows), flows);
  pool(POOL(sessions), sessions.pool);
  pool(POOL(holds), holds.pool);
  pool(POOL(blocks), blocks.pool);
  pool(POOL(mail_blocks), mail_blocks.pool);
  pool(POOL(datagrams), datagrams.pool);
  pool(POOL(fragment_blocks), fragment_blocks.pool);
  pool(POOL(digests), digests.pool());
#undef POOL
}

void MailPipeline::idle(Tick now) {
  stages_->now = std::max(stages_->now, now);
  stages_->age(kAgePerBurst);
  stages_->publish();
}

void MailPipeline::adopt(match::Scanner& scanner) { stages_->scanner.swap(scanner); }

void MailPipeline::finish() {
  Stages& s = *stages_;
  s.flows.for_each([&s](Flow& flow) { s.close(flow, CloseReason::end); });
  s.publish();
}

}  // namespace mailglass::pipelines
