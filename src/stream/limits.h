// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>

namespace mailglass::stream {

// What one worker may hold of octets that arrived before their turn.
struct Limits {
  std::uint32_t holds = 4096;     // stream directions with something out of order, at one time
  std::uint32_t blocks = 16384;   // blocks of 2 KiB shared by them, and by incomplete lines
  std::uint32_t history_mib = 1;  // of octets delivered, to compare retransmissions with
  // How long a hole may stay open once the receiver is known to have the octets, or the next
  // octets of the other side to wait for it: that many further segments of the flow, or that time.
  std::uint32_t patience_segments = 32;
  std::uint32_t patience_ms = 1000;
};

}  // namespace mailglass::stream
