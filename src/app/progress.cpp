// SPDX-License-Identifier: BSD-3-Clause
#include "app/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

namespace mailglass::app {
namespace {

constexpr std::chrono::milliseconds kNotBefore{500};

std::string octets(double n) {
  constexpr const char* kUnits[] = {"B", "kB", "MB", "GB", "TB"};
  std::size_t unit = 0;
  while (n >= 1000 && unit + 1 < std::size(kUnits)) {
    n /= 1000;
    ++unit;
  }
  return fmt::format("{:.{}f} {}", n, n < 10 && unit > 0 ? 1 : 0, kUnits[unit]);
}

}  // namespace

std::string describe_progress(std::uint64_t done, std::uint64_t total,
                              std::chrono::duration<double> elapsed) {
  const double rate = elapsed.count() > 0 ? static_cast<double>(done) / elapsed.count() : 0;
  const std::string speed = octets(rate) + "/s";
  if (total == 0) return octets(static_cast<double>(done)) + ", " + speed;
  // 99 at most: what is left after the last frame is not done yet.
  const double percent = 100.0 * static_cast<double>(done) / static_cast<double>(total);
  return fmt::format("{:.0f} %, {}", std::min(percent, 99.0), speed);
}

Progress::Progress(bool wanted, std::uint64_t total)
    : wanted_(wanted && isatty(STDERR_FILENO)), total_(total) {}

Progress::~Progress() { clear(); }

void Progress::show(std::uint64_t done) {
  const auto elapsed = std::chrono::steady_clock::now() - start_;
  if (!wanted_ || elapsed < kNotBefore) return;
  fmt::print(stderr, "\r\033[Kreading: {}", describe_progress(done, total_, elapsed));
  std::fflush(stderr);
  shown_ = true;
}

void Progress::clear() {
  if (shown_) fmt::print(stderr, "\r\033[K");
  shown_ = false;
}

}  // namespace mailglass::app
