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

#include "nic/backlog.h"
#include "nic/exchange.h"
#include "nic/frame_pool.h"
#include "nic/live_state.h"
#include "nic/rest.h"
#include "nic/steering.h"

namespace mailglass::nic {

using tally::Count;

namespace {

// Bursts that a bridge sends on from one queue before it looks at the next, and at what came: under
// overload it inspects one frame of so many, and sends on nearly as fast as if it inspected none.
constexpr unsigned kRounds = 16;

// Attempts at a full transmit queue, as long as each of them gets something away.
constexpr unsigned kAttempts = 8;

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

// An MTU leaves room for a VLAN's tag.
bool is_longer_by_tag(const rte_mbuf& mbuf, std::uint32_t longest) {
  const rte_ether_hdr& header = *rte_pktmbuf_mtod(&mbuf, const rte_ether_hdr*);
  return mbuf.pkt_len <= longest + sizeof(rte_vlan_hdr) &&
         header.ether_type == rte_cpu_to_be_16(RTE_ETHER_TYPE_VLAN);
}

}  // namespace

struct LiveSource::Inside final : Destination {
  Inside(LiveState& s, unsigned w)
      : state(s),
        worker(w),
        shared(s.settings.workers > 1),
        counters(*s.counters[w]),
        inputs(s.inputs[w]),
        exchange(s, w),
        steering(s.settings.wire, s.owners, w, s.settings.hash_seed),
        backlog(counters),
        rest(s.settings, s.inputs[w], !shared),
        // The last place is for looking at a chain.
        scratch(std::make_unique_for_overwrite<std::uint8_t[]>((kMaxBurst + 1) * kMaxDelivered)) {}

  void account();
  void take_own();
  std::size_t take_others();
  bool may_step() const;
  void step();
  std::size_t poll(Input& input, std::size_t most);
  void send_on(const Input& input, std::span<rte_mbuf* const> mbufs);
  void place(const Moving& frame, Duty duty);
  Tick time_of(const rte_mbuf& mbuf, const Input& input) const;
  void show(Frame& frame, std::size_t at);
  Bytes contiguous(const rte_mbuf& first, std::size_t at);

  void keep(const Moving& frame) override;
  void send(unsigned to, const Moving& frame, Duty duty) override {
    exchange.send(to, frame, duty);
  }

  LiveState& state;
  const unsigned worker;
  const bool shared;  // with other workers
  tally::Counters& counters;
  std::vector<std::unique_ptr<Input>>& inputs;
  Exchange exchange;
  Steering steering;
  Backlog backlog;
  Rest rest;
  std::array<rte_mbuf*, kMaxBurst> held{};  // of the burst, until `release`
  std::array<Tick, kMaxBurst> times{};
  std::size_t holds = 0, want = 0;
  Tick clock;            // of this burst
  std::size_t turn = 0;  // the input that is asked first
  std::uint64_t since = 0;
  unsigned steps = 0;  // to the end
  bool ended = false;
  bool busy = false;
  std::unique_ptr<std::uint8_t[]> scratch;
};

LiveSource::LiveSource(LiveState& state, unsigned worker)
    : inside_(std::make_unique<Inside>(state, worker)) {}

LiveSource::~LiveSource() {
  release();
  inside_->steering.give_up_all(*inside_);
  release();
}

// The time since the last burst began was busy if that one brought something.
void LiveSource::Inside::account() {
  const std::uint64_t cycles = rte_rdtsc();
  if (since != 0) counters.add(busy ? Count::cycles_busy : Count::cycles_idle, cycles - since);
  since = cycles;
}

std::size_t LiveSource::burst(std::span<Frame> frames) {
  Inside& in = *inside_;
  assert(in.holds == 0);
  in.account();
  in.want = std::min(frames.size(), kMaxBurst);
  in.clock = now();
  while (in.holds < in.want && !in.backlog.empty()) {
    const Moving frame = in.backlog.take();
    in.times[in.holds] = frame.time;
    in.held[in.holds++] = frame.mbuf;
  }
  const bool ending = in.state.ending.load(std::memory_order_acquire);
  if (!ending) in.take_own();
  const bool may_step = ending && !in.ended && in.may_step();
  const std::size_t received = in.shared ? in.take_others() : 0;
  if (may_step && received == 0 && in.holds < in.want) in.step();  // all rings were looked at
  for (std::size_t i = 0; i < in.holds; ++i) in.show(frames[i], i);
  in.busy = in.holds != 0;
  in.counters.add(in.holds == in.want ? Count::bursts_full
                  : in.busy           ? Count::bursts_partial
                                      : Count::bursts_empty);
  if (in.busy || ending) {
    in.rest.something_came();
  } else {
    in.rest.nothing_came();
  }
  return in.holds;
}

// ---- where frames come from ---------------------------------------------------------------------

// A bridge sends on whatever came, whether or not there is time to inspect it. A tap takes no more
// than it can show: the NIC's descriptors are its backlog.
void LiveSource::Inside::take_own() {
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    Input& input = *inputs[(turn + i) % inputs.size()];
    if (input.peer == nullptr) {
      if (holds == want) break;
      poll(input, want - holds);
      continue;
    }
    for (unsigned round = 0; round < kRounds && poll(input, kMaxBurst) == kMaxBurst; ++round) {
    }
  }
  ++turn;
}

