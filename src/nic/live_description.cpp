// SPDX-License-Identifier: BSD-3-Clause
// What is said of live ports at start.
#include <array>

#include "nic/live_ports.h"
#include "nic/live_state.h"

namespace mailglass::nic {
namespace {

std::string offloads_of(const Device& device) {
  constexpr std::pair<std::uint64_t, const char*> kNames[] = {
      {RTE_ETH_RX_OFFLOAD_IPV4_CKSUM, "IPv4 checksum"},
      {RTE_ETH_RX_OFFLOAD_TCP_CKSUM, "TCP checksum"},
      {RTE_ETH_RX_OFFLOAD_SCATTER, "scatter"},
      {RTE_ETH_RX_OFFLOAD_TIMESTAMP, "timestamp"},
      {RTE_ETH_RX_OFFLOAD_RSS_HASH, "RSS hash"},
  };
  std::string list;
  for (const auto& [bit, name] : kNames) {
    if (!device.has_offload(bit)) continue;
    if (!list.empty()) list += ", ";
    list += name;
  }
  return list.empty() ? "none" : list;
}

std::string queues_of(const Device& device, const LiveSettings& settings) {
  const unsigned queues = device.plan().rx_queues;
  std::string text = std::to_string(queues) + (queues == 1 ? " queue" : " queues") + " of " +
                     std::to_string(device.rx_descriptors()) + " descriptors";
  if (settings.workers == 1) return text;
  return text + (device.plan().rss ? ", symmetric RSS" : ", distributed by software");
}

std::string link_of(const PortStats& stats) {
  if (!stats.link_up) return "link down";
  return stats.link_mbps == 0 ? "link up"
                              : "link up with " + std::to_string(stats.link_mbps) + " Mb/s";
}

// Where frames may come that it cannot take whole.
std::string cut_of(const Device& device) {
  const std::uint32_t longest = device.longest_whole();
  if (device.mtu() == 0 || longest >= device.mtu() + RTE_ETHER_HDR_LEN) return {};
  return "; frames above " + std::to_string(longest) + " octets arrive cut, and its MTU is " +
         std::to_string(device.mtu()) + ": lower that, or raise framesz";
}

// In a bridge, where the peer may get what it cannot send.
std::string mtus_of(const Device& device, const Device& peer) {
  if (peer.mtu() == 0 || device.mtu() <= peer.mtu()) return {};
  return "; its MTU is " + std::to_string(device.mtu()) + ", its peer's " +
         std::to_string(peer.mtu()) + ": longer frames will be lost";
}

}  // namespace

std::vector<std::string> LivePorts::describe() const {
  const LiveSettings& settings = state_->settings;
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < ports(); ++i) {
    Device& device = *state_->devices[i];
    std::string line = device.name() + ": driver " + device.driver() + ", NUMA node " +
                       std::to_string(device.numa_node()) + ", " + link_of(device.stats()) + ", " +
                       queues_of(device, settings) + ", offloads: " + offloads_of(device);
    if (settings.idle == Idle::interrupt && !device.plan().interrupts) {
      line += "; no receive interrupts: its workers sleep adaptively";
    }
    line += cut_of(device);
    if (settings.bridge) {
      line += "; bridged with " + name(i ^ 1);
      if (!device.can_set_link()) line += ", whose loss of link cannot be passed on to it";
      line += mtus_of(device, *state_->devices[i ^ 1]);
    }
    lines.push_back(std::move(line));
  }
  return lines;
}

}  // namespace mailglass::nic
