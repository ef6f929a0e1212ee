// SPDX-License-Identifier: BSD-3-Clause
// How much happened lately, in fixed memory: a window that slides in sixteenths of itself. What it
// counts is never older than the window; of its last sixteenth something may be gone already.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/tick.h"

namespace mailglass::report {

class SlidingCount {
 public:
  static constexpr std::size_t kSlices = 16;

  void add(Tick now, std::uint32_t window_seconds, std::uint64_t n) {
    move_to(slice_of(now, window_seconds));
    count_[place(newest_)] += n;
    sum_ += n;
  }
  std::uint64_t at(Tick now, std::uint32_t window_seconds) {
    move_to(slice_of(now, window_seconds));
    return sum_;
  }

 private:
  static std::int64_t slice_of(Tick now, std::uint32_t window_seconds) {
    return now.us / (window_seconds * (kMicrosecondsPerSecond / std::int64_t{kSlices}));
  }
  static std::size_t place(std::int64_t slice) {
    return static_cast<std::uint64_t>(slice) % kSlices;
  }
  void move_to(std::int64_t slice) {
    if (slice <= newest_) return;  // time does not go back here
    if (slice - newest_ >= static_cast<std::int64_t>(kSlices)) {
      count_ = {};
      sum_ = 0;
      newest_ = slice;
    }
    while (newest_ < slice) {
      std::uint64_t& oldest = count_[place(++newest_)];
      sum_ -= oldest;
      oldest = 0;
    }
  }

  std::array<std::uint64_t, kSlices> count_{};
  std::uint64_t sum_ = 0;
  std::int64_t newest_ = 0;
};

}  // namespace mailglass::report
