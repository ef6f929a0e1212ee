// SPDX-License-Identifier: BSD-3-Clause
// flow: the look-up as the pipeline does it, in bursts with two rounds of prefetching, at 1k to 1M
// live flows in a table of the shipped capacity; and the opening and closing of flows. rte_hash.cpp
// asks the same of DPDK's table.
#include <array>
#include <deque>
#include <memory>

#include "flow/table.h"
#include "perf/micro/keys.h"
#include "perf/micro/measured.h"

namespace mailglass::perf {
namespace {

using flow::Flow;
using flow::FlowKey;
using flow::FlowTable;

struct Table {
  std::vector<flow::FlowGroup> groups{FlowTable::groups_for(kMaxFlows)};
  std::vector<flow::Bucket> buckets{FlowTable::buckets_for(kMaxFlows)};
  FlowTable flows{groups, buckets, flow::Limits{}, kSeed};

  Flow* open(const FlowKey& key) {
    FlowTable::Refusal refusal;
    return flows.open(key, flows.hash(key), Tick{}, refusal);
  }
};

void look_up(benchmark::State& state) {
  const auto live = static_cast<std::uint32_t>(state.range(0));
  const auto table = std::make_unique<Table>();
  std::vector<FlowKey> opened;
  for (std::uint32_t n = 0; n < live; ++n) {
    const FlowKey key = key_number(n).key;
    if (table->open(key) != nullptr) opened.push_back(key);
  }
  state.counters["refused"] = static_cast<double>(live - opened.size());
  const std::vector<FlowKey> keys = arrivals(std::move(opened));
  FlowTable& flows = table->flows;
  std::uint64_t found = 0;
  std::size_t at = 0;
  Measured measured(state);
  for (auto _ : state) {
    const FlowKey* burst = &keys[at];
    std::array<std::uint64_t, kBurst> hash;
    for (std::size_t i = 0; i < kBurst; ++i) {
      hash[i] = flows.hash(burst[i]);
      flows.prefetch_bucket(hash[i]);
    }
    for (std::size_t i = 0; i < kBurst; ++i) flows.prefetch_flow(hash[i]);
    for (std::size_t i = 0; i < kBurst; ++i) {
      Flow* flow = flows.find(burst[i], hash[i]);
      if (flow == nullptr) continue;
      flow->see(tally::Direction::to_server);
      ++found;
    }
    if ((at += kBurst) == keys.size()) at = 0;
  }
  measured.end(kBurst);
  measured.expect(found, kBurst);
}

// Each round a new flow is looked up in vain, opened, and the oldest of `live` closed.
void churn(benchmark::State& state) {
  const auto live = static_cast<std::uint32_t>(state.range(0));
  const auto table = std::make_unique<Table>();
  std::deque<Flow*> ages;
  std::vector<FlowKey> keys;
  for (std::uint32_t n = 0; n < 4 * live; ++n) keys.push_back(key_number(n).key);
  for (std::uint32_t n = 0; n < live; ++n) ages.push_back(table->open(keys[n]));
  std::size_t next = live;
  std::uint64_t opened = 0;
  Measured measured(state);
  for (auto _ : state) {
    const FlowKey& key = keys[next];
    if (++next == keys.size()) next = 0;
    const std::uint64_t hash = table->flows.hash(key);
    FlowTable::Refusal refusal;
    if (table->flows.find(key, hash) == nullptr) {
      ages.push_back(table->flows.open(key, hash, Tick{}, refusal));
      ++opened;
    }
    table->flows.close(*ages.front());
    ages.pop_front();
  }
  measured.end(1);
  measured.expect(table->flows.used() == live ? opened : 0, 1);
}

void hash(benchmark::State& state) {
  std::vector<FlowKey> keys;
  for (std::uint32_t n = 0; n < 1024; ++n) keys.push_back(key_number(n).key);
  std::uint64_t same = 0;
  std::uint64_t last = 0;
  Measured measured(state);
  for (auto _ : state) {
    for (const FlowKey& key : keys) {
      const std::uint64_t now = flow::hash_of(key, kSeed);
      same += now == last ? 1 : 0;
      last = now;
    }
  }
  measured.end(keys.size());
  measured.expect(same, 0);
}

BENCHMARK(hash);
BENCHMARK(look_up)->Arg(1000)->Arg(10'000)->Arg(100'000)->Arg(1'000'000);
BENCHMARK(churn)->Arg(1000)->Arg(100'000);

}  // namespace
}  // namespace mailglass::perf
