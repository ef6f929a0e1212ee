// SPDX-License-Identifier: BSD-3-Clause
// One DPDK port from its name to its end. Private to nic.
#pragma once

#include <rte_ethdev.h>

#include <atomic>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "nic/interface.h"
#include "nic/link_watch.h"
#include "nic/live_settings.h"

struct rte_mempool;

namespace mailglass::nic {

// How the driver writes receive timestamps.
enum class Stamp : std::uint8_t { none, microseconds, nanoseconds };

// What a device is to have.
struct DevicePlan {
  std::uint16_t rx_queues = 1;
  std::uint16_t tx_queues = 0;
  bool rss = false;         // else frames are distributed by software, or there is one queue
  bool interrupts = false;  // of receive queues
  bool forwards = false;    // what it takes is sent on by another one
};

class Device final : public Link {
 public:
  // Finds the device or makes it. Throws EalError.
  explicit Device(const PortSettings& settings);
  ~Device();  // stops and closes
  Device(const Device&) = delete;
  Device& operator=(const Device&) = delete;

  const std::string& name() const override { return name_; }
  std::string_view argument(std::string_view key) const;  // of key=value; "" if there is none
  std::string driver() const { return info_.driver_name; }
  std::uint16_t port() const { return port_; }
  const rte_eth_dev_info& info() const { return info_; }
  int numa_node() const;  // 0 where there is no telling

  std::uint32_t data_room() const;  // that its mbufs need

  // A table of indirection, and hashes of TCP's ports and addresses.
  bool can_rss() const;
  // As many transmit queues as receive queues.
  bool needs_even_queues() const { return driver() == "net_tap" || driver() == "net_af_xdp"; }
  // How many transmit queues it takes beside so many receive queues, where `wanted` are of use.
  std::uint16_t tx_queues_with(std::uint16_t rx_queues, std::uint16_t wanted) const;
  // A capture that is read to its end.
  bool is_finite() const;

  // Throws EalError where the driver refuses.
  void configure(const DevicePlan& plan);
  void set_up_queues(rte_mempool* pool);
  // `slots`: of the indirection table that all ports have in common.
  void start(unsigned slots);

  const DevicePlan& plan() const { return plan_; }
  Stamp stamp() const { return stamp_; }
  bool has_offload(std::uint64_t rx_offload) const { return (rx_offloads_ & rx_offload) != 0; }
  unsigned rx_descriptors() const { return rx_descriptors_; }  // of one queue
  // Descriptors of all its queues that hold an mbuf each.
  unsigned descriptors() const;

  PortStats stats() const;
  // By the driver, or by the interface below.
  bool link_up() const override;
  bool gone() const override;
  bool can_set_link() override;
  bool set_link(bool up) override;
  void note(bool up) override;

  // Of an interface of the kernel; 0 where there is none, or no telling.
  std::uint32_t mtu() const;
  // The longest frame it surely receives whole.
  std::uint32_t longest_whole() const;
  // The longest frame it sends, as last looked at, for who sends into it, in any thread.
  std::uint32_t longest() const { return longest_.load(std::memory_order_relaxed); }

 private:
  void open();
  void remove();
  [[noreturn]] void fail(const std::string& what) const;
  [[noreturn]] void fail(const std::string& what, int error) const;
  void choose_offloads();
  rte_eth_rss_conf rss_conf();  // points to `rss_key_`
  void write_indirection(unsigned slots);

  std::string name_, arguments_;
  PortSettings settings_;
  std::uint16_t port_ = 0;
  rte_eth_dev_info info_{};
  DevicePlan plan_;
  std::vector<std::uint8_t> rss_key_;
  std::uint64_t rx_offloads_ = 0;
  std::uint16_t rx_descriptors_ = 0, tx_descriptors_ = 0;
  Stamp stamp_ = Stamp::none;
  std::optional<Interface> below_;
  std::optional<std::uint32_t> slot_;     // of net_af_packet's rings, octets
  mutable std::uint64_t lost_below_ = 0;  // by the kernel, before the driver
  std::atomic<std::uint32_t> longest_{UINT32_MAX};
  bool made_ = false;  // by us, a virtual one
  bool started_ = false;
};

}  // namespace mailglass::nic
