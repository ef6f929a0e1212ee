// SPDX-License-Identifier: BSD-3-Clause
// libFuzzer target: the input drives segments of two sides into a reassembler with tiny pools. Five
// octets a segment: who and flags (SYN and FIN too), distance, length, acknowledgement, time. What
// must hold, whatever comes: octets are delivered once and in order, delivered and missing ones add
// up to `next`, the copy held first is the one delivered, a stopped sink hears nothing, and the
// pools come back.
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "flow/connection.h"
#include "stream/reassembler.h"

namespace mailglass::test {
namespace {

using tally::Direction;

void require(bool condition, const char* rule) {
  if (condition) return;
  std::fprintf(stderr, "broken rule: %s\n", rule);
  std::abort();
}

// An octet's value says where it belongs and which copy it is of.
std::uint8_t octet_at(std::uint64_t offset, unsigned copy) {
  return static_cast<std::uint8_t>(offset * 7 + copy * 101);
}

// Octets in a hold, and which copy of them came first. Of what came on a SYN either may be read:
// it may be refused, and others held in its place.
constexpr unsigned kEither = 2;
struct Held {
  std::uint64_t begin, end;
  unsigned copy;
};

class Checker final : public stream::Sink {
 public:
  struct Side {
    std::uint64_t octets = 0, missing = 0;
    std::uint64_t unseen = 0;  // acknowledged while this side was not captured
    std::vector<Held> held;    // in order
  };

  explicit Checker(stream::Conversation& c) : conversation(c) {}

  void data(Direction d, Bytes octets, Tick) override {
    require(!stopped, "a stopped sink hears nothing");
    require(!octets.empty(), "no call without octets");
    Side& side = of(d);
    const std::uint64_t begin = side.octets + side.unseen + conversation[d].missing;
    require(fits(begin, octets), "octets are some copy of those at their offset");
    for (const Held& held : side.held) {
      if (held.copy == kEither) continue;
      for (std::uint64_t at = std::max(begin, held.begin);
           at < std::min(begin + octets.size(), held.end); ++at) {
        require(octets[at - begin] == octet_at(at, held.copy), "the copy held first wins");
      }
    }
    side.octets += octets.size();
    if (stop_at != 0 && --stop_at == 0) conversation.stopped = stopped = true;
  }
  void gap(Direction d, std::uint64_t octets, Tick) override {
    require(!stopped, "a stopped sink hears nothing");
    require(octets != 0, "no gap of nothing");
    if (stop_at != 0 && --stop_at == 0) conversation.stopped = stopped = true;
    of(d).missing += octets;
  }
  void conflict(Direction, const stream::Conflict& conflict, Tick) override {
    require(!stopped, "a stopped sink hears nothing");
    require(conflict.found() && conflict.first.size() == conflict.later.size(), "two copies");
    require(conflict.first[0] != conflict.later[0], "they differ from the first octet on");
    require(fits(conflict.offset, conflict.first) && fits(conflict.offset, conflict.later),
            "both copies are of the octets at their offset");
  }

  Side& of(Direction d) { return sides[static_cast<std::size_t>(d)]; }

  stream::Conversation& conversation;
  Side sides[2];
  unsigned stop_at = 0;
  bool stopped = false;

 private:
  static bool fits(std::uint64_t begin, Bytes octets) {
    for (std::size_t i = 0; i < octets.size(); ++i) {
      if (octets[i] != octet_at(begin + i, 0) && octets[i] != octet_at(begin + i, 1)) return false;
    }
    return true;
  }
};

// Distances and lengths where something changes: blocks, the window, the edge of belief.
constexpr std::uint64_t kFar[] = {0,
                                  1,
                                  2,
                                  3,
                                  5,
                                  2047,
                                  2048,
                                  2049,
                                  4096,
                                  stream::Hold::kWindow - 1,
                                  stream::Hold::kWindow,
                                  stream::Hold::kWindow + 1,
                                  1u << 20,
                                  (1u << 30) - 1,
                                  1u << 30,
                                  1u << 31};
constexpr std::uint32_t kLength[] = {0,  1,   1,    2,    3,    4,    6,    9,
                                     40, 300, 1448, 2047, 2048, 2049, 4097, 6000};

struct Bench {
  static constexpr std::uint32_t kHolds = 2, kBlocks = 5;

  Bench()
      : hold_slots(kHolds),
        hold_links(kHolds),
        holds(hold_slots, hold_links),
        block_slots(kBlocks),
        block_links(kBlocks),
        blocks(block_slots, block_links),
        ring(stream::History::kLeastOctets / 8),
        history({reinterpret_cast<std::uint8_t*>(ring.data()), ring.size() * 8}) {}

  void take(const std::uint8_t (&op)[5]);
  void check_accounts();
  void note_held(Direction d, unsigned copy);

