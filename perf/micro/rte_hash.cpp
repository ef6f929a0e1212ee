// SPDX-License-Identifier: BSD-3-Clause
// The yardstick of flow.cpp: DPDK's rte_hash with the same keys, the same bursts and the same touch
// of the flow found.
#include "perf/micro/measured.h"
#include "perf/micro/rte_table.h"

namespace mailglass::perf {
namespace {

using flow::FlowKey;

void rte_look_up(benchmark::State& state) {
  const auto live = static_cast<std::uint32_t>(state.range(0));
  RteTable table;
  std::vector<FlowKey> opened;
  for (std::uint32_t n = 0; n < live; ++n) {
    const FlowKey key = key_number(n).key;
    if (table.open(key, n)) opened.push_back(key);
  }
  state.counters["refused"] = static_cast<double>(live - opened.size());
  const std::vector<FlowKey> keys = arrivals(std::move(opened));
  std::uint64_t found = 0;
  std::size_t at = 0;
  Measured measured(state);
  for (auto _ : state) {
    found += table.look_up(&keys[at]);
    if ((at += kBurst) == keys.size()) at = 0;
  }
  measured.end(kBurst);
  measured.expect(found, kBurst);
}

void rte_churn(benchmark::State& state) {
  const auto live = static_cast<std::uint32_t>(state.range(0));
  RteTable table;
  std::vector<FlowKey> keys;
  for (std::uint32_t n = 0; n < 4 * live; ++n) keys.push_back(key_number(n).key);
  for (std::uint32_t n = 0; n < live; ++n) table.open(keys[n], n);
  std::size_t next = live;
  std::size_t oldest = 0;
  std::uint64_t opened = 0;
  Measured measured(state);
  for (auto _ : state) {
    void* flow = nullptr;
    if (rte_hash_lookup_data(table.get(), &keys[next], &flow) < 0) {
      opened += table.open(keys[next], static_cast<std::uint32_t>(next)) ? 1 : 0;
    }
    rte_hash_del_key(table.get(), &keys[oldest]);
    if (++next == keys.size()) next = 0;
    if (++oldest == keys.size()) oldest = 0;
  }
  measured.end(1);
  measured.expect(rte_hash_count(table.get()) == static_cast<int>(live) ? opened : 0, 1);
}

BENCHMARK(rte_look_up)->Arg(1000)->Arg(10'000)->Arg(100'000)->Arg(1'000'000);
BENCHMARK(rte_churn)->Arg(1000)->Arg(100'000);

}  // namespace
}  // namespace mailglass::perf
