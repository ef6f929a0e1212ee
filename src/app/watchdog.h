// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "tally/counters.h"

namespace mailglass::app {

// Sees that workers go on: each counts its rounds, and one whose count stands still for kStall has
// stalled. Told of the counts by one thread; stalls may be read by any.
class Watchdog {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::milliseconds kStall{1000};

  explicit Watchdog(std::size_t workers);

  // Sentences for the log: who stalled, and who goes on, and after how long.
  std::vector<std::string> look(std::span<const std::uint64_t> beats, Clock::time_point now);

  bool all_well() const;
  std::uint64_t stalls(std::size_t worker) const { return worker_[worker].stalls.get(); }

 private:
  struct Worker {
    std::uint64_t beats = 0;
    Clock::time_point since{};  // that count
    bool stalled = false;
    tally::Cell stalls;
  };
  std::unique_ptr<Worker[]> worker_;
  std::size_t workers_;
};

}  // namespace mailglass::app
