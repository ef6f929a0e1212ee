// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <cstdint>

#include "base/pool.h"
#include "base/tick.h"
#include "stream/history.h"
#include "stream/rival.h"
#include "tally/event.h"

namespace mailglass::stream {

using tally::Direction;

constexpr std::uint64_t kUnknown = ~std::uint64_t{0};

// One direction. Offsets count octets from the one after the SYN, or from the first octet seen.
struct Stream {
  std::uint64_t next = 0;           // to deliver; all before are delivered or missing
  std::uint64_t acked = 0;          // what the receiver has acknowledged
  std::uint64_t fin_at = kUnknown;  // where the sender's FIN stands
  std::uint64_t missing = 0;        // octets skipped
  std::uint32_t hold = kNoSlot;     // what arrived before its turn
  // Where octets begin that were skipped on the other side's acknowledgement alone.
  std::uint64_t unproven = kUnknown;
  std::uint64_t answered = 0;         // the highest acknowledgement, the number of a FIN included
  Trail trail;                        // what was delivered
  Trail aside;                        // what its receiver should have refused
  std::uint64_t shown = 0;            // where the farthest segment ends that had to wait
  std::uint64_t reset_at = kUnknown;  // where the sender's RST stands, and when it came
  Tick reset_time;
  bool fin_seen = false;  // `fin_at` is what a FIN said, not what was concluded
  bool seen = false;      // the sender's segments are captured
  bool spoke = false;     // one of them since the other side's octets had to wait
  bool on_syn = false;    // what is held came with the SYN, and may have been refused
};

// Both directions of a flow, as its session keeps them.
struct Conversation {
  std::array<Stream, 2> side;
  Rival rival;
  std::uint32_t retransmitted = 0, out_of_order = 0;
  Tick waiting_since;
  std::uint32_t waited = 0;  // segments since something had to wait
  bool waiting = false;
  bool stopped = false;  // set by the sink: nothing more is wanted

  // Octets that both ends took part in: what a conversation has to show for itself.
  std::uint64_t delivered() const {
    return side[0].next + side[1].next - side[0].missing - side[1].missing;
  }
  Stream& operator[](Direction d) { return side[static_cast<std::size_t>(d)]; }
  const Stream& operator[](Direction d) const { return side[static_cast<std::size_t>(d)]; }
};

}  // namespace mailglass::stream
