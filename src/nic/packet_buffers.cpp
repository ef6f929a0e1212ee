// SPDX-License-Identifier: BSD-3-Clause
#include "nic/packet_buffers.h"

#include <rte_mbuf.h>

#include <algorithm>
#include <bit>

#include "nic/fragment_routes.h"
#include "nic/frame_pool.h"
#include "nic/live_state.h"

namespace mailglass::nic {

unsigned ring_slots(unsigned workers) {
  constexpr unsigned kRingsOfWorker = 4096;  // frames on the way to one worker, about
  return std::clamp(std::bit_floor(kRingsOfWorker / (workers - 1)), 64u, 2048u);
}

unsigned packet_buffers(const LiveSettings& settings, unsigned descriptors) {
  const unsigned workers = settings.workers;
  unsigned n = descriptors + workers * (2 * kPoolCache + 4 * static_cast<unsigned>(kMaxBurst));
  if (workers > 1) n += workers * ((workers - 1) * ring_slots(workers) + FragmentRoutes::kWaiting);
  if (settings.bridge) n += workers * kBacklog;
  return n;
}

std::uint64_t octets_of_buffers(unsigned buffers, std::uint32_t room) {
  constexpr unsigned kOfPool = sizeof(rte_mbuf) + sizeof(rte_mempool_objhdr);
  return std::uint64_t{buffers} * (room + kOfPool);
}

}  // namespace mailglass::nic
