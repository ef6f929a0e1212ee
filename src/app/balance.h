// SPDX-License-Identifier: BSD-3-Clause
// The end of a service's books: every frame a port received and every record a worker emitted, with
// what became of it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace mailglass::app {

struct Balance {
  // Frames. What missed, no_mbuf and errors count never was `received`.
  std::uint64_t received = 0, missed = 0, no_mbuf = 0, errors = 0;  // as the ports' drivers say
  std::uint64_t from_queues = 0;                                    // by the workers
  // Of a bridge: each frame, before anything else becomes of it.
  bool bridge = false;
  std::uint64_t forwarded = 0, tx_dropped = 0, link_down = 0, too_long = 0, tx_errors = 0;
  std::uint64_t sent = 0, sent_full = 0,
                got = 0;  // from worker to worker, by software distribution
  std::uint64_t taken = 0, segments = 0, drops = 0;  // by the pipelines
  // Records, and the lines they became.
  std::uint64_t emitted = 0, ring_full = 0, reported = 0;
  std::uint64_t rendered = 0;
  struct Lines {
    std::string sink;
    std::uint64_t rendered = 0;  // while it was there
    std::uint64_t written = 0, dropped = 0;
  };
  std::vector<Lines> sinks;
};

// A block for the log.
std::vector<std::string> describe(const Balance& balance);

// What does not add up, one sentence each; empty when everything does.
std::vector<std::string> faults(const Balance& balance);

}  // namespace mailglass::app
