// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "base/pool.h"
#include "flow/key.h"
#include "tally/event.h"

namespace mailglass::flow {

using tally::Direction;

enum class State : std::uint8_t {
  free,         // an unused slot
  opening,      // a SYN was seen, the handshake not finished
  established,  // finished, or picked up in the middle
  closed,       // RST, or FIN both ways: lingers for retransmissions, or to be found alive
};

enum class Verdict : std::uint8_t {
  undecided,  // no payload yet, or not enough to say
  mail,
  opaque,   // mail gone over to TLS: only counted
  other,    // not mail: decode and look-up and nothing else, for ever
  refused,  // would be inspected, but the session pool was full
};

// What is kept of every flow, in two places: a cache line with all that is asked of a flow that is
// not read, and what its opening and its readers need besides. What only mail needs lives in its
// session.
struct FlowDetail {
  Tick first;
  std::uint64_t octets[2] = {};  // of whole frames on the wire, by Direction; while it is read
  std::uint32_t segments[2] = {};
  SeqNum base[2];  // sequence number of stream offset 0, by Direction
  std::uint32_t syn_ack_us = 0;
  std::uint32_t handshake_us = 0;

  // When both sides could speak; to be believed where `handshake_us` is not 0.
  Tick connected() const { return {first.us + static_cast<std::int64_t>(handshake_us)}; }
};

struct alignas(64) Flow {
  FlowKey key;
  Tick last;
  std::uint32_t session = kNoSlot;  // in the session pool; in a free slot, the next free one
  State state : 2 = State::free;
  std::uint8_t place : 2 = 0;  // in its FlowGroup
  Verdict verdict : 4 = Verdict::undecided;
  std::uint8_t sums : 4 = 0;    // what either end's checksums were like, see belief.h
  std::uint8_t fins : 2 = 0;    // bit by Direction
  std::uint8_t resets : 2 = 0;  // bit by Direction
  bool client_is_low : 1 = false;
  bool midstream : 1 = false;    // no SYN was seen: the roles are a guess
  bool syn_seen : 1 = false;     // while the handshake lasted: `first` is its time
  bool based : 1 = false;        // base[to_server] is known
  bool based_reply : 1 = false;  // base[to_client] is known
  // SYNs, or SYN-ACKs, with different numbers were seen: some are another connection's, or made up.
  bool syn_again : 1 = false;
  bool syn_ack_again : 1 = false;
  bool contested : 1 = false;  // segments came that may be of another connection
  std::uint8_t few = 0;        // segments of each side, four bits by Direction, at most kFew

  static constexpr unsigned kFew = 4;

  FlowDetail& detail();
  const FlowDetail& detail() const;

  // Segments seen of a side; above kFew nobody counts.
  unsigned seen(Direction d) const { return few >> shift(d) & 15u; }
  void see(Direction d) {
    constexpr unsigned kEnough = kFew << 4 | kFew;
    if (few != kEnough && seen(d) < kFew) few = static_cast<std::uint8_t>(few + (1u << shift(d)));
  }

  bool is_read() const { return verdict != Verdict::other && verdict != Verdict::refused; }

  bool has_base(Direction d) const { return d == Direction::to_server ? based : based_reply; }
  SeqNum base(Direction d) const { return detail().base[static_cast<std::size_t>(d)]; }
  void set_base(Direction d, SeqNum seq) {
    detail().base[static_cast<std::size_t>(d)] = seq;
    if (d == Direction::to_server) {
      based = true;
    } else {
      based_reply = true;
    }
  }
  const Address& client() const { return client_is_low ? key.low : key.high; }
  const Address& server() const { return client_is_low ? key.high : key.low; }
  std::uint16_t client_port() const { return client_is_low ? key.low_port : key.high_port; }
  std::uint16_t server_port() const { return client_is_low ? key.high_port : key.low_port; }

 private:
  static unsigned shift(Direction d) { return d == Direction::to_server ? 0 : 4; }
};
static_assert(sizeof(Flow) == 64 && sizeof(FlowDetail) == 48);

// Flows lie in memory by fours: each has a line of its own, and their details share three.
struct FlowGroup {
  static constexpr std::uint32_t kFlows = 4;
  Flow flow[kFlows];
  FlowDetail detail[kFlows];
};

// Design bar: an idle flow costs at most 128 octets, index included (see table.h).
static_assert(sizeof(FlowGroup) == FlowGroup::kFlows * 112 &&
              sizeof(FlowGroup) == 7 * sizeof(Flow));

inline FlowDetail& Flow::detail() {
  return reinterpret_cast<FlowGroup*>(this - place)->detail[place];
}
inline const FlowDetail& Flow::detail() const {
  return reinterpret_cast<const FlowGroup*>(this - place)->detail[place];
}

}  // namespace mailglass::flow
