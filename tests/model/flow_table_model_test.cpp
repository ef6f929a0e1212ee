// SPDX-License-Identifier: BSD-3-Clause
// flow::FlowTable against std::unordered_map.
#include <gtest/gtest.h>

#include <random>
#include <unordered_map>
#include <vector>

#include "flow/table.h"

namespace mailglass::test {
namespace {

using flow::Bucket;
using flow::Flow;
using flow::FlowKey;
using flow::FlowTable;
using flow::State;

struct HashOfKey {
  std::size_t operator()(const FlowKey& key) const { return flow::hash_of(key, 99); }
};

FlowKey key_number(std::uint32_t n) {
  FlowKey key;
  key.low.octet[15] = static_cast<std::uint8_t>(n >> 16);
  key.low_port = static_cast<std::uint16_t>(n);
  key.high_port = 25;
  return key;
}

struct Bench {
  Bench(std::uint32_t flows, std::uint64_t seed)
      : limits{.flows = flows, .opening_seconds = 3, .idle_seconds = 60, .closed_seconds = 1},
        groups(FlowTable::groups_for(flows)),
        buckets(FlowTable::buckets_for(flows)),
        table(groups, buckets, limits, seed) {}

  std::uint64_t spilled() const {
    std::uint64_t sum = 0;
    for (const Bucket& bucket : buckets) sum += bucket.spilled;
    return sum;
  }
  std::size_t entries() const {
    std::size_t count = 0;
    for (const Bucket& bucket : buckets) {
      for (const std::uint16_t tag : bucket.tag) count += tag != 0;
    }
    return count;
  }

