// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>

#include "nic/eal.h"

struct rte_mempool;

namespace mailglass::nic {

constexpr std::size_t kMaxBurst = 64;

// The largest frame the pcap driver can deliver. It counts a frame's octets in 16 bits while it
// fills a chain of mbufs, and gets lengths right up to 65536 + one mbuf; longer ones arrive cut.
constexpr std::size_t kMaxDelivered = 65536 + 2048;

// The mbufs of all ports of a `read`: enough for one burst of the longest frames. Made once, after
// the Eal, before the first port; freed with the EAL's memory.
class FramePool {
 public:
  explicit FramePool(Eal& eal);  // throws EalError
  rte_mempool* mempool() const { return mempool_; }

  // Where the receive timestamp lies in an mbuf, and the flag that says it is there.
  int timestamp_offset() const { return timestamp_offset_; }
  unsigned long long timestamp_flag() const { return timestamp_flag_; }

 private:
  rte_mempool* mempool_ = nullptr;
  int timestamp_offset_ = -1;
  unsigned long long timestamp_flag_ = 0;
};

}  // namespace mailglass::nic
