// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <time.h>
#include <x86intrin.h>

#include <cstdint>

namespace mailglass::perf {

// Time-stamp cycles the calling thread has run: its CPU time at the TSC's rate. On a core of its
// own that is what the TSC says; on a shared machine the time others had the core is not in it.
class WorkerClock {
 public:
  std::uint64_t cycles() const {
    return static_cast<std::uint64_t>(static_cast<double>(nanoseconds(CLOCK_THREAD_CPUTIME_ID)) *
                                      cycles_per_nanosecond());
  }

  // Measured once, against the monotonic clock.
  static double cycles_per_nanosecond() {
    static const double rate = [] {
      constexpr std::uint64_t kLong = 50'000'000;
      const std::uint64_t start = nanoseconds(CLOCK_MONOTONIC);
      const std::uint64_t first = __rdtsc();
      std::uint64_t elapsed = 0;
      while ((elapsed = nanoseconds(CLOCK_MONOTONIC) - start) < kLong) {
      }
      return static_cast<double>(__rdtsc() - first) / static_cast<double>(elapsed);
    }();
    return rate;
  }

 private:
  static std::uint64_t nanoseconds(clockid_t clock) {
    timespec now{};
    clock_gettime(clock, &now);
    return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 +
           static_cast<std::uint64_t>(now.tv_nsec);
  }
};

}  // namespace mailglass::perf
