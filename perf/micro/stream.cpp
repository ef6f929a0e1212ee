// SPDX-License-Identifier: BSD-3-Clause
// stream: one direction of 256 segments and an acknowledgement for every second, in order, worn,
// and in segments of one octet. What a sink does with the octets is not in it.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "perf/micro/measured.h"
#include "stream/reassembler.h"

namespace mailglass::perf {
namespace {

using tally::Direction;

constexpr std::size_t kSegments = 256;

struct Step {
  wire::Segment segment;
  Direction direction;
};

wire::Segment segment_of(std::uint32_t seq, std::uint32_t ack, Bytes payload) {
  wire::Segment segment;
  segment.seq = SeqNum(seq);
  segment.ack = SeqNum(ack);
  segment.flags = wire::kAck;
  segment.payload = payload;
  segment.length = static_cast<std::uint32_t>(payload.size());
  return segment;
}

// Where the octets end that lie in order among the first `count` segments sent in `order`.
std::size_t in_order(const std::vector<std::size_t>& order, std::size_t count) {
  std::vector<bool> there(order.size());
  for (std::size_t i = 0; i < count; ++i) there[order[i]] = true;
  std::size_t end = 0;
  while (end < there.size() && there[end]) ++end;
  return end;
}

// `late`: of how many segments one changes places with its successor; 0: none. The receiver
// acknowledges after every second segment what it has in order by then.
std::vector<Step> script(std::size_t octets, std::size_t late) {
  static const std::string text(1448, 'x');
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < kSegments; ++i) order.push_back(i);
  for (std::size_t i = late; late != 0 && i + 1 < kSegments; i += late) {
    std::swap(order[i], order[i + 1]);
  }
  const auto seq = [octets](std::size_t n) { return static_cast<std::uint32_t>(1 + n * octets); };
  std::vector<Step> steps;
  for (std::size_t i = 0; i < kSegments; ++i) {
    const Bytes payload = as_bytes(text).first(octets);
    steps.push_back({segment_of(seq(order[i]), 1, payload), Direction::to_server});
    if (i % 2 == 0) continue;
    steps.push_back({segment_of(1, seq(in_order(order, i + 1)), {}), Direction::to_client});
  }
  return steps;
}

struct CountingSink final : stream::Sink {
  std::uint64_t octets = 0;
  void data(Direction, Bytes piece, Tick) override { octets += piece.size(); }
  void gap(Direction, std::uint64_t, Tick) override { octets += 1u << 30; }  // spoils the answer
  void conflict(Direction, const stream::Conflict&, Tick) override { octets += 1u << 30; }
};

template <typename T>
struct Store {
  std::vector<T> slots;
  std::vector<std::uint32_t> links;
  Pool<T> pool;
  explicit Store(std::size_t count) : slots(count), links(count), pool(slots, links) {}
};

void stream(benchmark::State& state, std::size_t octets, std::size_t late) {
  const std::vector<Step> steps = script(octets, late);
  Store<stream::Hold> holds(16);
  Store<stream::Block> blocks(1024);
  tally::Counters counters;
  std::vector<std::uint64_t> ring(std::size_t{1} << 17);  // 1 MiB, as shipped
  stream::History history({reinterpret_cast<std::uint8_t*>(ring.data()), ring.size() * 8});
  stream::Reassembler reassembler({}, {holds.pool, blocks.pool, history}, counters);
  CountingSink sink;
  Measured measured(state);
  for (auto _ : state) {
    flow::FlowGroup group;
    flow::Flow& flow = group.flow[0];
    flow.set_base(Direction::to_server, SeqNum(1));
    flow.set_base(Direction::to_client, SeqNum(1));
    flow.see(Direction::to_server);
    flow.see(Direction::to_client);
    stream::Conversation conversation;
    for (const Step& step : steps) {
      reassembler.take(flow, conversation, step.segment, step.direction, sink);
    }
    reassembler.release(conversation);
  }
  measured.end(steps.size(), kSegments * octets);
  measured.expect(sink.octets, kSegments * octets);
  state.counters["held"] =
      static_cast<double>(counters.get(tally::Count::stream_out_of_order)) /
      (static_cast<double>(state.iterations()) * static_cast<double>(kSegments));
}

BENCHMARK_CAPTURE(stream, in_order, 1448, 0);
BENCHMARK_CAPTURE(stream, one_of_100_late, 1448, 100);
BENCHMARK_CAPTURE(stream, one_of_10_late, 1448, 10);
BENCHMARK_CAPTURE(stream, one_octet, 1, 0);
BENCHMARK_CAPTURE(stream, one_octet_one_of_10_late, 1, 10);

}  // namespace
}  // namespace mailglass::perf
