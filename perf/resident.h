// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <fstream>
#include <stdexcept>
#include <string>

namespace mailglass::perf {

// Octets of memory this process has resident. The exact count: the one in /proc/self/status lags.
inline std::uint64_t resident_octets() {
  std::ifstream in("/proc/self/smaps_rollup");
  for (std::string word; in >> word;) {
    std::uint64_t kib = 0;
    if (word == "Rss:" && in >> kib) return kib * 1024;
  }
  throw std::runtime_error("/proc/self/smaps_rollup has no Rss");
}

// The most it ever had.
inline std::uint64_t resident_peak_octets() {
  std::ifstream in("/proc/self/status");
  for (std::string word; in >> word;) {
    std::uint64_t kib = 0;
    if (word == "VmHWM:" && in >> kib) return kib * 1024;
  }
  throw std::runtime_error("/proc/self/status has no VmHWM");
}

}  // namespace mailglass::perf
