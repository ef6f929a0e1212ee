// SPDX-License-Identifier: BSD-3-Clause
#include "app/station.h"

#include <time.h>

#include <cassert>
#include <new>
#include <utility>

namespace mailglass::app {

Tick wall_clock() {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  return Tick{std::int64_t{now.tv_sec} * kMicrosecondsPerSecond + now.tv_nsec / 1000};
}

// A service loses events rather than packets: a full ring drops.
Station::Station(std::size_t ring_octets)
    : storage_(static_cast<std::byte*>(std::aligned_alloc(64, ring_octets))) {
  if (!storage_) throw std::bad_alloc();
  ring_.emplace(std::span(storage_.get(), ring_octets), tally::WhenFull::drop);
}

void Station::offer(std::unique_ptr<match::Scanner> scanner) {
  assert(taken());
  scanner_ = std::move(scanner);
  offered_.store(scanner_.get(), std::memory_order_release);
}

}  // namespace mailglass::app
