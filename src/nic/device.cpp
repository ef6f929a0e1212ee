// SPDX-License-Identifier: BSD-3-Clause
#include "nic/device.h"

#include <rte_dev.h>
#include <rte_epoll.h>
#include <rte_errno.h>
#include <rte_interrupts.h>
#include <rte_mbuf.h>

#include <algorithm>
#include <vector>

#include "nic/device_checks.h"
#include "nic/device_name.h"
#include "nic/dpdk_log.h"
#include "nic/eal.h"
#include "nic/flow_hash.h"

namespace mailglass::nic {
namespace {

constexpr std::uint64_t kWantedRss = RTE_ETH_RSS_IP | RTE_ETH_RSS_TCP;
constexpr std::uint64_t kTcpRss = RTE_ETH_RSS_NONFRAG_IPV4_TCP | RTE_ETH_RSS_NONFRAG_IPV6_TCP;
constexpr std::uint64_t kChecksums = RTE_ETH_RX_OFFLOAD_IPV4_CKSUM | RTE_ETH_RX_OFFLOAD_TCP_CKSUM;
constexpr std::uint16_t kJumboMtu = 9000;
constexpr std::uint8_t kUsualKeyOctets = 40;

constexpr bool is_power_of_two(unsigned n) { return n != 0 && (n & (n - 1)) == 0; }

}  // namespace

// ---- finding it ---------------------------------------------------------------------------------

Device::Device(const PortSettings& settings) : settings_(settings) {
  name_ = name_of_device(settings.device);
  arguments_ = arguments_of_device(settings.device);
  if (name_.starts_with("net_af_")) below_.emplace(argument("iface"));
  if (name_.starts_with("net_af_packet")) {
    arguments_ = with_slots(arguments_, below_->mtu(), settings.descriptors);
  }
  open();
  if (below_) below_->find_sockets();
  if (const int failed = rte_eth_dev_info_get(port_, &info_); failed != 0) {
    remove();
    fail("says nothing of itself", failed);
  }
  if (driver() == "net_af_packet") slot_ = slot_of(arguments_);
}

void Device::open() {
  if (rte_eth_dev_get_port_by_name(name_.c_str(), &port_) == 0) return;
  const bool pci = is_pci_address(name_);
  check_device(settings_.device);
  (void)take_dpdk_complaint();
  const int added = rte_eal_hotplug_add(pci ? "pci" : "vdev", name_.c_str(), arguments_.c_str());
  if (added != 0) {
    const std::string said = take_first_dpdk_complaint();
    if (said.starts_with("failed to parse device")) {
      fail(
          "is of no driver that DPDK has here: a mistyped name, or the driver's package is missing "
          "(Debian's librte-meta-net has all)");
    }
    fail("cannot be opened: " + (said.empty() ? rte_strerror(-added) : said));
  }
  made_ = !pci;
  if (rte_eth_dev_get_port_by_name(name_.c_str(), &port_) != 0) {
    remove();
    fail("is no network device that DPDK knows");
  }
}

Device::~Device() { remove(); }

void Device::remove() {
  if (started_) rte_eth_dev_stop(port_);
  started_ = false;
  if (made_) {
    rte_eal_hotplug_remove("vdev", name_.c_str());
  } else if (is_pci_address(name_)) {
    rte_eth_dev_close(port_);
  }
  made_ = false;
}

void Device::fail(const std::string& what) const { throw EalError(name_ + " " + what); }

void Device::fail(const std::string& what, int error) const {
  std::string said = take_first_dpdk_complaint();
  if (said.empty()) said = rte_strerror(error < 0 ? -error : error);
  fail(what + ": " + said);
}

std::string_view Device::argument(std::string_view key) const {
  return argument_of(arguments_, key);
}

int Device::numa_node() const {
  const int node = rte_eth_dev_socket_id(port_);
  return node < 0 ? 0 : node;
}

std::uint32_t Device::data_room() const {
  return slot_ ? data_room_for(*slot_) : std::uint32_t{RTE_MBUF_DEFAULT_BUF_SIZE};
}

std::uint32_t Device::longest_whole() const { return slot_ ? longest_in(*slot_) - 1 : UINT32_MAX; }

bool Device::can_rss() const {
  return (info_.flow_type_rss_offloads & kTcpRss) != 0 && is_power_of_two(info_.reta_size) &&
         info_.reta_size >= RTE_ETH_RETA_GROUP_SIZE && info_.max_rx_queues > 1;
}

std::uint16_t Device::tx_queues_with(std::uint16_t rx_queues, std::uint16_t wanted) const {
  if (needs_even_queues()) return rx_queues;
  // The other end of a memif says how many rings there are, and gives up where one is not taken.
  if (driver() == "net_memif") return std::max(rx_queues, wanted);
  return wanted;
}

bool Device::is_finite() const {
  return driver() == "net_pcap" && !argument("rx_pcap").empty() &&
         (argument("infinite_rx").empty() || argument("infinite_rx") == "0");
}

// ---- configuring it -----------------------------------------------------------------------------

// VLAN tags stay in the frame, where the flow key finds them and a bridge sends them on.
void Device::choose_offloads() {
  const std::uint64_t can = info_.rx_offload_capa;
  rx_offloads_ = can & (kChecksums | RTE_ETH_RX_OFFLOAD_SCATTER | RTE_ETH_RX_OFFLOAD_TIMESTAMP);
  if (plan_.rss) rx_offloads_ |= can & RTE_ETH_RX_OFFLOAD_RSS_HASH;
  // Only where it is known from which instant on the driver counts, and in which unit.
  if (driver() == "net_pcap" && argument("infinite_rx").empty()) {
    stamp_ = Stamp::microseconds;
  } else if (driver() == "net_af_packet" && has_offload(RTE_ETH_RX_OFFLOAD_TIMESTAMP)) {
    stamp_ = Stamp::nanoseconds;
  } else {
    stamp_ = Stamp::none;
    rx_offloads_ &= ~std::uint64_t{RTE_ETH_RX_OFFLOAD_TIMESTAMP};
  }
}

rte_eth_rss_conf Device::rss_conf() {
  rss_key_.resize(info_.hash_key_size != 0 ? info_.hash_key_size : kUsualKeyOctets);
  for (std::size_t i = 0; i < rss_key_.size(); ++i) rss_key_[i] = kRssKeyOctet[i % 2];
  rte_eth_rss_conf conf{};
  conf.rss_key = rss_key_.data();
  conf.rss_key_len = static_cast<std::uint8_t>(rss_key_.size());
  conf.rss_hf = info_.flow_type_rss_offloads & kWantedRss;
  return conf;
}

void Device::configure(const DevicePlan& plan) {
  plan_ = plan;
  choose_offloads();
  rte_eth_conf conf{};
  conf.rxmode.offloads = rx_offloads_;
  if (is_pci_address(name_) && has_offload(RTE_ETH_RX_OFFLOAD_SCATTER)) {
    conf.rxmode.mtu = std::min(info_.max_mtu, kJumboMtu);
  }
  if (plan_.rss) {
    conf.rxmode.mq_mode = RTE_ETH_MQ_RX_RSS;
    conf.rx_adv_conf.rss_conf = rss_conf();
  }
  if (plan_.forwards) conf.txmode.offloads = info_.tx_offload_capa & RTE_ETH_TX_OFFLOAD_MULTI_SEGS;
  (void)take_dpdk_complaint();
  conf.intr_conf.rxq = plan_.interrupts ? 1 : 0;
  int failed = rte_eth_dev_configure(port_, plan_.rx_queues, plan_.tx_queues, &conf);
  if (failed != 0 && plan_.interrupts) {
    plan_.interrupts = false;
    conf.intr_conf.rxq = 0;
    (void)take_dpdk_complaint();
    failed = rte_eth_dev_configure(port_, plan_.rx_queues, plan_.tx_queues, &conf);
  }
  if (failed != 0) {
    fail("does not take " + std::to_string(plan_.rx_queues) + " receive and " +
             std::to_string(plan_.tx_queues) + " transmit queues",
         failed);
  }
  rx_descriptors_ = tx_descriptors_ = settings_.descriptors;
  failed = rte_eth_dev_adjust_nb_rx_tx_desc(port_, &rx_descriptors_, &tx_descriptors_);
  if (failed != 0) {
    fail("does not take " + std::to_string(settings_.descriptors) + " descriptors", failed);
  }
}

void Device::set_up_queues(rte_mempool* pool) {
  int failed = 0;
  const auto node = static_cast<unsigned>(numa_node());
  for (std::uint16_t queue = 0; failed == 0 && queue < plan_.rx_queues; ++queue) {
    failed = rte_eth_rx_queue_setup(port_, queue, rx_descriptors_, node, nullptr, pool);
  }
  for (std::uint16_t queue = 0; failed == 0 && queue < plan_.tx_queues; ++queue) {
    failed = rte_eth_tx_queue_setup(port_, queue, tx_descriptors_, node, nullptr);
  }
  if (failed != 0) fail("refuses a queue", failed);
}

void Device::start(unsigned slots) {
  (void)take_dpdk_complaint();
  if (const int failed = rte_eth_dev_start(port_); failed != 0) fail("does not start", failed);
  started_ = true;
  // Most drivers take the configuration and say only now that they have none.
  const auto interrupts = [this](int operation) {
    return rte_eth_dev_rx_intr_ctl_q(port_, 0, RTE_EPOLL_PER_THREAD, operation, nullptr) == 0;
  };
  plan_.interrupts = plan_.interrupts && interrupts(RTE_INTR_EVENT_ADD);
  if (plan_.interrupts) interrupts(RTE_INTR_EVENT_DEL);
  if (plan_.rss) {
    // Some drivers forget the key they were configured with. If one keeps its own, frames take the
    // way over the rings.
    rte_eth_rss_conf conf = rss_conf();
    rte_eth_dev_rss_hash_update(port_, &conf);
    write_indirection(slots);
  }
  // Where the driver cannot, it takes all frames anyway, or the kernel decides.
  if (settings_.promiscuous) rte_eth_promiscuous_enable(port_);
  note(true);
}

// Queue q of a port is worker q's.
void Device::write_indirection(unsigned slots) {
  const unsigned size = info_.reta_size;
  std::vector<rte_eth_rss_reta_entry64> table(size / RTE_ETH_RETA_GROUP_SIZE);
  const Owners queues{plan_.rx_queues, slots};
  for (unsigned slot = 0; slot < size; ++slot) {
    auto& group = table[slot / RTE_ETH_RETA_GROUP_SIZE];
    group.mask = ~std::uint64_t{0};
    group.reta[slot % RTE_ETH_RETA_GROUP_SIZE] = static_cast<std::uint16_t>(queues.of(slot));
  }
  const int failed =
      rte_eth_dev_rss_reta_update(port_, table.data(), static_cast<std::uint16_t>(size));
  if (failed != 0) fail("does not take our indirection table", failed);
}

unsigned Device::descriptors() const {
  if (slot_) return 0;  // net_af_packet copies, both ways
  return unsigned{rx_descriptors_} * plan_.rx_queues + unsigned{tx_descriptors_} * plan_.tx_queues;
}

// ---- running ------------------------------------------------------------------------------------

PortStats Device::stats() const {
  PortStats stats;
  rte_eth_stats said{};
  if (rte_eth_stats_get(port_, &said) == 0) {
    stats.rx_frames = said.ipackets;
    stats.rx_octets = said.ibytes;
    stats.tx_frames = said.opackets;
    stats.tx_octets = said.obytes;
    if (below_) lost_below_ += below_->sockets().lost();
    stats.missed = said.imissed + lost_below_;
    stats.no_mbuf = said.rx_nombuf;
    stats.rx_errors = said.ierrors;
    stats.tx_errors = said.oerrors;
  }
  rte_eth_link link{};
  if (rte_eth_link_get_nowait(port_, &link) == 0 && link.link_speed != RTE_ETH_SPEED_NUM_UNKNOWN) {
    stats.link_mbps = link.link_speed;
  }
  stats.link_up = link_up();
  if (!stats.link_up) stats.link_mbps = 0;
  stats.gone = gone();
  return stats;
}

bool Device::link_up() const {
  if (below_) return below_->has_link();
  rte_eth_link link{};
  return rte_eth_link_get_nowait(port_, &link) == 0 && link.link_status == RTE_ETH_LINK_UP;
}

bool Device::gone() const { return below_ && below_->is_gone(); }

std::uint32_t Device::mtu() const {
  if (below_) return below_->mtu();
  std::uint16_t mtu = 0;
  return driver() == "net_tap" && rte_eth_dev_get_mtu(port_, &mtu) == 0 ? mtu : 0;
}

// Of a frame without a tag: a VLAN's may be 4 octets longer. Drivers of NICs do not look. The MTU
// may change while slots stay as they are.
void Device::note(bool up) {
  if (below_ && up && !carries()) below_->sockets().forget_errors();
  const std::uint32_t mtu = this->mtu();
  std::uint32_t longest = mtu == 0 ? UINT32_MAX : mtu + RTE_ETHER_HDR_LEN;
  if (slot_) longest = std::min(longest, longest_sent(*slot_));
  longest_.store(longest, std::memory_order_relaxed);
  Link::note(up);
}

bool Device::can_set_link() { return rte_eth_dev_set_link_up(port_) != -ENOTSUP; }

bool Device::set_link(bool up) {
  return (up ? rte_eth_dev_set_link_up(port_) : rte_eth_dev_set_link_down(port_)) == 0;
}

}  // namespace mailglass::nic
