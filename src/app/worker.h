// SPDX-License-Identifier: BSD-3-Clause
// The worker's loop. A template, so that `read`, `run` and perf/replay share one loop over any port
// and any pipeline, and each is compiled as if written for it.
#pragma once

#include <array>
#include <atomic>
#include <cassert>
#include <optional>
#include <span>

#include "base/frame.h"
#include "nic/port.h"
#include "pipelines/mail.h"

namespace mailglass::app {

// What a run covered, by the frames' own times. The worker writes it; others read it at the end.
struct Covered {
  std::optional<Tick> first;
  Tick last;

  void see(std::span<const Frame> frames) {
    if (!first) first = frames.front().time;
    last = frames.back().time;
  }
};

// What a worker does besides taking frames: before each burst, and when one brought nothing. Who
// reads a capture has nothing to do: `now` is the time of its frames.
struct NoDuty {
  template <typename Pipeline>
  void before_burst(Pipeline&) {}
  template <typename Pipeline>
  void quiet(Pipeline&) {}
};

// Takes all frames of `port`, at most `most` at a time, until it ends or `stop` is set.
template <nic::Port Port, typename Pipeline, typename Duty = NoDuty>
void run_to_completion(Port& port, Pipeline& pipeline, std::size_t most,
                       const std::atomic<bool>& stop, Covered& covered, Duty duty = {}) {
  std::array<Frame, pipelines::kMaxBurst> places;
  assert(most >= 1 && most <= places.size());
  const std::span<Frame> room = std::span(places).first(most);
  while (!port.at_end() && !stop.load(std::memory_order_relaxed)) {
    duty.before_burst(pipeline);
    const std::size_t taken = port.burst(room);
    if (taken == 0) {
      duty.quiet(pipeline);
      continue;
    }
    const std::span<const Frame> frames = room.first(taken);
    pipeline.take(port.link(), frames);
    covered.see(frames);
    port.release();
  }
}

}  // namespace mailglass::app
