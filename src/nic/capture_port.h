// SPDX-License-Identifier: BSD-3-Clause
// A capture as a port: frames come through DPDK's pcap driver, as from a NIC's queue.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "nic/capture_file.h"
#include "nic/feeder.h"
#include "nic/frame_pool.h"
#include "nic/port.h"

struct rte_mbuf;

namespace mailglass::nic {

class CapturePort {
 public:
  // `stop` ends a stream (standard input, a FIFO) as if it had been closed; a file is simply not
  // read on. `pool` and `stop` outlive the port. Throws CaptureError or EalError.
  CapturePort(const FramePool& pool, CaptureFile capture, const std::atomic<bool>& stop);
  ~CapturePort();
  CapturePort(const CapturePort&) = delete;
  CapturePort& operator=(const CapturePort&) = delete;

  wire::LinkType link() const { return link_; }
  std::size_t burst(std::span<Frame> frames);
  void release();
  bool at_end() const { return at_end_; }

  // After the end: empty when the capture was whole and came through whole. Otherwise one sentence
  // that begins with its name; all frames before the fault were delivered. May walk the file.
  std::string trouble() const;

  std::uint64_t frames() const { return frames_; }

 private:
  void open_driver(const FramePool& pool, int fd);
  void start_device(const FramePool& pool);
  void close_driver();
  Bytes contiguous(const rte_mbuf& first, std::size_t place);
  bool octets_add_up() const;

  CaptureFile capture_;
  wire::LinkType link_{};
  std::unique_ptr<Feeder> feeder_;  // of a stream, and of what libpcap would not read as it is
  std::array<rte_mbuf*, kMaxBurst> mbufs_{};
  std::size_t held_ = 0;  // of mbufs_
  // One slot of kMaxDelivered octets for each place of a burst: chained mbufs are joined there.
  std::unique_ptr<std::uint8_t[]> scratch_;
  int timestamp_offset_;
  unsigned long long timestamp_flag_;
  std::string device_;
  std::uint16_t port_ = 0;
  bool at_end_ = false;
  std::uint64_t frames_ = 0;
  std::uint64_t octets_ = 0;
};

static_assert(Port<CapturePort>);

}  // namespace mailglass::nic
