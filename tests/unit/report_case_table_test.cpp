// SPDX-License-Identifier: BSD-3-Clause
// The detectors' structures against stupid models of them.
#include "report/detect/case_table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <limits>
#include <list>
#include <random>

#include "report/detect/sliding_count.h"

namespace mailglass::report {
namespace {

struct Item {
  std::uint64_t id = 0;
  Tick last;
  int seen = 0;
};

TEST(CaseTable, IsAListOfTheLatest) {
  for (const std::size_t capacity : {1u, 2u, 7u, 64u}) {
    std::mt19937 random(static_cast<unsigned>(capacity));
    CaseTable<Item> table(capacity);
    std::list<Item> model;  // the one seen least lately first
    std::vector<std::uint64_t> left, model_left;
    const auto leave = [&](const Item& item) { left.push_back(item.id); };
    Tick now;
    for (int step = 0; step < 20'000; ++step) {
      now.us += random() % 3;
      // Ids of few values with many equal low bits: they share their places.
      const std::uint64_t id = 1 + (random() % (2 * capacity + 1)) * 64;
      const auto at =
          std::find_if(model.begin(), model.end(), [&](const Item& i) { return i.id == id; });
      switch (random() % 8) {
        default: {
          ++table.see(id, now, leave).seen;
          Item item = at == model.end() ? Item{id, {}, 0} : *at;
          if (at != model.end()) {
            model.erase(at);
          } else if (model.size() == capacity) {
            model_left.push_back(model.front().id);
            model.pop_front();
          }
          item.last = now;
          ++item.seen;
          model.push_back(item);
          break;
        }
        case 0: {
          const Item* found = table.find(id);
          ASSERT_EQ(found != nullptr, at != model.end());
          if (found != nullptr) {
            ASSERT_EQ(found->seen, at->seen);
          }
          break;
        }
        case 1: {
          const Tick then{now.us - static_cast<std::int64_t>(random() % 40)};
          table.expire(then, leave);
          while (!model.empty() && model.front().last < then) {
            model_left.push_back(model.front().id);
            model.pop_front();
          }
        }
      }
      ASSERT_EQ(table.size(), model.size());
      ASSERT_EQ(left, model_left);
      left.clear();
      model_left.clear();
    }
    table.clear(leave);
    for (const Item& item : model) model_left.push_back(item.id);
    EXPECT_EQ(left, model_left);
    EXPECT_EQ(table.size(), 0u);
  }
}

// Never more than what happened in the window, never less than in fifteen sixteenths of it.
TEST(SlidingCount, CountsTheWindow) {
  for (const std::uint32_t seconds : {1u, 60u, 86'400u}) {
    std::mt19937_64 random(seconds);
    const std::int64_t window = seconds * kMicrosecondsPerSecond;
    SlidingCount count;
    std::deque<std::int64_t> times;
    Tick now{1'700'000'000'000'000};
    for (int step = 0; step < 20'000; ++step) {
      now.us += static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(window / 20));
      if (random() % 50 == 0) now.us += 2 * window;
      const std::uint64_t n = random() % 3;
      count.add(now, seconds, n);
      for (std::uint64_t i = 0; i < n; ++i) times.push_back(now.us);
      const auto since = [&](std::int64_t then) {
        return static_cast<std::uint64_t>(
            std::count_if(times.begin(), times.end(), [&](std::int64_t t) { return t > then; }));
      };
      while (!times.empty() && times.front() <= now.us - window) times.pop_front();
      ASSERT_LE(count.at(now, seconds), times.size());
      ASSERT_GE(count.at(now, seconds), since(now.us - window / 16 * 15));
    }
  }
}

TEST(SlidingCount, TakesAnyTime) {
  SlidingCount count;
  count.add(Tick{-5'000'000}, 60, 3);  // before the epoch: no capture of ours, but of somebody's
  EXPECT_EQ(count.at(Tick{-4'000'000}, 60), 3u);
  count.add(Tick{std::numeric_limits<std::int64_t>::max()}, 1, 2);
  EXPECT_EQ(count.at(Tick{std::numeric_limits<std::int64_t>::max()}, 1), 2u);
}

}  // namespace
}  // namespace mailglass::report
