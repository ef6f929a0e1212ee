// SPDX-License-Identifier: BSD-3-Clause
// The octets delivered last, of all conversations of one worker, in one ring: what a retransmission
// is compared with. In-order octets are passed on where they lie and gone after the burst; without
// a copy, who sends them again with other values would make two readers of one stream, unseen. Of
// octets set aside because their checksum was wrong it is the only place.
//
// How far back it remembers follows from its size: at 1 Gbit/s of mail, 1 MiB is 8 ms. What fits a
// core's own cache costs little (on the reference mix 2 % of all cycles), 8 MiB 15 %.
#pragma once

#include <cstdint>
#include <span>

#include "base/tick.h"
#include "stream/conflict.h"

namespace mailglass::stream {

// One direction's records, newest first.
struct Trail {
  std::uint64_t newest = 0;  // position in the history; 0: none
};

class History {
 public:
  static constexpr std::size_t kLeastOctets = std::size_t{1} << 18;

  // `ring` is aligned to 8 octets, a power of two long, at least kLeastOctets, and outlives this.
  explicit History(std::span<std::uint8_t> ring) : ring_(ring), head_(ring.size() + 8) {}

  // Remembers `octets` (at most 65535) that stand at `offset` of the trail's direction. Forgets the
  // oldest of any trail.
  void record(Trail& trail, std::uint64_t offset, Bytes octets, Tick time);

  struct Finding {
    std::size_t compared = 0;  // octets that were remembered
    Conflict conflict;         // the one at the lowest offset
  };
  // Compares octets that come again with a trail whose offsets only grew. Looks at no more than
  // kMaxRecords records.
  Finding compare(const Trail& trail, std::uint64_t offset, Bytes octets) const;

  // The octets at `offset` and behind it in one record of the trail, the newest that has them, of
  // the same number of records; none: empty. Good until the next `record`.
  struct Copy {
    Bytes octets;
    Tick time;
  };
  Copy find(const Trail& trail, std::uint64_t offset) const;

 private:
  static constexpr int kMaxRecords = 64;

  struct Record {
    std::uint64_t offset, older;
    Tick time;
    std::uint64_t length;
  };
  static_assert(sizeof(Record) == 32);

  std::size_t place(std::uint64_t position) const { return position & (ring_.size() - 1); }
  bool remembers(std::uint64_t position) const { return head_ - position <= ring_.size(); }
  Record read(std::uint64_t position) const;
  std::uint8_t* at(std::uint64_t position) const { return &ring_[place(position)]; }
  bool extend(const Trail& trail, std::uint64_t offset, Bytes octets);

  std::span<std::uint8_t> ring_;
  std::uint64_t head_;  // where the next record goes; positions only grow
};

}  // namespace mailglass::stream
