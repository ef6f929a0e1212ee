// SPDX-License-Identifier: BSD-3-Clause
// Whose a frame is, told without taking it apart for good: nothing is gathered, counted or checked.
#pragma once

#include <array>

#include "base/frame.h"
#include "wire/decode.h"

namespace mailglass::wire {

struct Outline {
  // The innermost TCP segment's, as they lie in the frame: source and destination address side by
  // side, 8 or 32 octets, and both ports, 4 octets. Null where the frame shows none.
  const std::uint8_t* addresses = nullptr;
  const std::uint8_t* ports = nullptr;
  bool ipv6 = false;

  // The IP fragments it is, or is in, outermost first; more than two are not told. Only the first
  // fragment of a datagram shows what it holds.
  static constexpr std::size_t kFragments = 2;
  std::array<FragmentKey, kFragments> fragment;
  std::size_t fragments = 0;
  // The walk ended at a fragment that is not its datagram's first.
  bool behind_first = false;
};

// Walks as Decoder does, through the same tunnels. One thread. Some kilobytes.
class Outliner {
 public:
  explicit Outliner(const Limits& limits);
  Outliner(const Outliner&) = delete;
  Outliner& operator=(const Outliner&) = delete;

  void look(LinkType link, const Frame& frame, Outline& outline);

 private:
  Limits limits_;
  // Never used, but a walk has them.
  tally::Counters counters_;
  Pool<Datagram> datagrams_{{}, {}};
  Pool<FragmentBlock> blocks_{{}, {}};
  std::uint32_t bucket_ = 0;
  Fragments fragments_{{datagrams_, blocks_, {&bucket_, 1}, {}}, 0, 0, counters_};
  Common common_{limits_, fragments_, counters_};
};

}  // namespace mailglass::wire
