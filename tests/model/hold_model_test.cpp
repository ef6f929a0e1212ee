// SPDX-License-Identifier: BSD-3-Clause
// stream::Hold against a map from offset to octet.
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <vector>

#include "stream/hold.h"

namespace mailglass::test {
namespace {

using stream::Block;
using stream::Hold;

struct Bench {
  explicit Bench(std::size_t blocks) : slots(blocks), links(blocks), pool(slots, links) {
    hold.reset();
  }
  std::vector<Block> slots;
  std::vector<std::uint32_t> links;
  stream::BlockPool pool;
  Hold hold;
  std::map<std::uint64_t, std::uint8_t> model;
  std::uint64_t next = 0;

  // Reads the first range piece by piece, as a stream does.
  void read_first() {
    const stream::Range first = hold.ranges().first();
    for (std::uint64_t at = first.begin; at < first.end;) {
      const Bytes octets = hold.at(pool, at);
      ASSERT_FALSE(octets.empty());
      for (const std::uint8_t octet : octets) ASSERT_EQ(octet, model.at(at++)) << at - 1;
      hold.drop_before(pool, next, at);
      model.erase(model.begin(), model.lower_bound(at));
      next = at;
    }
  }
};

void run(std::uint32_t seed, std::size_t blocks, std::uint64_t start) {
  std::mt19937 random(seed);
  const auto below = [&](std::uint64_t n) { return std::uint64_t{random()} % n; };
  Bench bench(blocks);
  bench.next = start;
  for (int step = 0; step < 300; ++step) {
    const std::uint64_t reach = below(3) == 0 ? Hold::kWindow : 3 * Block::kOctets;
    stream::Range range;
    range.begin = bench.next + below(reach);
    range.end =
        std::min(range.begin + 1 + below(below(4) == 0 ? 5000 : 100), bench.next + Hold::kWindow);
    range.after = below(3);
    std::vector<std::uint8_t> octets(range.end - range.begin);
    const bool differs = below(8) == 0;
    bool differs_from_held = false;
    for (std::size_t i = 0; i < octets.size(); ++i) {
      const std::uint64_t at = range.begin + i;
      octets[i] = static_cast<std::uint8_t>(differs ? random() : at * 31);
      const auto held = bench.model.find(at);
      differs_from_held =
          differs_from_held || (held != bench.model.end() && held->second != octets[i]);
    }
    stream::Conflict conflict;
    const Hold::Kept kept = bench.hold.keep(bench.pool, range, octets, conflict);
    if (kept == Hold::Kept::all) {
      ASSERT_EQ(conflict.found(), differs_from_held);
      for (std::size_t i = 0; i < octets.size(); ++i) {
        bench.model.emplace(range.begin + i, octets[i]);  // the first copy stays
      }
    } else if (kept == Hold::Kept::no_block) {
      ASSERT_EQ(bench.pool.used(), bench.pool.capacity());
    } else {
      ASSERT_EQ(bench.hold.ranges().size(), stream::Assembler::kMaxRanges);
      for (std::size_t i = 0; i < bench.hold.ranges().size(); ++i) {
        const stream::Range& held = bench.hold.ranges()[i];
        for (std::uint64_t at = std::max(held.begin, range.begin);
             at < std::min(held.end, range.end); ++at) {
          bench.model.emplace(at, octets[at - range.begin]);
        }
      }
    }
    std::uint64_t held = 0;
    for (std::size_t i = 0; i < bench.hold.ranges().size(); ++i) {
      held += bench.hold.ranges()[i].end - bench.hold.ranges()[i].begin;
    }
    ASSERT_EQ(held, bench.model.size());
    if (below(10) == 0 && !bench.hold.ranges().empty()) {  // a skip to what is held, and on
      const std::uint64_t to = bench.hold.ranges().first().begin;
      bench.hold.drop_before(bench.pool, bench.next, to);
      bench.next = to;
      bench.read_first();
      if (testing::Test::HasFatalFailure()) return;
    }
    if (below(100) == 0) {  // a gap wider than the window
      const std::uint64_t to = bench.next + Hold::kWindow + below(10 * Hold::kWindow);
      bench.hold.drop_before(bench.pool, bench.next, to);
      bench.next = to;
      bench.model.clear();
      ASSERT_TRUE(bench.hold.ranges().empty());
      ASSERT_EQ(bench.pool.used(), 0u);
    }
  }
  bench.hold.drop_all(bench.pool);
  ASSERT_EQ(bench.pool.used(), 0u);
}

TEST(HoldModel, AgreesWithAMapWhileBlocksLast) {
  for (std::uint32_t seed = 0; seed < 40 && !HasFatalFailure(); ++seed) {
    SCOPED_TRACE(seed);
    run(seed, Hold::kBlocks, seed * 1234567);
  }
}

TEST(HoldModel, AgreesWithAMapWhenBlocksRunOut) {
  for (std::uint32_t seed = 0; seed < 40 && !HasFatalFailure(); ++seed) {
    SCOPED_TRACE(seed);
    run(100 + seed, 1 + seed % 7, (std::uint64_t{1} << 40) - seed * 999);
  }
}

}  // namespace
}  // namespace mailglass::test