std::size_t LiveSource::Inside::take_others() {
  std::array<rte_mbuf*, kMaxBurst> some;
  std::size_t taken = 0;
  for (unsigned i = 1; i < state.settings.workers && holds < want; ++i) {
    const std::size_t n = exchange.receive(i, std::span(some).first(want - holds));
    for (std::size_t k = 0; k < n; ++k) {
      const auto [frame, duty] = exchange.unpack(*some[k]);
      place(frame, duty);
    }
    taken += n;
  }
  if (state.all_finite && holds == 0 && state.is_drained()) steering.give_up_all(*this);
  if (!state.all_finite) steering.age(clock, *this);  // a capture has times of its own
  exchange.flush();
  exchange.handled(taken);
  return taken;
}

// All workers take each step before one takes the next. At the first one a worker has taken its
// last frame from a device. At each further one its rings were empty after everybody had taken the
// step before: what is under way then has changed workers once more. Behind the last one nothing
// is.
bool LiveSource::Inside::may_step() const {
  return steps == 0 ||
         state.passed[steps - 1].load(std::memory_order_acquire) == state.settings.workers;
}

void LiveSource::Inside::step() {
  if (shared) state.passed[steps].fetch_add(1, std::memory_order_release);
  if (shared && ++steps < kSteps) return;
  ended = true;
  steering.give_up_all(*this);
}

std::size_t LiveSource::Inside::poll(Input& input, std::size_t most) {
  std::array<rte_mbuf*, kMaxBurst> some;
  const std::size_t n =
      rte_eth_rx_burst(input.port, input.queue, some.data(), static_cast<std::uint16_t>(most));
  if (n == 0) {
    if (input.finite) {
      input.finite = false;
      state.unfinished.fetch_sub(1, std::memory_order_release);
    }
    return 0;
  }
  input.frames.add(n);
  counters.add(Count::queue_frames, n);
  for (std::size_t i = 0; i < n; ++i) {
    if ((some[i]->ol_flags & RTE_MBUF_F_RX_VLAN_STRIPPED) != 0) rte_vlan_insert(&some[i]);
  }
  if (input.peer != nullptr) send_on(input, std::span(some).first(n));
  for (std::size_t i = 0; i < n; ++i) {
    place({some[i], time_of(*some[i], input)}, Duty::steer);
  }
  if (shared) exchange.flush();
  return n;
}

