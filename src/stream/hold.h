// SPDX-License-Identifier: BSD-3-Clause
// Octets of one stream direction that arrived before their turn, in blocks of a shared pool.
// A block's place follows from the stream offset, so one-octet segments cost no more than long ones
// and an octet is found without a search.
#pragma once

#include <algorithm>
#include <array>
#include <cassert>
#include <cstring>

#include "base/bytes.h"
#include "base/pool.h"
#include "flow/flow.h"
#include "stream/assembler.h"
#include "stream/conflict.h"

namespace mailglass::stream {

struct alignas(64) Block {
  static constexpr std::size_t kOctets = 2048;
  std::uint8_t octet[kOctets];
};

using BlockPool = Pool<Block>;

class Hold {
 public:
  static constexpr std::size_t kBlocks = 128;  // a window of 256 KiB from the next octet on
  static constexpr std::uint64_t kWindow = (kBlocks - 1) * Block::kOctets;

  enum class Kept : std::uint8_t { all, no_block, no_range };

  flow::Flow* flow = nullptr;  // whose it is, so that it can be asked to give way

  void reset() {
    flow = nullptr;
    ranges_ = Assembler{};
    block_.fill(kNoSlot);
  }

  // Keeps `octets`, which begin at `range.begin` and lie within kWindow of the stream's next
  // octet. Octets already held stay; `conflict` is where they differ first.
  Kept keep(BlockPool& pool, const Range& range, Bytes octets, Conflict& conflict);

  // The held octets from `offset` on that lie together in one block; `offset` is held.
  Bytes at(const BlockPool& pool, std::uint64_t offset) const;

  // Gives back every block that lies wholly before `offset`.
  void drop_before(BlockPool& pool, std::uint64_t from, std::uint64_t offset);
  void drop_all(BlockPool& pool);

  const Assembler& ranges() const { return ranges_; }

 private:
  std::uint32_t& block_for(std::uint64_t offset) {
    return block_[offset / Block::kOctets % kBlocks];
  }

  Assembler ranges_;
  std::array<std::uint32_t, kBlocks> block_;
};

}  // namespace mailglass::stream
