// SPDX-License-Identifier: BSD-3-Clause
#include "nic/live_ports.h"

#include <rte_errno.h>
#include <rte_mbuf.h>
#include <rte_mbuf_dyn.h>

#include <algorithm>
#include <map>

#include "nic/device_checks.h"
#include "nic/frame_pool.h"
#include "nic/interrupt_pause.h"
#include "nic/live_state.h"
#include "nic/packet_buffers.h"

namespace mailglass::nic {
namespace {

std::string count_of(unsigned n, const char* what) {
  return std::to_string(n) + " " + what + (n == 1 ? "" : "s");
}

// DPDK knows pools and rings by name.
std::string unique_name(const char* what) {
  static std::atomic<unsigned> made{0};
  return std::string("mailglass-") + what + "-" + std::to_string(made++);
}

// ---- who polls what -----------------------------------------------------------------------------

bool uses_rss(const Device& device, const LiveSettings& settings) {
  return settings.workers > 1 && settings.distribution != Distribution::software &&
         device.can_rss();
}

// One for each worker, where the frames come distributed: by RSS, or by whoever feeds a virtual
// device of several queues. A NIC that may not use RSS puts everything into the first.
std::uint16_t queues_of(const Device& device, const LiveSettings& settings) {
  const auto most = std::min<unsigned>(device.info().max_rx_queues, settings.workers);
  // Of a memif the peer decides how many rings there are, and DPDK 22.11 reads the first one for
  // each queue that got none: two workers would race for its frames, and lose some.
  if (device.driver() == "net_memif") return 1;
  if (device.can_rss() && !uses_rss(device, settings)) return 1;
  return static_cast<std::uint16_t>(std::max(most, 1u));
}

void check(const LiveSettings& settings, std::span<const PortSettings> ports, const Eal& eal) {
  if (ports.empty()) throw EalError("no port is named: name one at least");
  if (settings.workers == 0 || settings.workers > eal.workers()) {
    throw EalError(std::to_string(settings.workers) + " workers are wanted, DPDK was started for " +
                   std::to_string(eal.workers()));
  }
  if (settings.bridge && ports.size() % 2 != 0) {
    throw EalError("a bridge joins ports in pairs, and " +
                   count_of(static_cast<unsigned>(ports.size()), "port") +
                   " cannot be paired: name one more, or one less");
  }
}

std::vector<DevicePlan> plan(const LiveState& state, bool watchable) {
  std::vector<DevicePlan> plans;
  for (const auto& device : state.devices) {
    if (state.settings.distribution == Distribution::rss && state.settings.workers > 1 &&
        !device->can_rss()) {
      throw EalError(device->name() + " cannot distribute frames (driver " + device->driver() +
                     "): use distribution \"automatic\" or \"software\", or one worker");
    }
    DevicePlan one;
    one.rx_queues = queues_of(*device, state.settings);
    one.interrupts = state.settings.idle == Idle::interrupt;
    plans.push_back(one);
  }
  for (std::size_t i = 0; state.settings.bridge && i < plans.size(); ++i) {
    // What queue q of one brings, queue q of the other sends: no queue has two users.
    DevicePlan& one = plans[i];
    const std::uint16_t most = state.devices[i ^ 1]->info().max_tx_queues;
    if (most == 0) throw EalError(state.devices[i ^ 1]->name() + " cannot send: no bridge");
    one.rx_queues = std::min(one.rx_queues, most);
    one.forwards = true;
    // What cannot have more queues of one kind than of the other limits its peer.
    if (state.devices[i]->needs_even_queues() || state.devices[i ^ 1]->needs_even_queues()) {
      one.rx_queues = std::min(one.rx_queues, plans[i ^ 1].rx_queues);
      plans[i ^ 1].rx_queues = one.rx_queues;
    }
  }
  for (std::size_t i = 0; i < plans.size(); ++i) {
    plans[i].tx_queues = state.devices[i]->tx_queues_with(
        plans[i].rx_queues, state.settings.bridge ? plans[i ^ 1].rx_queues : std::uint16_t{0});
    // dpdk-dumpcap asks for both directions, and is refused where one has no queue.
    if (watchable && plans[i].tx_queues == 0) {
      plans[i].tx_queues = std::min<std::uint16_t>(state.devices[i]->info().max_tx_queues, 1);
    }
    plans[i].rss = plans[i].rx_queues > 1 && uses_rss(*state.devices[i], state.settings);
  }
  return plans;
}

// ---- memory -------------------------------------------------------------------------------------

// A pool on each NUMA node that has ports.
std::map<int, rte_mempool*> make_pools(LiveState& state) {
  struct Wanted {
    unsigned descriptors = 0;
    std::uint32_t room = 0;
  };
  std::map<int, Wanted> nodes;
  for (const auto& device : state.devices) {
    Wanted& wanted = nodes[device->numa_node()];
    wanted.descriptors += device->descriptors();
    wanted.room = std::max(wanted.room, device->data_room());
  }
  std::map<int, rte_mempool*> pools;
  for (const auto& [node, wanted] : nodes) {
    const unsigned n = packet_buffers(state.settings, wanted.descriptors);
    const std::string name = unique_name("pool");
    rte_mempool* const pool = rte_pktmbuf_pool_create(
        name.c_str(), n, kPoolCache, 0, static_cast<std::uint16_t>(wanted.room), node);
    if (pool == nullptr) {
      const std::uint64_t octets = octets_of_buffers(n, wanted.room);
      throw EalError("no memory for " + std::to_string(n) + " packet buffers (" +
                     std::to_string(octets >> 20) + " MiB) on NUMA node " + std::to_string(node) +
                     ", " + rte_strerror(rte_errno) +
                     ": raise memory_mib, or lower the ports' descriptors");
    }
    state.pools.emplace_back(pool);
    pools[node] = pool;
  }
  return pools;
}

void make_rings(LiveState& state) {
  const unsigned workers = state.settings.workers;
  if (workers == 1) return;
  for (unsigned from = 0; from < workers; ++from) {
    for (unsigned to = 0; to < workers; ++to) {
      rte_ring* ring = nullptr;
      if (from != to) {
        const std::string name = unique_name("ring");
        ring = rte_ring_create(name.c_str(), ring_slots(workers), SOCKET_ID_ANY,
                               RING_F_SP_ENQ | RING_F_SC_DEQ);
        if (ring == nullptr) {
          throw EalError(std::string("no memory for the rings between workers: ") +
                         rte_strerror(rte_errno));
        }
      }
      state.rings.emplace_back(ring);
    }
  }
}

void reserve_fields(LiveState& state) {
  uint64_t flag = 0;
  static constexpr rte_mbuf_dynfield kTick = {"mailglass_tick", sizeof(std::int64_t),
                                              alignof(std::int64_t), 0};
  state.tick_offset = rte_mbuf_dynfield_register(&kTick);
  if (state.tick_offset < 0 ||
      rte_mbuf_dyn_rx_timestamp_register(&state.stamp_offset, &flag) != 0) {
    throw EalError(std::string("no room in an mbuf for timestamps: ") + rte_strerror(rte_errno));
  }
  state.stamp_flag = flag;
}

// ---- inputs -------------------------------------------------------------------------------------

// Queue q is worker q's; ports of fewer queues begin with another worker each, so that single
// queues are spread. A bridge's pair begins together: a worker that sends has its own queue.
void assign_inputs(LiveState& state) {
  const unsigned workers = state.settings.workers;
  state.inputs.resize(workers);
  state.all_finite = true;
  unsigned finite = 0;
  for (std::size_t i = 0; i < state.devices.size(); ++i) {
    const Device& device = *state.devices[i];
    const unsigned queues = device.plan().rx_queues;
    const auto turn = static_cast<unsigned>(state.settings.bridge ? i / 2 : i);
    for (unsigned queue = 0; queue < queues; ++queue) {
      const unsigned worker = queues == workers ? queue : (queue + turn) % workers;
      auto input = std::make_unique<Input>();
      input->port = device.port();
      input->queue = static_cast<std::uint16_t>(queue);
      if (state.settings.bridge) input->peer = state.devices[i ^ 1].get();
      input->longest = device.longest_whole();
      input->stamp = device.stamp();
      input->interrupts = device.plan().interrupts;
      input->finite = device.is_finite();
      if (input->finite) ++finite;
      state.all_finite = state.all_finite && input->finite;
      state.inputs[worker].push_back(std::move(input));
    }
  }
  state.unfinished = finite;
}

unsigned common_slots(const LiveState& state) {
  unsigned slots = kMostSlots;
  for (const auto& device : state.devices) {
    if (device->plan().rss) slots = std::min(slots, unsigned{device->info().reta_size});
  }
  return slots;
}

}  // namespace

LiveState::~LiveState() {
  sources.clear();
  const auto is_memif = [](const auto& device) { return device->driver() == "net_memif"; };
  if (std::any_of(devices.begin(), devices.end(), is_memif)) pause_interrupts();
}

LivePorts::LivePorts(Eal& eal, std::span<const PortSettings> ports, const LiveSettings& settings,
                     std::span<tally::Counters* const> counters)
    : state_(std::make_unique<LiveState>()) {
  LiveState& state = *state_;
  state.settings = settings;
  check(settings, ports, eal);
  go_on_with_interrupts();
  state.counters.assign(counters.begin(), counters.end());
  reserve_fields(state);
  for (const PortSettings& port : ports) make_way(port.device);
  for (const PortSettings& port : ports) state.devices.push_back(std::make_unique<Device>(port));
  const std::vector<DevicePlan> plans = plan(state, eal.is_watchable());
  for (std::size_t i = 0; i < plans.size(); ++i) state.devices[i]->configure(plans[i]);
  const std::map<int, rte_mempool*> pools = make_pools(state);
  for (const auto& device : state.devices) device->set_up_queues(pools.at(device->numa_node()));
  state.owners = {settings.workers, common_slots(state)};
  make_rings(state);
  for (const auto& device : state.devices) device->start(state.owners.slots);
  assign_inputs(state);
  for (unsigned worker = 0; worker < settings.workers; ++worker) {
    state.sources.push_back(std::make_unique<LiveSource>(state, worker));
  }
  for (std::size_t i = 0; i < state.devices.size(); i += settings.bridge ? 2 : 1) {
    if (settings.bridge) {
      state.links.add_pair(*state.devices[i], *state.devices[i + 1]);
    } else {
      state.links.add(*state.devices[i]);
    }
  }
}

LivePorts::~LivePorts() = default;

LiveSource& LivePorts::source(unsigned worker) { return *state_->sources.at(worker); }

std::size_t LivePorts::ports() const { return state_->devices.size(); }

const std::string& LivePorts::name(std::size_t port) const {
  return state_->devices.at(port)->name();
}

bool LivePorts::all_captures() const { return state_->all_finite; }

PortStats LivePorts::stats(std::size_t port) const {
  const Device& device = *state_->devices.at(port);
  PortStats stats = device.stats();
  stats.queue_frames.resize(device.plan().rx_queues);
  std::uint64_t taken = 0;
  for (const auto& inputs : state_->inputs) {
    for (const auto& input : inputs) {
      if (input->port != device.port()) continue;
      stats.queue_frames[input->queue] = input->frames.get();
      taken += stats.queue_frames[input->queue];
    }
  }
  stats.rx_frames = std::max(stats.rx_frames, taken);  // net_memif forgets when its peer goes
  return stats;
}

void LivePorts::stop_receiving() { state_->ending.store(true, std::memory_order_release); }

std::vector<std::string> LivePorts::follow_links() { return state_->links.look(); }

}  // namespace mailglass::nic
