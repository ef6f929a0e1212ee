// SPDX-License-Identifier: BSD-3-Clause
#include "nic/capture_port.h"

#include <rte_dev.h>
#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>
#include <rte_mbuf_dyn.h>
#include <unistd.h>

#include <algorithm>
#include <cassert>
#include <cstring>
#include <utility>

namespace mailglass::nic {
namespace {

constexpr std::uint16_t kDescriptors = 512;  // the pcap driver has none, and ignores the number

// The driver knows its kind from the front of the name; the number makes it one of its own.
std::string next_device() {
  static std::atomic<unsigned> made{0};
  return "net_pcap" + std::to_string(made++);
}

std::string why(int error) {
  std::string said = take_dpdk_complaint();
  return said.empty() ? rte_strerror(error < 0 ? -error : error) : said;
}

}  // namespace

CapturePort::CapturePort(const FramePool& pool, CaptureFile capture, const std::atomic<bool>& stop)
    : capture_(std::move(capture)),
      scratch_(std::make_unique_for_overwrite<std::uint8_t[]>(kMaxBurst * kMaxDelivered)),
      timestamp_offset_(pool.timestamp_offset()),
      timestamp_flag_(pool.timestamp_flag()) {
  if (capture_.seekable && !capture_.uneven) {
    link_ = *capture_.link;
    open_driver(pool, capture_.fd.get());
    return;
  }
  feeder_ = std::make_unique<Feeder>(capture_, stop);
  link_ = feeder_->link();
  open_driver(pool, feeder_->reader());
  feeder_->opened();
}

CapturePort::~CapturePort() {
  release();
  close_driver();
}

// Commas and spaces of a file's name would break the device's arguments, and a stream has no name:
// the driver gets the open descriptor by its own path.
void CapturePort::open_driver(const FramePool& pool, int fd) {
  const std::string path = "/proc/self/fd/" + std::to_string(fd);
  if (access(path.c_str(), F_OK) != 0) {
    throw CaptureError(capture_.name + ": cannot be handed to the pcap driver without /proc");
  }
  device_ = next_device();
  (void)take_dpdk_complaint();
  const int added = rte_eal_hotplug_add("vdev", device_.c_str(), ("rx_pcap=" + path).c_str());
  if (added != 0) throw CaptureError(capture_.name + ": " + why(added));
  try {
    start_device(pool);
  } catch (...) {
    close_driver();
    throw;
  }
}

void CapturePort::start_device(const FramePool& pool) {
  int failed = rte_eth_dev_get_port_by_name(device_.c_str(), &port_);
  const rte_eth_conf plain{};
  if (failed == 0) failed = rte_eth_dev_configure(port_, 1, 0, &plain);
  if (failed == 0) {
    failed = rte_eth_rx_queue_setup(port_, 0, kDescriptors, static_cast<unsigned>(SOCKET_ID_ANY),
                                    nullptr, pool.mempool());
  }
  if (failed == 0) failed = rte_eth_dev_start(port_);
  if (failed != 0)
    throw EalError(capture_.name + ": the pcap driver does not start: " + why(failed));
}

void CapturePort::close_driver() {
  if (device_.empty()) return;
  rte_eth_dev_stop(port_);
  rte_eal_hotplug_remove("vdev", device_.c_str());
  device_.clear();
}

std::size_t CapturePort::burst(std::span<Frame> frames) {
  assert(held_ == 0);
  std::size_t want = std::min(frames.size(), kMaxBurst);
  if (feeder_) {
    const std::uint64_t ready = feeder_->wait_beyond(frames_);
    if (ready != 0) want = static_cast<std::size_t>(std::min<std::uint64_t>(want, ready));
  }
  held_ = rte_eth_rx_burst(port_, 0, mbufs_.data(), static_cast<std::uint16_t>(want));
  if (held_ == 0) at_end_ = true;  // of the file, or what `trouble` will say

  for (std::size_t i = 0; i < held_; ++i) {
    const rte_mbuf& mbuf = *mbufs_[i];
    frames[i].data = contiguous(mbuf, i);
    auto us = static_cast<std::int64_t>(
        *RTE_MBUF_DYNFIELD(&mbuf, timestamp_offset_, const rte_mbuf_timestamp_t*));
    // pcap counts seconds in 32 bits without a sign; libpcap reads those after 2038 with one.
    if (us < 0) us += (std::int64_t{1} << 32) * kMicrosecondsPerSecond;
    frames[i].time = Tick{(mbuf.ol_flags & timestamp_flag_) != 0 ? us : 0};
    octets_ += frames[i].data.size();
  }
  frames_ += held_;
  return held_;
}

// The driver fills pkt_len with the length modulo 65536; only the segments' own lengths are true.
Bytes CapturePort::contiguous(const rte_mbuf& first, std::size_t place) {
  if (first.next == nullptr) {
    return {rte_pktmbuf_mtod(&first, const std::uint8_t*), first.data_len};
  }
  std::uint8_t* const slot = &scratch_[place * kMaxDelivered];
  std::size_t length = 0;
  for (const rte_mbuf* part = &first; part != nullptr; part = part->next) {
    const std::size_t n = std::min<std::size_t>(part->data_len, kMaxDelivered - length);
    std::memcpy(slot + length, rte_pktmbuf_mtod(part, const std::uint8_t*), n);
    length += n;
  }
  return {slot, length};
}

void CapturePort::release() {
  if (held_ != 0) rte_pktmbuf_free_bulk(mbufs_.data(), static_cast<unsigned>(held_));
  held_ = 0;
}

// A pcap file is its header and its records: when the frames that came account for every octet,
// it is whole, and nobody needs to look at it again.
bool CapturePort::octets_add_up() const {
  constexpr std::uint64_t kFileHeader = 24, kRecordHeader = 16;
  return capture_.format == CaptureFormat::pcap &&
         kFileHeader + frames_ * kRecordHeader + octets_ == capture_.octets;
}

std::string CapturePort::trouble() const {
  std::string fault;
  std::uint64_t frames = frames_;
  if (feeder_) {
    fault = feeder_->fault();
    frames = feeder_->frames();
  } else if (capture_.frames) {
    fault = capture_.fault;
    frames = *capture_.frames;
  } else if (!octets_add_up()) {
    const RecordWalker walker = walk(capture_);
    fault = walker.fault();
    frames = walker.frames();
  }
  rte_eth_stats stats{};
  if (rte_eth_stats_get(port_, &stats) == 0 && stats.rx_nombuf != 0) {
    fault = "the pcap driver ran out of packet buffers";
  } else if (fault.empty() && frames != frames_) {
    fault = "the pcap driver stopped after " + std::to_string(frames_) + " of " +
            std::to_string(frames) + " frames";
  }
  return fault.empty() ? fault : capture_.name + ": " + fault;
}

}  // namespace mailglass::nic