// Each frame stays ours as well: the driver frees its reference when it has sent it. Given to a
// port without a link, it would lie there, and go out of date when the link returns; the kernel
// drops what is longer than an interface's MTU, and hands over what is longer than a slot cut.
void LiveSource::Inside::send_on(const Input& input, std::span<rte_mbuf* const> mbufs) {
  if (!input.peer->carries()) return counters.add(Count::bridged_link_down, mbufs.size());
  const std::uint32_t longest = std::min(input.longest, input.peer->longest());
  std::array<rte_mbuf*, kMaxBurst> fit;
  std::size_t n = 0;
  for (rte_mbuf* mbuf : mbufs) {
    if (mbuf->pkt_len > longest && !is_longer_by_tag(*mbuf, longest)) continue;
    for (rte_mbuf* part = mbuf; part != nullptr; part = part->next) rte_mbuf_refcnt_update(part, 1);
    fit[n++] = mbuf;
  }
  if (n != mbufs.size()) counters.add(Count::bridged_too_long, mbufs.size() - n);
  std::size_t sent = 0;
  for (unsigned attempt = 0; attempt < kAttempts && sent < n; ++attempt) {
    const std::uint16_t taken = rte_eth_tx_burst(input.peer->port(), input.queue, &fit[sent],
                                                 static_cast<std::uint16_t>(n - sent));
    sent += taken;
    if (taken == 0) break;
  }
  counters.add(Count::bridged_forwarded, sent);
  if (sent == n) return;
  counters.add(Count::bridged_tx_dropped, n - sent);
  rte_pktmbuf_free_bulk(&fit[sent], static_cast<unsigned>(n - sent));
}

// ---- where they go ------------------------------------------------------------------------------

void LiveSource::Inside::place(const Moving& frame, Duty duty) {
  if (!shared || duty == Duty::inspect) return keep(frame);
  const rte_mbuf& mbuf = *frame.mbuf;
  const Bytes octets = contiguous(mbuf, kMaxBurst);
  if (const int owner = steering.owner_of_plain(octets); owner >= 0) {
    if (static_cast<unsigned>(owner) == worker) return keep(frame);
    return exchange.send(static_cast<unsigned>(owner), frame, Duty::inspect);
  }
  steering.steer(frame, octets, duty, *this);
}

void LiveSource::Inside::keep(const Moving& frame) {
  if (holds == want || !backlog.empty()) return backlog.put(frame);
  times[holds] = frame.time;
  held[holds++] = frame.mbuf;
}

// ---- how they are shown -------------------------------------------------------------------------

Tick LiveSource::Inside::time_of(const rte_mbuf& mbuf, const Input& input) const {
  if (input.stamp == Stamp::none || (mbuf.ol_flags & state.stamp_flag) == 0) return clock;
  auto time = static_cast<std::int64_t>(
      *RTE_MBUF_DYNFIELD(&mbuf, state.stamp_offset, const rte_mbuf_timestamp_t*));
  if (input.stamp == Stamp::nanoseconds) return {time / 1000};
  // pcap counts seconds in 32 bits without a sign; libpcap reads those after 2038 with one.
  if (time < 0) time += (std::int64_t{1} << 32) * kMicrosecondsPerSecond;
  return {time};
}

void LiveSource::Inside::show(Frame& frame, std::size_t at) {
  const rte_mbuf& mbuf = *held[at];
  frame.data = contiguous(mbuf, at);
  frame.time = times[at];
  frame.ip = verified(mbuf.ol_flags, RTE_MBUF_F_RX_IP_CKSUM_MASK, RTE_MBUF_F_RX_IP_CKSUM_GOOD,
                      RTE_MBUF_F_RX_IP_CKSUM_NONE, RTE_MBUF_F_RX_IP_CKSUM_BAD);
  frame.tcp = verified(mbuf.ol_flags, RTE_MBUF_F_RX_L4_CKSUM_MASK, RTE_MBUF_F_RX_L4_CKSUM_GOOD,
                       RTE_MBUF_F_RX_L4_CKSUM_NONE, RTE_MBUF_F_RX_L4_CKSUM_BAD);
}

// The first mbuf's pkt_len has 16 bits' worth in some drivers: the parts' own lengths are true.
Bytes LiveSource::Inside::contiguous(const rte_mbuf& first, std::size_t at) {
  if (first.next == nullptr) {
    return {rte_pktmbuf_mtod(&first, const std::uint8_t*), first.data_len};
  }
  std::uint8_t* const slot = &scratch[at * kMaxDelivered];
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
  if (inside_->ended) return inside_->backlog.empty() && inside_->holds == 0;
  return inside_->state.all_finite && inside_->backlog.empty() && inside_->holds == 0 &&
         inside_->steering.waiting() == 0 && inside_->state.is_drained();
}

}  // namespace mailglass::nic
