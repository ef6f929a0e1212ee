// SPDX-License-Identifier: BSD-3-Clause
#include "app/watchdog.h"

#include <fmt/format.h>

#include <algorithm>

namespace mailglass::app {

Watchdog::Watchdog(std::size_t workers)
    : worker_(std::make_unique<Worker[]>(workers)), workers_(workers) {}

std::vector<std::string> Watchdog::look(std::span<const std::uint64_t> beats,
                                        Clock::time_point now) {
  std::vector<std::string> sentences;
  for (std::size_t i = 0; i < workers_; ++i) {
    Worker& worker = worker_[i];
    if (beats[i] != worker.beats || worker.since == Clock::time_point{}) {
      if (worker.stalled) {
        const std::chrono::duration<double> stood = now - worker.since;
        sentences.push_back(fmt::format("worker {} goes on after {:.1f} s", i, stood.count()));
      }
      worker.beats = beats[i];
      worker.since = now;
      worker.stalled = false;
    } else if (!worker.stalled && now - worker.since >= kStall) {
      worker.stalled = true;
      worker.stalls.add(1);
      sentences.push_back(
          fmt::format("worker {} has stalled: no burst for {} ms; is its CPU taken by another "
                      "program?",
                      i, kStall.count()));
    }
  }
  return sentences;
}

bool Watchdog::all_well() const {
  return std::none_of(worker_.get(), worker_.get() + workers_,
                      [](const Worker& worker) { return worker.stalled; });
}

}  // namespace mailglass::app
