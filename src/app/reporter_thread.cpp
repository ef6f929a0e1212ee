// SPDX-License-Identifier: BSD-3-Clause
#include "app/reporter_thread.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace mailglass::app {
namespace {

// The worker never wakes the reporter: that would be a system call in its loop. The reporter looks.
// Where nothing comes for a while, it looks less often: the rings hold far more than that brings.
constexpr std::chrono::milliseconds kLook{1}, kLookAtMost{8};
constexpr std::size_t kRecordsAtOnce = 4096;

}  // namespace

ReporterThread::ReporterThread(std::vector<tally::EventRing*> rings, ReporterWork work)
    : rings_(std::move(rings)), work_(std::move(work)), thread_(&ReporterThread::loop, this) {}

ReporterThread::~ReporterThread() {
  last_.store(true, std::memory_order_release);
  if (thread_.joinable()) thread_.join();
}

template <typename Call>
void ReporterThread::guarded(Call&& call) {
  if (!thrown_) always(call);
}

template <typename Call>
void ReporterThread::always(Call&& call) {
  try {
    call();
  } catch (...) {
    if (!thrown_) thrown_ = std::current_exception();
    failed_.store(true, std::memory_order_relaxed);
  }
}

std::size_t ReporterThread::drain() {
  std::size_t taken = 0;
  for (tally::EventRing* ring : rings_) {
    taken += ring->drain(
        [this](const tally::EventView& record) { guarded([&] { work_.take(record); }); },
        kRecordsAtOnce);
  }
  if (work_.tick) always(work_.tick);
  return taken;
}

void ReporterThread::loop() {
  bool said_idle = true;
  auto look = kLook;
  for (;;) {
    // What is asked is read before the ring is: whatever was emitted before the asking is then
    // sure to be seen by the draining.
    const bool last = last_.load(std::memory_order_acquire);
    const std::uint64_t seams = seams_asked_.load(std::memory_order_acquire);
    std::size_t taken = 0;
    while (const std::size_t n = drain()) taken += n;
    if (seams != seams_passed_.load(std::memory_order_relaxed)) {
      guarded([this] { work_.capture(name_); });
      seams_passed_.store(seams, std::memory_order_release);
      seams_passed_.notify_one();
    }
    if (last) return;
    if (taken != 0) {
      said_idle = false;
      look = kLook;
      continue;
    }
    if (!said_idle) guarded(work_.idle);
    said_idle = true;
    std::this_thread::sleep_for(look);
    look = std::min(2 * look, kLookAtMost);
  }
}

void ReporterThread::next_capture(const std::string& name) {
  name_ = name;
  const std::uint64_t mine = seams_asked_.load(std::memory_order_relaxed) + 1;
  seams_asked_.store(mine, std::memory_order_release);
  for (;;) {
    const std::uint64_t passed = seams_passed_.load(std::memory_order_acquire);
    if (passed == mine) return;
    seams_passed_.wait(passed, std::memory_order_acquire);
  }
}

void ReporterThread::finish() {
  last_.store(true, std::memory_order_release);
  if (thread_.joinable()) thread_.join();
  if (thrown_) std::rethrow_exception(std::exchange(thrown_, nullptr));
}

}  // namespace mailglass::app
