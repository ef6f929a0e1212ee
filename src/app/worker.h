// SPDX-License-Identifier: BSD-3-Clause
// The worker's loop. A template, so that `read`, perf/replay and later `run` share one loop over
// any port and any pipeline, and each is compiled as if written for it.
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

// Takes all frames of `port`, at most `most` at a time, until it ends or `stop` is set.
template <nic::Port Port, typename Pipeline>
void run_to_completion(Port& port, Pipeline& pipeline, std::size_t most,
                       const std::atomic<bool>& stop, Covered& covered) {
  std::array<Frame, pipelines::kMaxBurst> places;
  assert(most >= 1 && most <= places.size());
  const std::span<Frame> room = std::span(places).first(most);
  while (!port.at_end() && !stop.load(std::memory_order_relaxed)) {
    const std::size_t taken = port.burst(room);
    if (taken == 0) continue;
    const std::span<const Frame> frames = room.first(taken);
    pipeline.take(port.link(), frames);
    covered.see(frames);
    port.release();
  }
}

}  // namespace mailglass::app
