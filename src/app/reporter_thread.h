// SPDX-License-Identifier: BSD-3-Clause
// The thread that turns the workers' records into events and transcripts.
#pragma once

#include <atomic>
#include <cstdint>
#include <exception>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "tally/event_ring.h"

namespace mailglass::app {

// What the thread calls. `take` gets every record in ring order, `idle` whenever there is none for
// a moment, `capture` at the seam between two captures: after the last record of the one, before
// the first of the other. `tick`, where there is one, is called many times a second, whatever else
// there is to do, and whatever has been thrown: somebody may be waiting for it.
struct ReporterWork {
  std::function<void(const tally::EventView&)> take;
  std::function<void()> idle;
  std::function<void(const std::string&)> capture;
  std::function<void()> tick = {};
};

class ReporterThread {
 public:
  // One ring for each worker; they outlive the thread, and are drained in turns.
  ReporterThread(std::vector<tally::EventRing*> rings, ReporterWork work);
  ~ReporterThread();
  ReporterThread(const ReporterThread&) = delete;
  ReporterThread& operator=(const ReporterThread&) = delete;

  // From the only worker, between captures: returns when every record it emitted has been taken and
  // `capture` was told the name.
  void next_capture(const std::string& name);

  // After the workers' last record: drains the ring and ends the thread. Throws what the work
  // threw; from there on records were taken out and thrown away, so that no worker waited forever.
  void finish();

  // The work has thrown: records are thrown away.
  bool has_failed() const { return failed_.load(std::memory_order_relaxed); }

 private:
  void loop();
  std::size_t drain();
  template <typename Call>
  void guarded(Call&& call);  // not after something was thrown
  template <typename Call>
  void always(Call&& call);

  std::vector<tally::EventRing*> rings_;
  ReporterWork work_;
  std::exception_ptr thrown_;
  std::atomic<bool> failed_{false};
  std::string name_;                            // written before seams_asked_ is
  std::atomic<std::uint64_t> seams_asked_{0};   // worker writes
  std::atomic<std::uint64_t> seams_passed_{0};  // reporter writes
  std::atomic<bool> last_{false};               // the ring will get no more
  std::thread thread_;
};

}  // namespace mailglass::app
