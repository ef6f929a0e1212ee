// SPDX-License-Identifier: BSD-3-Clause
// What live ports and the workers' sources share. Private to nic.
#pragma once

#include <rte_mempool.h>
#include <rte_ring.h>

#include <array>
#include <atomic>
#include <memory>
#include <span>
#include <vector>

#include "nic/device.h"
#include "nic/flow_hash.h"
#include "nic/link_watch.h"
#include "nic/live_source.h"
#include "tally/counters.h"

namespace mailglass::nic {

// A frame goes to another worker three times at most: each time it knows more of its way (Duty).
// One step for taking no more from the devices, and one for each of those.
constexpr unsigned kSteps = 4;

// Frames that a bridge has sent on and nobody has inspected yet, of each worker.
constexpr unsigned kBacklog = 2048;

// A queue of a port, polled by one worker.
struct Input {
  std::uint16_t port = 0;
  std::uint16_t queue = 0;
  const Device* peer = nullptr;        // which sends on what this queue brings, by the same queue
  std::uint32_t longest = UINT32_MAX;  // frame that surely came whole
  Stamp stamp = Stamp::none;
  bool finite = false;
  bool interrupts = false;
  tally::Cell frames;  // written by the worker
};

struct FreePool {
  void operator()(rte_mempool* pool) const { rte_mempool_free(pool); }
};
struct FreeRing {
  void operator()(rte_ring* ring) const { rte_ring_free(ring); }
};

struct LiveState {
  LiveSettings settings;
  Owners owners;
  // In the order of need; they go in the opposite one: first the sources with their mbufs.
  std::vector<std::unique_ptr<rte_mempool, FreePool>> pools;
  // From worker i to worker j at i * workers + j; null where i is j.
  std::vector<std::unique_ptr<rte_ring, FreeRing>> rings;
  std::vector<std::unique_ptr<Device>> devices;
  std::vector<std::vector<std::unique_ptr<Input>>> inputs;  // of each worker
  std::vector<tally::Counters*> counters;                   // of each worker
  std::vector<std::unique_ptr<LiveSource>> sources;
  LinkWatch links;
  std::atomic<unsigned> unfinished{0};  // finite inputs that may bring more
  std::atomic<unsigned> under_way{0};   // frames between workers, where all inputs are finite
  bool all_finite = false;
  std::atomic<bool> ending{false};  // nothing more is to be taken from the devices
  // Workers that have passed each step to the end: see LiveSource::Inside::may_step.
  std::array<std::atomic<unsigned>, kSteps> passed{};
  int stamp_offset = -1;  // of the driver's receive timestamp in an mbuf
  std::uint64_t stamp_flag = 0;
  int tick_offset = -1;  // of our own, for frames that change workers

  LiveState() = default;
  ~LiveState();
  LiveState(const LiveState&) = delete;
  LiveState& operator=(const LiveState&) = delete;

  // Of finite inputs: nothing comes any more, from a port or from another worker.
  bool is_drained() const {
    return unfinished.load(std::memory_order_acquire) == 0 &&
           under_way.load(std::memory_order_acquire) == 0;
  }

  rte_ring* ring(unsigned from, unsigned to) const {
    return rings.empty() ? nullptr : rings[from * settings.workers + to].get();
  }
};

}  // namespace mailglass::nic
