// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <span>

#include "base/frame.h"
#include "tally/counters.h"
#include "wire/decode.h"

namespace mailglass::pipelines {

// Take and count, touching each frame's first cache line: the yardstick of every figure in perf/.
class BaselinePipeline {
 public:
  explicit BaselinePipeline(tally::Counters& counters) : counters_(counters) {}

  void take(wire::LinkType, std::span<const Frame> frames) {
    std::uint64_t octets = 0;
    unsigned touched = 0;
    for (const Frame& frame : frames) {
      octets += frame.data.size();
      touched ^= frame.data.empty() ? 0u : frame.data[0];
    }
    asm volatile("" : : "r"(touched));  // the reads are the point: they must not be optimised away
    counters_.add(tally::Count::frames, frames.size());
    counters_.add(tally::Count::octets, octets);
  }
  void idle(Tick) {}
  void finish() {}

 private:
  tally::Counters& counters_;
};

}  // namespace mailglass::pipelines
