// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>

namespace mailglass::flow {

// Capacities and timeouts of one worker's flow table. Defaults are the shipped configuration's.
struct Limits {
  std::uint32_t flows = 1u << 20;      // 112 octets, and 16 octets of index for each
  std::uint32_t opening_seconds = 30;  // a flow without a completed handshake
  std::uint32_t idle_seconds =
      600;  // an established one: the longest wait of RFC 5321 section 4.5.3.2
  std::uint32_t closed_seconds = 5;  // after RST, or FIN from both sides
};

}  // namespace mailglass::flow
