// SPDX-License-Identifier: BSD-3-Clause
// A decoder with small pools in a test's hands.
#pragma once

#include <array>
#include <memory>

#include "wire/decode.h"

namespace mailglass::test {

inline wire::Limits small_wire() {
  wire::Limits limits;
  limits.datagrams = 16;
  limits.blocks = wire::kLeastBlocks;
  return limits;
}

class WireRig {
 public:
  static constexpr std::size_t kMostDatagrams = 64, kMostBlocks = 256;
  struct Memory {
    std::array<wire::Datagram, kMostDatagrams> datagrams;
    std::array<std::uint32_t, kMostDatagrams> datagram_links, buckets;
    std::array<wire::FragmentBlock, kMostBlocks> blocks;
    std::array<std::uint32_t, kMostBlocks> block_links;
    std::array<std::uint8_t, wire::Decoder::kRoom> wholes;
  };

  explicit WireRig(const wire::Limits& limits = small_wire())
      : owned_(std::make_unique_for_overwrite<Memory>()), memory_(*owned_), limits_(limits) {}
  // Memory that many rigs use, one after the other: a fuzzer makes one for each input.
  WireRig(const wire::Limits& limits, Memory& memory) : memory_(memory), limits_(limits) {}

  tally::Drop decode(wire::LinkType link, const Frame& frame, wire::Segment& segment) {
    return decoder.decode(link, frame, segment);
  }
  std::uint64_t count(tally::Count c) const { return counters.get(c); }

 private:
  std::unique_ptr<Memory> owned_;
  Memory& memory_;
  wire::Limits limits_;

 public:
  tally::Counters counters;
  Pool<wire::Datagram> datagrams{std::span(memory_.datagrams).first(limits_.datagrams),
                                 std::span(memory_.datagram_links).first(limits_.datagrams)};
  Pool<wire::FragmentBlock> blocks{std::span(memory_.blocks).first(limits_.blocks),
                                   std::span(memory_.block_links).first(limits_.blocks)};
  wire::Fragments fragments{
      {datagrams, blocks, memory_.buckets, memory_.wholes}, limits_.fragment_seconds, 7, counters};
  wire::Decoder decoder{limits_, fragments, counters};
};

}  // namespace mailglass::test
