// SPDX-License-Identifier: BSD-3-Clause
#include "nic/exchange.h"

#include <rte_mbuf_dyn.h>

namespace mailglass::nic {

using tally::Count;

namespace {

// Time and duty travel in one field of the mbuf: the duty takes the lowest bits.
constexpr int kDutyBits = 2;

}  // namespace

void Exchange::send(unsigned to, const Moving& frame, Duty duty) {
  *RTE_MBUF_DYNFIELD(frame.mbuf, state_.tick_offset, std::int64_t*) =
      frame.time.us * (1 << kDutyBits) + static_cast<int>(duty);
  Outbox& outbox = outboxes_[to];
  if (outbox.size == outbox.mbufs.size()) flush(to);
  outbox.mbufs[outbox.size++] = frame.mbuf;
}

std::pair<Moving, Duty> Exchange::unpack(rte_mbuf& mbuf) const {
  const std::int64_t field = *RTE_MBUF_DYNFIELD(&mbuf, state_.tick_offset, const std::int64_t*);
  return {{&mbuf, {field >> kDutyBits}}, static_cast<Duty>(field & ((1 << kDutyBits) - 1))};
}

void Exchange::flush() {
  for (unsigned to = 0; to < outboxes_.size(); ++to) {
    if (outboxes_[to].size != 0) flush(to);
  }
}

void Exchange::flush(unsigned to) {
  Outbox& outbox = outboxes_[to];
  const auto n = static_cast<unsigned>(outbox.size);
  if (state_.all_finite) state_.under_way.fetch_add(n, std::memory_order_relaxed);
  const unsigned sent = rte_ring_sp_enqueue_burst(
      state_.ring(worker_, to), reinterpret_cast<void**>(outbox.mbufs.data()), n, nullptr);
  tally::Counters& counters = *state_.counters[worker_];
  counters.add(Count::distributed_sent, sent);
  if (sent < n) {
    counters.add(Count::distributed_ring_full, n - sent);
    rte_pktmbuf_free_bulk(outbox.mbufs.data() + sent, n - sent);
    handled(n - sent);
  }
  outbox.size = 0;
}

std::size_t Exchange::receive(unsigned i, std::span<rte_mbuf*> mbufs) {
  const unsigned from = (worker_ + i) % state_.settings.workers;
  const unsigned n =
      rte_ring_sc_dequeue_burst(state_.ring(from, worker_), reinterpret_cast<void**>(mbufs.data()),
                                static_cast<unsigned>(mbufs.size()), nullptr);
  state_.counters[worker_]->add(Count::distributed_received, n);
  return n;
}

void Exchange::handled(std::size_t frames) {
  if (!state_.all_finite || frames == 0) return;
  state_.under_way.fetch_sub(static_cast<unsigned>(frames), std::memory_order_release);
}

}  // namespace mailglass::nic
