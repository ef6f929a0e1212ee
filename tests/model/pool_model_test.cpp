// SPDX-License-Identifier: BSD-3-Clause
// Pool against a set of the slots taken.
#include <gtest/gtest.h>

#include <array>
#include <random>
#include <set>
#include <vector>

#include "base/pool.h"

namespace mailglass::test {
namespace {

void run(std::uint32_t seed, std::uint32_t capacity) {
  std::mt19937 random(seed);
  std::vector<std::uint32_t> slots(capacity), links(capacity);
  Pool<std::uint32_t> pool(slots, links);
  std::set<std::uint32_t> taken;
  std::uint32_t peak = 0, refused = 0;
  for (int step = 0; step < 2000; ++step) {
    const bool filling = step / 200 % 2 == 0;
    if (random() % 4 != 0 ? filling : !filling) {
      const std::uint32_t index = pool.take();
      if (taken.size() == capacity) {
        ASSERT_EQ(index, kNoSlot);
        ++refused;
      } else {
        ASSERT_LT(index, capacity);
        ASSERT_TRUE(taken.insert(index).second) << "handed out twice";
        pool[index] = 0xdeadbeef;  // content steers nothing
      }
    } else if (!taken.empty()) {
      auto one = std::next(taken.begin(), static_cast<std::ptrdiff_t>(random() % taken.size()));
      pool.give_back(*one);
      taken.erase(one);
    }
    peak = std::max(peak, static_cast<std::uint32_t>(taken.size()));
    ASSERT_EQ(pool.used(), taken.size());
    ASSERT_EQ(pool.peak(), peak);
    ASSERT_EQ(pool.high_water(), peak) << "a slot never needed was touched";
    ASSERT_EQ(pool.refused(), refused);
    for (std::uint32_t i = 0; i < capacity; ++i) ASSERT_EQ(pool.holds(i), taken.contains(i));
  }
}

TEST(PoolModel, AgreesWithASet) {
  for (const std::uint32_t capacity : {0u, 1u, 2u, 7u, 64u}) {
    for (std::uint32_t seed = 0; seed < 10 && !HasFatalFailure(); ++seed) {
      SCOPED_TRACE(capacity);
      run(seed, capacity);
    }
  }
}

}  // namespace
}  // namespace mailglass::test
