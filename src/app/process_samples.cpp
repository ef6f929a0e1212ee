// SPDX-License-Identifier: BSD-3-Clause
#include "app/process_samples.h"

#include <sys/resource.h>
#include <unistd.h>

#include <cstdint>
#include <fstream>
#include <sstream>
#include <string>

namespace mailglass::app {
namespace {

// proc(5): /proc/self/stat from the third field on; the second, in brackets, may hold blanks.
std::vector<std::uint64_t> stat_fields() {
  std::ifstream file("/proc/self/stat");
  std::string line;
  std::getline(file, line);
  std::istringstream words(line.substr(std::min(line.rfind(')') + 2, line.size())));
  std::vector<std::uint64_t> fields;
  for (std::string word; words >> word;) fields.push_back(std::strtoull(word.c_str(), nullptr, 10));
  return fields;
}

double boot_time() {
  std::ifstream file("/proc/stat");
  for (std::string word; file >> word;) {
    double seconds = 0;
    if (word == "btime" && file >> seconds) return seconds;
  }
  return 0;
}

double seconds_of(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

}  // namespace

std::vector<report::Sample> process_samples() {
  using report::Sample;
  constexpr std::size_t kStartTime = 19, kResident = 21;  // counted from the state, 0
  const std::vector<std::uint64_t> fields = stat_fields();
  const auto field = [&](std::size_t at) {
    return at < fields.size() ? static_cast<double>(fields[at]) : 0.0;
  };
  static const double boot = boot_time();
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  return {
      {"process_start_time_seconds",
       "Start time of the process, Unix time",
       Sample::Kind::gauge,
       {},
       boot + field(kStartTime) / static_cast<double>(sysconf(_SC_CLK_TCK))},
      {"process_cpu_seconds_total",
       "User and system CPU time spent",
       Sample::Kind::counter,
       {},
       seconds_of(used.ru_utime) + seconds_of(used.ru_stime)},
      {"process_resident_memory_bytes",
       "Resident memory size",
       Sample::Kind::gauge,
       {},
       field(kResident) * static_cast<double>(sysconf(_SC_PAGESIZE))},
  };
}

}  // namespace mailglass::app
