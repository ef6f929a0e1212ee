// SPDX-License-Identifier: BSD-3-Clause
#include "nic/live_source.h"

#include <rte_cycles.h>
#include <rte_ethdev.h>
#include <rte_ether.h>
#include <rte_mbuf.h>
#include <rte_mbuf_dyn.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cstring>

#include "nic/frame_pool.h"
#include "nic/live_state.h"

namespace mailglass::nic {

using tally::Count;

namespace {

Tick now() {
  timespec time{};
  clock_gettime(CLOCK_REALTIME, &time);
  return {std::int64_t{time.tv_sec} * kMicrosecondsPerSecond + time.tv_nsec / 1000};
}

// GOOD is right as it came. NONE is wrong in the frame, but known to be right: a virtual device
// says so of what never was on a wire.
Verified verified(std::uint64_t flags, std::uint64_t mask, std::uint64_t good, std::uint64_t none,
                  std::uint64_t bad) {
  const std::uint64_t said = flags & mask;
  if (said == good || said == none) return Verified::good;
  return said == bad ? Verified::bad : Verified::unknown;
}

}  // namespace

struct LiveSource::Inside {
  Inside(LiveState& s, unsigned w)
      : state(s),
        worker(w),
        counters(*s.counters[w]),
        scratch(std::make_unique_for_overwrite<std::uint8_t[]>(kMaxBurst * kMaxDelivered)) {}

  void account();
  std::size_t poll(Input& input, std::size_t want, Tick clock);
  Tick time_of(const rte_mbuf& mbuf, const Input& input, Tick clock) const;
  void show(Frame& frame, std::size_t place);
  Bytes contiguous(const rte_mbuf& first, std::size_t place);

  LiveState& state;
  const unsigned worker;
  tally::Counters& counters;
  std::array<rte_mbuf*, kMaxBurst> held{};
  std::array<Tick, kMaxBurst> times{};
  std::size_t holds = 0;
  std::size_t turn = 0;  // the input that is asked first
  std::uint64_t since = 0;
  bool busy = false;
  std::unique_ptr<std::uint8_t[]> scratch;
};

LiveSource::LiveSource(LiveState& state, unsigned worker)
    : inside_(std::make_unique<Inside>(state, worker)) {}

LiveSource::~LiveSource() { release(); }

// The time since the last burst began was busy if it brought something.
void LiveSource::Inside::account() {
  const std::uint64_t cycles = rte_rdtsc();
  if (since != 0) counters.add(busy ? Count::cycles_busy : Count::cycles_idle, cycles - since);
  since = cycles;
}

std::size_t LiveSource::burst(std::span<Frame> frames) {
  Inside& in = *inside_;
  assert(in.holds == 0);
  in.account();
  const std::size_t want = std::min(frames.size(), kMaxBurst);
  const Tick clock = now();
  auto& inputs = in.state.inputs[in.worker];
  for (std::size_t i = 0; i < inputs.size() && in.holds < want; ++i) {
    in.poll(*inputs[(in.turn + i) % inputs.size()], want - in.holds, clock);
  }
  ++in.turn;
  for (std::size_t i = 0; i < in.holds; ++i) in.show(frames[i], i);
  in.busy = in.holds != 0;
  in.counters.add(in.holds == want ? Count::bursts_full
                  : in.busy        ? Count::bursts_partial
                                   : Count::bursts_empty);
  return in.holds;
}

std::size_t LiveSource::Inside::poll(Input& input, std::size_t want, Tick clock) {
  rte_mbuf** const place = held.data() + holds;
  const std::size_t n =
      rte_eth_rx_burst(input.port, input.queue, place, static_cast<std::uint16_t>(want));
  if (n == 0) {
    if (input.finite) {
      input.finite = false;
      state.unfinished.fetch_sub(1, std::memory_order_relaxed);
    }
    return 0;
  }
  input.frames.add(n);
  counters.add(Count::queue_frames, n);
  for (std::size_t i = 0; i < n; ++i) {
    if ((place[i]->ol_flags & RTE_MBUF_F_RX_VLAN_STRIPPED) != 0) rte_vlan_insert(&place[i]);
    times[holds + i] = time_of(*place[i], input, clock);
  }
  holds += n;
  return n;
}

Tick LiveSource::Inside::time_of(const rte_mbuf& mbuf, const Input& input, Tick clock) const {
  if (input.stamp == Stamp::none || (mbuf.ol_flags & state.stamp_flag) == 0) return clock;
  auto time = static_cast<std::int64_t>(
      *RTE_MBUF_DYNFIELD(&mbuf, state.stamp_offset, const rte_mbuf_timestamp_t*));
  if (input.stamp == Stamp::nanoseconds) return {time / 1000};
  // pcap counts seconds in 32 bits without a sign; libpcap reads those after 2038 with one.
  if (time < 0) time += (std::int64_t{1} << 32) * kMicrosecondsPerSecond;
  return {time};
}

void LiveSource::Inside::show(Frame& frame, std::size_t place) {
  const rte_mbuf& mbuf = *held[place];
  frame.data = contiguous(mbuf, place);
  frame.time = times[place];
  frame.ip = verified(mbuf.ol_flags, RTE_MBUF_F_RX_IP_CKSUM_MASK, RTE_MBUF_F_RX_IP_CKSUM_GOOD,
                      RTE_MBUF_F_RX_IP_CKSUM_NONE, RTE_MBUF_F_RX_IP_CKSUM_BAD);
  frame.tcp = verified(mbuf.ol_flags, RTE_MBUF_F_RX_L4_CKSUM_MASK, RTE_MBUF_F_RX_L4_CKSUM_GOOD,
                       RTE_MBUF_F_RX_L4_CKSUM_NONE, RTE_MBUF_F_RX_L4_CKSUM_BAD);
}

Bytes LiveSource::Inside::contiguous(const rte_mbuf& first, std::size_t place) {
  if (first.next == nullptr) {
    return {rte_pktmbuf_mtod(&first, const std::uint8_t*), first.data_len};
  }
  std::uint8_t* const slot = &scratch[place * kMaxDelivered];
  std::size_t length = 0;
  for (const rte_mbuf* part = &first; part != nullptr; part = part->next) {
    const std::size_t n = std::min<std::size_t>(part->data_len, kMaxDelivered - length);
    std::memcpy(slot + length, rte_pktmbuf_mtod(part, const std::uint8_t*), n);
    length += n;
  }
  return {slot, length};
}

void LiveSource::release() {
  Inside& in = *inside_;
  if (in.holds != 0) rte_pktmbuf_free_bulk(in.held.data(), static_cast<unsigned>(in.holds));
  in.holds = 0;
}

bool LiveSource::at_end() const {
  const LiveState& state = inside_->state;
  return state.all_finite && state.unfinished.load(std::memory_order_relaxed) == 0;
}

}  // namespace mailglass::nic
