// SPDX-License-Identifier: BSD-3-Clause
// What the service keeps for each worker, and all that crosses between the worker's core and the
// others: counters and ring (one way each), a beat, and patterns handed over between two bursts.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <optional>

#include "base/tick.h"
#include "match/scanner.h"
#include "tally/counters.h"
#include "tally/event_ring.h"

namespace mailglass::app {

// CLOCK_REALTIME, as live frames have it.
Tick wall_clock();

class Station {
 public:
  explicit Station(std::size_t ring_octets);  // throws std::bad_alloc

  tally::Counters counters;
  tally::EventRing& ring() { return *ring_; }

  // ---- from the worker, between two bursts ----
  template <typename Pipeline>
  void before_burst(Pipeline& pipeline) {
    beats_.store(beats_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    if (offered_.load(std::memory_order_relaxed) != nullptr) [[unlikely]] {
      pipeline.adopt(*offered_.load(std::memory_order_acquire));
      offered_.store(nullptr, std::memory_order_release);
    }
  }

  // ---- from the main thread ----
  std::uint64_t beats() const { return beats_.load(std::memory_order_relaxed); }

  // A scanner of other patterns. Once `taken`, it holds the worker's old ones, and may go.
  void offer(std::unique_ptr<match::Scanner> scanner);
  bool taken() const { return offered_.load(std::memory_order_acquire) == nullptr; }
  // The worker has ended: what it did not take is not wanted any more.
  void withdraw() { offered_.store(nullptr, std::memory_order_relaxed), scanner_.reset(); }
  void free_old() { scanner_.reset(); }  // after `taken`

 private:
  struct Free {
    void operator()(std::byte* storage) const { std::free(storage); }
  };

  std::unique_ptr<std::byte[], Free> storage_;
  std::optional<tally::EventRing> ring_;
  std::unique_ptr<match::Scanner> scanner_;  // the main thread's; the worker's between offer, taken
  alignas(64) std::atomic<std::uint64_t> beats_{0};
  std::atomic<match::Scanner*> offered_{nullptr};
};

// The duties of a worker in service: see worker.h.
struct OnDuty {
  Station& station;
  bool wall_clock_ages;  // false where captures are played

  template <typename Pipeline>
  void before_burst(Pipeline& pipeline) {
    station.before_burst(pipeline);
  }
  // Flows age on a quiet wire too.
  template <typename Pipeline>
  void quiet(Pipeline& pipeline) {
    if (wall_clock_ages) pipeline.idle(wall_clock());
  }
};

}  // namespace mailglass::app
