// SPDX-License-Identifier: BSD-3-Clause
// Another connection with the ports of one that is read: it began although the old one never ended
// for all we saw, or somebody makes it up. One side's word is not enough: a segment of the other
// side must have exactly the numbers that it would have. The old connection goes on meanwhile, and
// octets of its own refute the other.
#pragma once

#include "base/seqnum.h"
#include "tally/event.h"
#include "wire/segment.h"

namespace mailglass::stream {

struct Rival {
  SeqNum next[2];         // of either side, by Direction, behind the segment that named it
  Tick time;              // of that
  tally::Direction by{};  // who sent it
  bool known = false;
  bool from_start = false;  // it was a SYN-ACK

  // A segment whose numbers do not fit the connection.
  void name(const wire::Segment& s, tally::Direction d) {
    const bool start = s.has(wire::kSyn);
    if (!s.has(wire::kAck) || (known && from_start && by == d && !start)) return;
    const auto side = static_cast<std::size_t>(d);
    from_start = start;
    next[side] = s.seq + s.length + (from_start ? 1 : 0);
    next[1 - side] = s.ack;
    time = s.time;
    by = d;
    known = true;
  }

  // Octets of the connection's own, of that side, came after all.
  void refute(tally::Direction d) { known = known && by != d; }

  // Both ends speak of it. Behind a SYN-ACK its server may be the next to speak.
  bool confirmed_by(const wire::Segment& s, tally::Direction d) const {
    return known && (by != d || from_start) && !s.has(wire::kSyn) && !s.has(wire::kRst) &&
           s.has(wire::kAck) && s.seq == next[static_cast<std::size_t>(d)] &&
           s.ack == next[1 - static_cast<std::size_t>(d)];
  }
};

}  // namespace mailglass::stream
