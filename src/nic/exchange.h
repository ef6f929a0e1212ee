// SPDX-License-Identifier: BSD-3-Clause
// Frames between workers, over one ring for each pair and direction. Private to nic.
#pragma once

#include <array>
#include <span>
#include <utility>
#include <vector>

#include "nic/frame_pool.h"
#include "nic/live_state.h"
#include "nic/steering.h"

namespace mailglass::nic {

// One worker's ends. A full ring loses the frame, by name: whoever owns the flow is too slow.
class Exchange {
 public:
  Exchange(LiveState& state, unsigned worker)
      : state_(state), worker_(worker), outboxes_(state.settings.workers) {}

  void send(unsigned to, const Moving& frame, Duty duty);
  // What was sent goes out now.
  void flush();

  // From the i-th other worker, i from 1 on.
  std::size_t receive(unsigned i, std::span<rte_mbuf*> mbufs);
  std::pair<Moving, Duty> unpack(rte_mbuf& mbuf) const;
  // What was received has been kept or sent on.
  void handled(std::size_t frames);

 private:
  struct Outbox {
    std::array<rte_mbuf*, kMaxBurst> mbufs;
    std::size_t size = 0;
  };
  void flush(unsigned to);

  LiveState& state_;
  unsigned worker_;
  std::vector<Outbox> outboxes_;
};

}  // namespace mailglass::nic
