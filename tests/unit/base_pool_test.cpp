// SPDX-License-Identifier: BSD-3-Clause
#include "base/pool.h"

#include <gtest/gtest.h>

#include <random>
#include <set>
#include <vector>

namespace mailglass {
namespace {

struct PoolOf {
  explicit PoolOf(std::size_t count) : slots(count), links(count), pool(slots, links) {}
  std::vector<int> slots;
  std::vector<std::uint32_t> links;
  Pool<int> pool;
};

TEST(BasePool, HandsOutFreshSlotsInOrder) {
  PoolOf three(3);
  EXPECT_EQ(three.pool.capacity(), 3u);
  EXPECT_EQ(three.pool.high_water(), 0u);
  EXPECT_EQ(three.pool.take(), 0u);
  EXPECT_EQ(three.pool.take(), 1u);
  EXPECT_EQ(three.pool.high_water(), 2u);
  three.pool.give_back(0);
  EXPECT_EQ(three.pool.take(), 0u);  // a used slot before a fresh one: its memory is warm
  EXPECT_EQ(three.pool.high_water(), 2u);
}

TEST(BasePool, EmptyIsAnAnswerAndIsCounted) {
  PoolOf one(1);
  EXPECT_EQ(one.pool.take(), 0u);
  EXPECT_EQ(one.pool.take(), kNoSlot);
  EXPECT_EQ(one.pool.take(), kNoSlot);
  EXPECT_EQ(one.pool.refused(), 2u);
  one.pool.give_back(0);
  EXPECT_EQ(one.pool.take(), 0u);

  PoolOf none(0);
  EXPECT_EQ(none.pool.take(), kNoSlot);
}

TEST(BasePool, KnowsWhatIsTaken) {
  PoolOf two(2);
  EXPECT_FALSE(two.pool.holds(0));
  const std::uint32_t slot = two.pool.take();
  EXPECT_TRUE(two.pool.holds(slot));
  EXPECT_FALSE(two.pool.holds(1));
  EXPECT_FALSE(two.pool.holds(kNoSlot));
  two.pool.give_back(slot);
  EXPECT_FALSE(two.pool.holds(slot));
}

TEST(BasePool, SlotsStayWhereTheyAre) {
  PoolOf two(2);
  const std::uint32_t a = two.pool.take();
  const std::uint32_t b = two.pool.take();
  two.pool[a] = 11;
  two.pool[b] = 22;
  EXPECT_EQ(&two.pool[a], &two.slots[0]);
  two.pool.give_back(b);
  EXPECT_EQ(two.pool[a], 11);
}

TEST(BasePool, BehavesLikeASetOfNumbers) {
  constexpr std::uint32_t kSlots = 16;
  PoolOf some(kSlots);
  std::set<std::uint32_t> taken;
  std::uint64_t refused = 0;
  std::size_t peak = 0;
  std::mt19937 random(16);
  for (int round = 0; round < 100000; ++round) {
    if (random() % 2 == 0) {
      const std::uint32_t slot = some.pool.take();
      if (taken.size() == kSlots) {
        ASSERT_EQ(slot, kNoSlot);
        ++refused;
      } else {
        ASSERT_LT(slot, kSlots);
        ASSERT_TRUE(taken.insert(slot).second) << "slot " << slot << " handed out twice";
        some.pool[slot] = -1;  // what a slot holds must not steer the free list
      }
    } else if (!taken.empty()) {
      const auto victim =
          std::next(taken.begin(), static_cast<std::ptrdiff_t>(random() % taken.size()));
      some.pool.give_back(*victim);
      taken.erase(victim);
    }
    peak = std::max(peak, taken.size());
    ASSERT_EQ(some.pool.used(), taken.size());
  }
  for (std::uint32_t slot = 0; slot < kSlots; ++slot) {
    EXPECT_EQ(some.pool.holds(slot), taken.count(slot) == 1);
  }
  EXPECT_EQ(some.pool.peak(), peak);
  EXPECT_EQ(some.pool.refused(), refused);
  EXPECT_GT(refused, 0u);
}

#ifndef NDEBUG
TEST(BasePoolDeathTest, GivingBackTwiceIsABug) {
  PoolOf one(1);
  const std::uint32_t slot = one.pool.take();
  one.pool.give_back(slot);
  EXPECT_DEATH(one.pool.give_back(slot), "kTaken");
}
#endif

}  // namespace
}  // namespace mailglass
