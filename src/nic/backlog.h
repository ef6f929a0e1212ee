// SPDX-License-Identifier: BSD-3-Clause
// Frames of one worker that wait for inspection. Private to nic.
#pragma once

#include <rte_mbuf.h>

#include <vector>

#include "nic/fragment_routes.h"
#include "nic/live_state.h"
#include "tally/counters.h"

namespace mailglass::nic {

// Full: what comes is not inspected, by name, until half of what waits has been. One long gap harms
// fewer flows than many short ones. Only a bridge fills it: a tap leaves its frames with the NIC.
class Backlog {
 public:
  explicit Backlog(tally::Counters& counters) : counters_(counters), frames_(kBacklog) {}
  ~Backlog() {
    while (!empty()) rte_pktmbuf_free(take().mbuf);
  }
  Backlog(const Backlog&) = delete;
  Backlog& operator=(const Backlog&) = delete;

  bool empty() const { return waiting_ == 0; }

  void put(const Moving& frame) {
    if (waiting_ == kBacklog) sheds_ = true;
    if (sheds_) return shed(frame);
    frames_[(first_ + waiting_++) % kBacklog] = frame;
  }

  Moving take() {
    const Moving frame = frames_[first_];
    first_ = (first_ + 1) % kBacklog;
    if (--waiting_ <= kBacklog / 2) sheds_ = false;
    return frame;
  }

 private:
  // It is a frame as those that are inspected, and this is its end.
  void shed(const Moving& frame) {
    std::uint64_t octets = 0;
    for (const rte_mbuf* part = frame.mbuf; part != nullptr; part = part->next) {
      octets += part->data_len;
    }
    counters_.add(tally::Count::frames);
    counters_.add(tally::Count::octets, octets);
    counters_.drop(tally::Drop::shed_overload);
    rte_pktmbuf_free(frame.mbuf);
  }

  tally::Counters& counters_;
  std::vector<Moving> frames_;  // a queue that goes round
  unsigned first_ = 0, waiting_ = 0;
  bool sheds_ = false;
};

}  // namespace mailglass::nic