  flow::Limits limits;
  std::vector<flow::FlowGroup> groups;
  std::vector<Bucket> buckets;
  FlowTable table;
};

struct Seen {
  std::size_t table_full = 0, bucket_full = 0, aged = 0;
  std::uint64_t most_spilled = 0;
};

// Keys are chosen among `names`, so that most are met again.
void run(std::uint32_t flows, std::uint32_t names, std::uint32_t seed, Seen& seen) {
  std::mt19937 engine(seed);
  const auto random = [&engine] { return static_cast<std::uint32_t>(engine()); };
  Bench bench(flows, seed);
  FlowTable& table = bench.table;
  std::unordered_map<FlowKey, Tick, HashOfKey> model;  // last activity
  Tick now{1};
  const auto timeout = [&](State state) {
    return kMicrosecondsPerSecond * (state == State::opening       ? bench.limits.opening_seconds
                                     : state == State::established ? bench.limits.idle_seconds
                                                                   : bench.limits.closed_seconds);
  };
  for (int step = 0; step < 4000; ++step) {
    now.us += random() % 20'000;
    const FlowKey key = key_number(random() % names);
    const std::uint64_t hash = table.hash(key);
    Flow* flow = table.find(key, hash);
    ASSERT_EQ(flow != nullptr, model.contains(key));
    table.prefetch_bucket(hash);
    table.prefetch_flow(hash);
    if (flow == nullptr) {
      FlowTable::Refusal refusal{};
      flow = table.open(key, hash, now, refusal);
      if (flow != nullptr) {
        ASSERT_EQ(refusal, FlowTable::Refusal::none);
        ASSERT_EQ(flow->session, kNoSlot);
        ASSERT_EQ(flow->state, State::opening);
        ASSERT_EQ(flow->few, 0u) << "a slot keeps nothing of the flow before";
        ASSERT_EQ(flow->detail().segments[0], 0u) << "nor of its detail";
        flow->see(tally::Direction::to_server);
        flow->detail().segments[0] = 1;
        model.emplace(key, now);
      } else if (refusal == FlowTable::Refusal::table_full) {
        ASSERT_EQ(model.size(), flows);
        ++seen.table_full;
      } else {
        ASSERT_EQ(refusal, FlowTable::Refusal::bucket_full);
        ++seen.bucket_full;
      }
    } else {
      ASSERT_EQ(flow->key, key);
      ASSERT_EQ(flow->last, model.at(key));
      switch (random() % 4) {
        case 0:
          table.close(*flow);
          model.erase(key);
          break;
        case 1:
          flow->state = static_cast<State>(1 + random() % 3);
          [[fallthrough]];
        default:
          flow->last = model[key] = now;
      }
    }
    if (random() % 8 == 0) {
      bool right = true;
      table.age(now, random() % (flows + 2), [&](Flow& old) {
        right = right && now.us - model.at(old.key).us > timeout(old.state);
        model.erase(old.key);
        table.close(old);
        ++seen.aged;
      });
      ASSERT_TRUE(right) << "aged before its time";
    }
    if (random() % 50 == 0) {
      if (Flow* victim = table.victim(); victim != nullptr) {
        ASSERT_TRUE(model.contains(victim->key));
        model.erase(victim->key);
        table.close(*victim);
      }
    }
    seen.most_spilled = std::max(seen.most_spilled, bench.spilled());
    ASSERT_EQ(table.used(), model.size());
    ASSERT_EQ(bench.entries(), model.size());
  }
  std::size_t visited = 0;
  table.for_each([&](Flow& flow) {
    visited += model.erase(flow.key);
    table.close(flow);
  });
  ASSERT_TRUE(model.empty());
  ASSERT_NE(visited, 0u);
  ASSERT_EQ(bench.spilled(), 0u) << "spilled counts outlive the flows they count";
  ASSERT_EQ(bench.entries(), 0u);
}

TEST(FlowTableModel, AgreesWithAMapWithRoomToSpare) {
  Seen seen;
  for (std::uint32_t seed = 0; seed < 10 && !HasFatalFailure(); ++seed) run(512, 300, seed, seen);
  EXPECT_EQ(seen.table_full, 0u);
  EXPECT_GT(seen.aged, 100u);
}

TEST(FlowTableModel, AgreesWithAMapWhenFull) {
  Seen seen;
  for (std::uint32_t seed = 0; seed < 10 && !HasFatalFailure(); ++seed) run(64, 300, seed, seen);
  EXPECT_GT(seen.table_full, 100u);
}

// Few buckets, so that both of a flow's are often full, or are one and the same.
TEST(FlowTableModel, AgreesWithAMapWhenBucketsOverflow) {
  Seen seen;
  for (std::uint32_t seed = 0; seed < 300 && !HasFatalFailure(); ++seed) {
    run(8 + seed % 9, 40, seed, seen);
  }
  EXPECT_GT(seen.bucket_full, 20u);
  EXPECT_GT(seen.most_spilled, 1u);
}

// The promise of table.h: at one half of the index, no flow is refused for its bucket.
TEST(FlowTableModel, FullTableHasRoomInTheBucketsOfEveryFlow) {
  constexpr std::uint32_t kFlows = 1 << 17;
  Bench bench(kFlows, 7);
  FlowTable::Refusal refusal{};
  std::uint32_t next = 0;
  const auto open = [&] {
    FlowKey key;
    std::memcpy(&key.low.octet, &++next, sizeof next);
    return bench.table.open(key, bench.table.hash(key), Tick{1}, refusal);
  };
  for (std::uint32_t i = 0; i < kFlows; ++i) ASSERT_NE(open(), nullptr) << i;
  ASSERT_EQ(open(), nullptr);
  ASSERT_EQ(refusal, FlowTable::Refusal::table_full);
  // Nor when flows come and go.
  std::mt19937 random(1);
  for (std::uint32_t i = 0; i < 4 * kFlows; ++i) {
    const std::size_t slot = random() % kFlows;
    bench.table.close(
        bench.groups[slot / flow::FlowGroup::kFlows].flow[slot % flow::FlowGroup::kFlows]);
    ASSERT_NE(open(), nullptr) << i;
  }
}

}  // namespace
}  // namespace mailglass::test
