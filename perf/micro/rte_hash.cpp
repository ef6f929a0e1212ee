// SPDX-License-Identifier: BSD-3-Clause
// The yardstick of flow.cpp: DPDK's rte_hash with the same keys, the same bursts, CRC32 for its
// hash, room for twice the flows (half load, as ours) and the same touch of the flow found.
#include <rte_eal.h>
#include <rte_hash.h>
#include <rte_hash_crc.h>

#include <array>
#include <memory>
#include <stdexcept>

#include "flow/flow.h"
#include "perf/micro/keys.h"
#include "perf/micro/measured.h"

namespace mailglass::perf {
namespace {

using flow::Flow;
using flow::FlowKey;

void start_eal() {
  static const int started = [] {
    std::array<std::string, 8> words{
        "micro", "--no-huge",           "--no-pci",      "--no-shconf", "-m",
        "1024",  "--log-level=*:error", "--no-telemetry"};
    std::array<char*, words.size()> argv{};
    for (std::size_t i = 0; i < words.size(); ++i) argv[i] = words[i].data();
    return rte_eal_init(static_cast<int>(argv.size()), argv.data());
  }();
  if (started < 0) throw std::runtime_error("cannot start DPDK");
}

struct FreeHash {
  void operator()(rte_hash* table) const { rte_hash_free(table); }
};

struct Table {
  std::vector<Flow> slots{kMaxFlows};
  std::unique_ptr<rte_hash, FreeHash> hash;

  Table() {
    start_eal();
    rte_hash_parameters parameters{};
    parameters.name = "flows";
    parameters.entries = 2 * kMaxFlows;
    parameters.key_len = sizeof(FlowKey);
    parameters.hash_func = rte_hash_crc;
    hash.reset(rte_hash_create(&parameters));
    if (!hash) throw std::runtime_error("rte_hash_create failed");
  }
  bool open(const FlowKey& key, std::uint32_t slot) {
    return rte_hash_add_key_data(hash.get(), &key, &slots[slot % slots.size()]) == 0;
  }
};

void rte_look_up(benchmark::State& state) {
  const auto live = static_cast<std::uint32_t>(state.range(0));
  Table table;
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
    std::array<const void*, kBurst> asked;
    std::array<void*, kBurst> flows;
    for (std::size_t i = 0; i < kBurst; ++i) asked[i] = &keys[at + i];
    std::uint64_t hits = 0;
    rte_hash_lookup_bulk_data(table.hash.get(), asked.data(), kBurst, &hits, flows.data());
    for (std::uint64_t rest = hits; rest != 0; rest &= rest - 1) {
      __builtin_prefetch(flows[static_cast<std::size_t>(__builtin_ctzll(rest))]);
    }
    for (; hits != 0; hits &= hits - 1) {
      ++static_cast<Flow*>(flows[static_cast<std::size_t>(__builtin_ctzll(hits))])->segments[0];
      ++found;
    }
    if ((at += kBurst) == keys.size()) at = 0;
  }
  measured.end(kBurst);
  measured.expect(found, kBurst);
}

void rte_churn(benchmark::State& state) {
  const auto live = static_cast<std::uint32_t>(state.range(0));
  Table table;
  std::vector<FlowKey> keys;
  for (std::uint32_t n = 0; n < 4 * live; ++n) keys.push_back(key_number(n).key);
  for (std::uint32_t n = 0; n < live; ++n) table.open(keys[n], n);
  std::size_t next = live;
  std::size_t oldest = 0;
  std::uint64_t opened = 0;
  Measured measured(state);
  for (auto _ : state) {
    void* flow = nullptr;
    if (rte_hash_lookup_data(table.hash.get(), &keys[next], &flow) < 0) {
      opened += table.open(keys[next], static_cast<std::uint32_t>(next)) ? 1 : 0;
    }
    rte_hash_del_key(table.hash.get(), &keys[oldest]);
    if (++next == keys.size()) next = 0;
    if (++oldest == keys.size()) oldest = 0;
  }
  measured.end(1);
  measured.expect(rte_hash_count(table.hash.get()) == static_cast<int>(live) ? opened : 0, 1);
}

BENCHMARK(rte_look_up)->Arg(1000)->Arg(10'000)->Arg(100'000)->Arg(1'000'000);
BENCHMARK(rte_churn)->Arg(1000)->Arg(100'000);

}  // namespace
}  // namespace mailglass::perf
