// SPDX-License-Identifier: BSD-3-Clause
// The worker's loop over a port and a pipeline that write down what is done to them.
#include "app/worker.h"

#include <gtest/gtest.h>

#include <vector>

#include "pipelines/baseline.h"

namespace mailglass::app {
namespace {

class Script {
 public:
  explicit Script(std::vector<std::size_t> bursts) : bursts_(std::move(bursts)) {}

  wire::LinkType link() const { return wire::LinkType::kRaw; }
  bool at_end() const { return next_ == bursts_.size(); }
  std::size_t burst(std::span<Frame> frames) {
    EXPECT_FALSE(held_) << "a burst before the release of the one before";
    asked.push_back(frames.size());
    const std::size_t n = bursts_[next_++];
    for (std::size_t i = 0; i < n; ++i) frames[i] = Frame{Bytes(&octet_, 1), Tick{time_++}};
    held_ = n != 0;
    return n;
  }
  void release() { held_ = false; }

  std::vector<std::size_t> asked;

 private:
  std::vector<std::size_t> bursts_;
  std::size_t next_ = 0;
  std::int64_t time_ = 100;
  std::uint8_t octet_ = 'x';
  bool held_ = false;
};

struct Diary {
  void take(wire::LinkType link, std::span<const Frame> frames) {
    EXPECT_EQ(link, wire::LinkType::kRaw);
    for (const Frame& frame : frames) times.push_back(frame.time.us);
    if (stop_after != 0 && times.size() >= stop_after) *stop = true;
  }
  std::vector<std::int64_t> times;
  std::size_t stop_after = 0;
  std::atomic<bool>* stop = nullptr;
};

TEST(AppWorker, TakesEverythingInOrderAndGoesOnAfterAnEmptyBurst) {
  Script port({3, 0, 0, 2});
  Diary diary;
  Covered covered;
  std::atomic<bool> stop{false};
  run_to_completion(port, diary, 7, stop, covered);
  EXPECT_EQ(diary.times, (std::vector<std::int64_t>{100, 101, 102, 103, 104}));
  EXPECT_EQ(port.asked, (std::vector<std::size_t>{7, 7, 7, 7}));
  EXPECT_EQ(covered.first, Tick{100});
  EXPECT_EQ(covered.last, Tick{104});
}

TEST(AppWorker, StopsBehindABurst) {
  Script port({2, 2, 2});
  std::atomic<bool> stop{false};
  Diary diary;
  diary.stop_after = 3;
  diary.stop = &stop;
  Covered covered;
  run_to_completion(port, diary, 2, stop, covered);
  EXPECT_EQ(diary.times.size(), 4u);
  EXPECT_FALSE(port.at_end());
}

TEST(AppWorker, NoFramesCoverNothing) {
  Script port({0});
  Diary diary;
  Covered covered;
  std::atomic<bool> stop{false};
  run_to_completion(port, diary, 1, stop, covered);
  EXPECT_FALSE(covered.first.has_value());
}

TEST(AppWorker, RunsTheBaselineToo) {
  Script port({64, 1});
  tally::Counters counters;
  pipelines::BaselinePipeline baseline(counters);
  Covered covered;
  std::atomic<bool> stop{false};
  run_to_completion(port, baseline, 64, stop, covered);
  EXPECT_EQ(counters.get(tally::Count::frames), 65u);
  EXPECT_EQ(counters.get(tally::Count::octets), 65u);
}

}  // namespace
}  // namespace mailglass::app
