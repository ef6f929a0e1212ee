// SPDX-License-Identifier: BSD-3-Clause
// What the micro benchmarks share: cycles beside Google Benchmark's times, and answers checked.
#pragma once

#include <benchmark/benchmark.h>

#include <cstdint>

#include "perf/worker_clock.h"

namespace mailglass::perf {

// Counts the thread's cycles from its making, which is just before the loop, to `end`, just behind
// it. A benchmark that paused its timing must not use it.
class Measured {
 public:
  explicit Measured(benchmark::State& state) : state_(state), start_(clock_.cycles()) {}

  // Each iteration handled `items` things, of `octets` octets together (0: octets do not matter).
  void end(std::uint64_t items, std::uint64_t octets = 0) {
    const auto cycles = static_cast<double>(clock_.cycles() - start_);
    const auto rounds = static_cast<double>(state_.iterations());
    state_.SetItemsProcessed(state_.iterations() * static_cast<std::int64_t>(items));
    state_.counters["cycles/item"] = cycles / (rounds * static_cast<double>(items));
    if (octets == 0) return;
    state_.SetBytesProcessed(state_.iterations() * static_cast<std::int64_t>(octets));
    state_.counters["octets/cycle"] = rounds * static_cast<double>(octets) / cycles;
  }

  // The benchmark's answer, over all iterations. A wrong one makes the whole program fail: it
  // measured something else than it says.
  void expect(std::uint64_t answer, std::uint64_t right_for_one) {
    if (answer == right_for_one * static_cast<std::uint64_t>(state_.iterations())) return;
    state_.SkipWithError("wrong answer");
    ++wrong_answers;
  }

  static inline int wrong_answers = 0;

 private:
  benchmark::State& state_;
  WorkerClock clock_;
  std::uint64_t start_;
};

}  // namespace mailglass::perf
