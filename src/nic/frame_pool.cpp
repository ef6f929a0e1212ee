// SPDX-License-Identifier: BSD-3-Clause
#include "nic/frame_pool.h"

#include <rte_errno.h>
#include <rte_mbuf.h>
#include <rte_mbuf_dyn.h>

namespace mailglass::nic {
namespace {

constexpr unsigned kCache = 128;
constexpr unsigned kMbufsOfLongest = kMaxDelivered / RTE_MBUF_DEFAULT_DATAROOM;
constexpr unsigned kMbufs = kMaxBurst * kMbufsOfLongest + 2 * kCache;

}  // namespace

FramePool::FramePool(Eal&) {
  mempool_ = rte_pktmbuf_pool_create("mailglass-frames", kMbufs, kCache, 0,
                                     RTE_MBUF_DEFAULT_BUF_SIZE, SOCKET_ID_ANY);
  if (mempool_ == nullptr) {
    throw EalError(std::string("no memory for packet buffers: ") + rte_strerror(rte_errno));
  }
  uint64_t flag = 0;
  // The driver registers the same field; whoever is first decides where it lies.
  if (rte_mbuf_dyn_rx_timestamp_register(&timestamp_offset_, &flag) != 0) {
    throw EalError(std::string("no room in an mbuf for timestamps: ") + rte_strerror(rte_errno));
  }
  timestamp_flag_ = flag;
}

}  // namespace mailglass::nic
