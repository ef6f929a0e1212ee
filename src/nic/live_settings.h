// SPDX-License-Identifier: BSD-3-Clause
// What `run` wants of live ports.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "wire/limits.h"

namespace mailglass::nic {

constexpr unsigned kMaxWorkers = 64;

struct PortSettings {
  // A PCI address ("0000:3b:00.0"), with a driver's arguments behind a comma where it has any; or a
  // DPDK virtual device with its arguments ("net_af_packet0,iface=eth1").
  std::string device;
  std::uint16_t descriptors = 1024;  // of each queue; rounded to what the driver has
  bool promiscuous = true;
};

// Which worker gets a frame.
enum class Distribution : std::uint8_t {
  automatic,  // RSS where the port has it, software for what it cannot see
  rss,        // refuse a port without RSS
  software,   // one queue, and software for everything
};

// What a worker does while nothing comes.
enum class Idle : std::uint8_t {
  poll,       // asks again at once: the least latency, a whole core
  adaptive,   // sleeps, longer and longer up to a bound; never while frames come
  interrupt,  // sleeps until the device has something, where its driver can say so
};

struct LiveSettings {
  unsigned workers = 1;  // at most kMaxWorkers, and no more than the Eal has
  Distribution distribution = Distribution::automatic;
  Idle idle = Idle::adaptive;
  // Ports come in pairs, (0,1), (2,3): what one takes the other sends.
  bool bridge = false;
  wire::Limits wire;            // how deep to look for the innermost addresses
  std::uint64_t hash_seed = 0;  // of the tables that frames fill: secret in service
};

// What a port and its driver counted since its start. 0 where the driver does not say.
struct PortStats {
  std::uint64_t rx_frames = 0, rx_octets = 0;
  std::uint64_t tx_frames = 0, tx_octets = 0;
  std::uint64_t missed = 0;   // no free descriptor: the worker was too slow
  std::uint64_t no_mbuf = 0;  // no free packet buffer
  std::uint64_t rx_errors = 0, tx_errors = 0;
  std::vector<std::uint64_t> queue_frames;  // taken from each queue, by our own count
  bool link_up = false;
  bool gone = false;            // the kernel's interface below was removed
  std::uint32_t link_mbps = 0;  // 0: unknown, or no link
};

}  // namespace mailglass::nic
