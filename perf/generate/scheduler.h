// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <queue>
#include <vector>

#include "corpus.h"
#include "options.h"
#include "pcap.h"
#include "tcp_speaker.h"
#include "truth.h"

namespace mailglass::generate {

// Keeps `concurrency` sessions alive and always lets the one speak whose packet is due first. What
// is in memory is the live sessions.
class Scheduler {
 public:
  Scheduler(const Options& options, PacketWriter& out, Truth& truth);
  void run();

 private:
  struct Session {
    SessionRecord record;
    TcpSpeaker speaker;
  };
  struct Due {
    std::uint64_t time_us;
    std::size_t slot;
    // The earliest on top; ties in the order of the slots, so that the result is one.
    bool operator<(const Due& than) const {
      return time_us != than.time_us ? time_us > than.time_us : slot > than.slot;
    }
  };

  bool more_wanted() const;
  void open(std::size_t slot, std::uint64_t time_us);
  Protocol choose_protocol(Random& random) const;
  void speak(Session& session);
  // How much of the capture is done, 0 to 1.
  double progress() const;
  void flood_until(double progress);

  const Options& options_;
  PacketWriter& out_;
  Truth& truth_;
  Corpus corpus_;
  std::vector<std::unique_ptr<Session>> slots_;
  std::priority_queue<Due> due_;
  std::uint64_t opened_ = 0;
  std::uint64_t syns_ = 0;
  std::uint64_t flood_octets_ = 0;
  // Estimated packets of the sessions opened so far, to keep the share of the background.
  double mail_planned_ = 0;
  double background_planned_ = 0;
};

}  // namespace mailglass::generate
