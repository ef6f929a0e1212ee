// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cstring>

#include "base/bytes.h"
#include "stream/hold.h"
#include "tally/counters.h"

namespace mailglass::mail {

using stream::Block;
using stream::BlockPool;

// The octets of one unit (a line, a reply of several lines, a header field) that may be cut into
// chunks anywhere. While it lies in one chunk it is only pointed at; when the chunk ends before the
// unit does, `settle` moves it to a block of the shared pool. A block's worth is kept, the rest
// counted: a unit's length on the wire decides no memory.
class Gather {
 public:
  // Appends `part`, which lies in the current chunk.
  void add(BlockPool& pool, tally::Counters& counters, Bytes part) {
    octets_ += static_cast<std::uint32_t>(part.size());
    if (block_ == kNoSlot && (chunk_size_ == 0 || chunk_ + chunk_size_ == part.data()) && !cut_) {
      if (chunk_size_ == 0) chunk_ = part.data();
      chunk_size_ += static_cast<std::uint32_t>(part.size());
      return;
    }
    settle(pool, counters);
    append(pool, counters, part);
  }

  // The chunk ends: what is only pointed at gets a place of its own.
  void settle(BlockPool& pool, tally::Counters& counters) {
    if (chunk_size_ == 0) return;
    const Bytes part(chunk_, chunk_size_);
    chunk_size_ = 0;
    append(pool, counters, part);
  }

  // The same whether the unit came in one chunk or in many: at most a block's worth.
  Bytes view(const BlockPool& pool) const {
    if (block_ == kNoSlot) return {chunk_, std::min<std::size_t>(chunk_size_, Block::kOctets)};
    return {pool[block_].octet, kept_};
  }

  void clear(BlockPool& pool) {
    if (block_ != kNoSlot) pool.give_back(block_);
    *this = Gather{};
  }

  bool empty() const { return octets_ == 0; }
  std::uint32_t octets() const { return octets_; }  // of the unit so far, kept or not
  // Some octets were not kept.
  bool cut() const { return cut_ || chunk_size_ > Block::kOctets; }

 private:
  void append(BlockPool& pool, tally::Counters& counters, Bytes part) {
    if (cut_ || part.empty()) return;
    if (block_ == kNoSlot) {
      block_ = pool.take();
      if (block_ == kNoSlot) {
        counters.add(tally::Count::lines_refused_blocks);
        cut_ = true;
        return;
      }
    }
    const std::size_t room = Block::kOctets - kept_;
    const std::size_t kept = std::min(room, part.size());
    std::memcpy(pool[block_].octet + kept_, part.data(), kept);
    kept_ = static_cast<std::uint16_t>(kept_ + kept);
    cut_ = kept < part.size();
  }

  const std::uint8_t* chunk_ = nullptr;
  std::uint32_t chunk_size_ = 0;
  std::uint32_t octets_ = 0;
  std::uint32_t block_ = kNoSlot;
  std::uint16_t kept_ = 0;
  bool cut_ = false;
};

}  // namespace mailglass::mail
