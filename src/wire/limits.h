// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>

namespace mailglass::wire {

// What becomes of checksums.
enum class Checksums : std::uint8_t {
  automatic,  // believe the NIC; in a capture verify, and allow for a host that left them
              // unfinished
  on,         // a wrong one is the end of the frame, whatever the reason
  off,        // nobody looks
};

// The shipped configuration's defaults.
struct Limits {
  std::uint32_t tunnel_depth = 4;       // tunnels inside each other; at most kMaxTunnelDepth
  std::uint32_t vxlan_port = 8472;      // read as VXLAN besides 4789: Linux's before there was one
  std::uint32_t datagrams = 2048;       // IP datagrams being put together, of 224 octets each
  std::uint32_t blocks = 4096;          // of 2 KiB for their octets; at least kLeastBlocks
  std::uint32_t fragment_seconds = 30;  // from a datagram's first fragment to its last
  Checksums checksums = Checksums::automatic;
};

constexpr std::uint32_t kMaxTunnelDepth = 8;

}  // namespace mailglass::wire
