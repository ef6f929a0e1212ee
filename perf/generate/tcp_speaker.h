// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <optional>

#include "addresses.h"
#include "dialogue.h"
#include "options.h"
#include "pcap.h"
#include "random.h"
#include "record.h"

namespace mailglass::generate {

// Both ends of one TCP connection: they shake hands, say the script in segments, acknowledge every
// second one, and close. Reordering and duplication happen in the network before the tap, so the
// receiver acknowledges only what has passed: an acknowledgment beyond a hole means loss, and loss
// is the capture's alone (the receiver had the segment).
class TcpSpeaker {
 public:
  TcpSpeaker(const Ends& ends, Script script, const Options& options, Random random,
             std::uint64_t start_us);

  bool done() const { return phase_ == Phase::kDone; }
  std::uint64_t next_time_us() const { return next_time_us_; }
  // The next packet; nothing is written when it is one that the capture loses.
  void speak(PacketWriter& out);
  const Wear& wear() const { return wear_; }

 private:
  enum class Phase { kSyn, kSynAck, kAck, kTalk, kFin, kFinAcked, kLastFin, kLastAck, kDone };

  struct Range {
    std::size_t offset = 0;
    std::size_t length = 0;
  };

  struct End {
    Host host;
    std::uint32_t next = 0;      // sequence number of the next new octet
    std::uint32_t expected = 0;  // of the peer: everything before it has arrived
    std::uint32_t beyond = 0;    // end of what arrived behind a hole; == expected when no hole
    std::uint32_t hole_end = 0;
    std::uint32_t clock = 0;       // offset of the timestamp clock
    std::uint32_t peer_clock = 0;  // last timestamp seen from the peer
    std::uint16_t ip_id = 0;
    std::uint32_t unacknowledged = 0;  // segments
    bool must_acknowledge = false;
  };

  End& end(Side side) { return side == Side::kClient ? client_ : server_; }
  const Turn& turn() const { return script_.turns()[turn_]; }

  void talk(PacketWriter& out);
  void begin_turn();
  void close_or_wait();
  void say(Range range, PacketWriter& out);
  Range next_range();
  Range cut();
  void say_again(PacketWriter& out);
  void hear(End& receiver, std::uint32_t sequence, std::size_t length);
  // A segment without data.
  void signal(Side from, std::uint8_t flags, PacketWriter& out);
  void write(Side from, std::uint8_t flags, std::uint32_t sequence, Range data, PacketWriter& out);
  void wait(std::uint64_t microseconds) { next_time_us_ += microseconds; }
  void short_wait();

  Script script_;
  const Options& options_;
  Random random_;
  End client_;
  End server_;
  std::size_t segment_;
  std::uint64_t next_time_us_;
  Phase phase_ = Phase::kSyn;

  std::size_t turn_ = 0;
  std::uint32_t turn_start_ = 0;  // sequence number
  std::size_t cut_ = 0;           // octets of the turn already in segments
  std::optional<Range> held_;     // cut, but overtaken by `held_for_` more
  std::uint64_t held_for_ = 0;
  std::optional<Range> again_;  // said, and to be said again after `again_in_` more
  std::uint64_t again_in_ = 0;
  Wear wear_;
};

}  // namespace mailglass::generate