  std::vector<stream::Hold> hold_slots;
  std::vector<std::uint32_t> hold_links;
  Pool<stream::Hold> holds;
  std::vector<stream::Block> block_slots;
  std::vector<std::uint32_t> block_links;
  stream::BlockPool blocks;
  std::vector<std::uint64_t> ring;
  stream::History history;
  tally::Counters counters;
  stream::Reassembler reassembler{
      {.patience_segments = 3, .patience_ms = 1000}, {holds, blocks, history}, counters};
  flow::FlowGroup group;
  flow::Flow& flow = group.flow[0];
  stream::Conversation conversation;
  Checker checker{conversation};
  Tick now{1'000'000};
  std::uint32_t isn[2] = {};
};

void Bench::take(const std::uint8_t (&op)[5]) {
  const auto d = static_cast<Direction>(op[0] & 1);
  const auto side = static_cast<unsigned>(op[0] & 1);
  const unsigned copy = op[0] >> 1 & 1;
  stream::Stream& me = conversation[d];
  stream::Stream& peer = conversation[tally::opposite(d)];
  const std::uint64_t ahead = kFar[op[1] & 15];
  const std::uint64_t offset = (op[1] & 16) != 0 && ahead <= me.next ? me.next - ahead
                               : (op[1] & 32) != 0 ? me.next + ahead + (op[1] >> 6)
                                                   : me.next + (op[1] & 15);
  const std::uint32_t length = kLength[op[2] & 15];
  const std::uint32_t cut = (op[2] & 0x30) == 0x30 ? std::min(length, 1u + (op[2] >> 6)) : 0;
  const std::uint64_t back = kFar[op[3] & 15];
  const std::uint64_t ack = (op[3] & 16) != 0 && back <= peer.next ? peer.next - back
                            : (op[3] & 32) != 0                    ? peer.next + back
                                                                   : peer.next;
  std::vector<std::uint8_t> octets(length - cut);
  for (std::size_t i = 0; i < octets.size(); ++i) octets[i] = octet_at(offset + i, copy);
  wire::Segment s;
  now.us += std::int64_t{op[4]} * ((op[4] & 0x80) != 0 ? 250'000 : 1000);
  s.time = now;
  s.flags = static_cast<std::uint8_t>((op[0] & 4) != 0 ? 0 : wire::kAck);
  if ((op[0] & 0x18) == 0x18) s.flags |= wire::kFin;
  const bool syn = (op[0] & 0xe0) == 0xe0;
  if (syn) s.flags |= wire::kSyn;
  s.seq = SeqNum(isn[side]) + (syn ? 0 : 1) + static_cast<std::uint32_t>(offset);
  s.ack = SeqNum(isn[1 - side]) + 1 + static_cast<std::uint32_t>(ack);
  s.payload = octets;
  s.length = length;
  flow::track(flow, s, d);
  const bool silent = flow.seen(opposite(d)) == 0;
  const std::uint64_t peer_next = peer.next;
  if (!conversation.stopped) reassembler.take(flow, conversation, s, d, checker);
  if (conversation.stopped) reassembler.release(conversation);
  note_held(d, copy);
  note_held(tally::opposite(d), copy);
  // One side alone: the other moves on with the acknowledgements, and misses nothing.
  if (silent && peer.next > peer_next)
    checker.of(tally::opposite(d)).unseen += peer.next - peer_next;
}

// Notes what is held now: what was before keeps its copy, the rest is of the one just taken.
void Bench::note_held(Direction d, unsigned copy) {
  if (conversation[d].on_syn) copy = kEither;
  std::vector<Held>& before = checker.of(d).held;
  std::vector<Held> now_held;
  const stream::Stream& me = conversation[d];
  const std::size_t ranges = me.hold == kNoSlot ? 0 : holds[me.hold].ranges().size();
  for (std::size_t i = 0; i < ranges; ++i) {
    const stream::Range& range = holds[me.hold].ranges()[i];
    require(range.begin >= me.next && range.begin < range.end, "nothing delivered is held");
    require(i == 0 || holds[me.hold].ranges()[i - 1].end <= range.begin, "ranges do not overlap");
    std::uint64_t at = range.begin;
    for (const Held& old : before) {
      if (old.end <= at || old.begin >= range.end) continue;
      if (old.begin > at) now_held.push_back({at, old.begin, copy});
      now_held.push_back({std::max(at, old.begin), std::min(old.end, range.end), old.copy});
      at = now_held.back().end;
    }
    if (at < range.end) now_held.push_back({at, range.end, copy});
  }
  before = std::move(now_held);
}

void Bench::check_accounts() {
  if (conversation.stopped) return;
  for (const Direction d : {Direction::to_server, Direction::to_client}) {
    const stream::Stream& me = conversation[d];
    const Checker::Side& side = checker.of(d);
    require(side.octets + me.missing + side.unseen == me.next,
            "delivered and missing add up to next");
    require(side.missing >= me.missing, "what is missing was told");
    require(me.hold == kNoSlot || holds.holds(me.hold), "a hold in use is taken");
  }
  require(blocks.used() == 0 || holds.used() != 0, "blocks belong to holds");
}

}  // namespace
}  // namespace mailglass::test

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace mailglass;
  using namespace mailglass::test;
  if (size < 2) return 0;
  Bench bench;
  bench.isn[0] = 0u - data[0];  // wraps early
  bench.isn[1] = 0x7fffffffu - data[0];
  if ((data[1] & 1) == 0) {
    bench.flow.set_base(Direction::to_server, SeqNum(bench.isn[0]) + 1);
    bench.flow.set_base(Direction::to_client, SeqNum(bench.isn[1]) + 1);
    if ((data[1] & 2) == 0) {
      for (const Direction d : {Direction::to_server, Direction::to_client}) bench.flow.see(d);
    }
  }
  bench.checker.stop_at = data[1] >> 3;
  const bool midstream = (data[1] & 1) != 0;
  for (std::size_t at = 2; at + 5 <= size; at += 5) {
    std::uint8_t op[5];
    std::copy(data + at, data + at + 5, op);
    if (midstream && at == 2) {  // the first numbers seen, of both sides, are offset 0
      op[0] &= static_cast<std::uint8_t>(~4u);
      op[1] = op[3] = 0;
    }
    bench.take(op);
    bench.check_accounts();
  }
  if (!bench.conversation.stopped)
    bench.reassembler.flush(bench.conversation, bench.now, bench.checker);
  bench.check_accounts();
  require(bench.holds.used() == 0 && bench.blocks.used() == 0, "pools come back");
  return 0;
}
