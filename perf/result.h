// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tally/counters.h"

namespace mailglass::perf {

struct Result {
  std::vector<std::uint64_t> cycles;  // the worker's (worker_clock.h), of each round in turn
  double cycles_per_second = 0;
  std::uint64_t heap_calls = 0;                  // of the worker's, in all rounds but the first
  double seconds = 0;                            // on the wall's clock, of all rounds
  std::uint64_t lines = 0, reporter_cycles = 0;  // of all rounds, where events were rendered
};

// One JSON object on one line: packets and bytes of all rounds; cycles_per_packet, cycles_per_byte,
// gbps and mpps of the median round; cycles_per_packet of the first and the best; seconds on the
// wall's clock; heap calls; events; and drops by name.
std::string render(const Result& result, const std::string& pipeline,
                   const tally::Counters& counters);

}  // namespace mailglass::perf
