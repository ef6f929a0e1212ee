// SPDX-License-Identifier: BSD-3-Clause
#include "base/fixed_vector.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace mailglass {
namespace {

constexpr std::size_t kCapacity = 6;
using Small = FixedVector<int, kCapacity>;

std::vector<int> contents(const Small& small) { return {small.begin(), small.end()}; }

Small counting(int count) {
  Small small;
  for (int i = 0; i < count; ++i) EXPECT_TRUE(small.push(i));
  return small;
}

TEST(BaseFixedVector, FullIsAnAnswer) {
  Small small = counting(kCapacity);
  EXPECT_TRUE(small.full());
  EXPECT_FALSE(small.push(9));
  EXPECT_FALSE(small.insert(0, 9));
  EXPECT_EQ(contents(small), (std::vector<int>{0, 1, 2, 3, 4, 5}));
  small.clear();
  EXPECT_TRUE(small.empty());
  EXPECT_TRUE(small.push(9));
}

TEST(BaseFixedVector, ErasesFrontMiddleAndNothing) {
  Small small = counting(6);
  small.erase_front(2);
  EXPECT_EQ(contents(small), (std::vector<int>{2, 3, 4, 5}));
  small.erase(1, 3);
  EXPECT_EQ(contents(small), (std::vector<int>{2, 5}));
  small.erase(1, 1);
  small.erase_front(0);
  EXPECT_EQ(contents(small), (std::vector<int>{2, 5}));
  small.erase_front(2);
  EXPECT_TRUE(small.empty());
}

TEST(BaseFixedVector, InsertsAtBothEnds) {
  Small small = counting(2);
  EXPECT_TRUE(small.insert(0, 7));
  EXPECT_TRUE(small.insert(3, 8));
  EXPECT_EQ(contents(small), (std::vector<int>{7, 0, 1, 8}));
}

TEST(BaseFixedVector, BehavesLikeAVectorWithALimit) {
  std::mt19937 random(6);
  Small small;
  std::vector<int> model;
  for (int round = 0; round < 100000; ++round) {
    const auto pick = [&](std::size_t below) { return random() % below; };
    const int item = static_cast<int>(random() % 1000);
    const std::size_t at = pick(model.size() + 1);
    switch (pick(4)) {
      case 0:
        ASSERT_EQ(small.push(item), model.size() < kCapacity);
        if (model.size() < kCapacity) model.push_back(item);
        break;
      case 1:
        ASSERT_EQ(small.insert(at, item), model.size() < kCapacity);
        if (model.size() < kCapacity) {
          model.insert(model.begin() + static_cast<std::ptrdiff_t>(at), item);
        }
        break;
      case 2:
        small.erase_front(at);
        model.erase(model.begin(), model.begin() + static_cast<std::ptrdiff_t>(at));
        break;
      default: {
        const std::size_t last = at + pick(model.size() - at + 1);
        small.erase(at, last);
        model.erase(model.begin() + static_cast<std::ptrdiff_t>(at),
                    model.begin() + static_cast<std::ptrdiff_t>(last));
      }
    }
    ASSERT_EQ(contents(small), model);
    ASSERT_EQ(small.full(), model.size() == kCapacity);
  }
}

TEST(BaseFixedVector, WorksAtCompileTime) {
  constexpr int second = [] {
    Small small;
    const bool pushed = small.push(1) && small.push(2);
    return pushed ? small[1] : 0;
  }();
  EXPECT_EQ(second, 2);
}

}  // namespace
}  // namespace mailglass
