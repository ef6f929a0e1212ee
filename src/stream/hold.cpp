// SPDX-License-Identifier: BSD-3-Clause
#include "stream/hold.h"

namespace mailglass::stream {
namespace {

// Calls `part(offset, length)` for each piece of [begin, end) that lies in one block.
template <typename Part>
void by_block(std::uint64_t begin, std::uint64_t end, Part&& part) {
  while (begin < end) {
    const std::uint64_t in_block = Block::kOctets - begin % Block::kOctets;
    const std::uint64_t length = std::min(in_block, end - begin);
    part(begin, static_cast<std::size_t>(length));
    begin += length;
  }
}

}  // namespace

Hold::Kept Hold::keep(BlockPool& pool, const Range& range, Bytes octets, Conflict& conflict) {
  assert(range.end - range.begin == octets.size());
  // All blocks first: a range is only entered when its octets have a place.
  bool room = true;
  by_block(range.begin, range.end, [&](std::uint64_t offset, std::size_t) {
    std::uint32_t& block = block_for(offset);
    if (block == kNoSlot && room) block = pool.take();
    room = room && block != kNoSlot;
  });
  if (!room) return Kept::no_block;

  const auto each = [&](std::uint64_t begin, std::uint64_t end, auto&& part) {
    by_block(begin, end, [&](std::uint64_t offset, std::size_t length) {
      std::uint8_t* held = &pool[block_for(offset)].octet[offset % Block::kOctets];
      part(held, octets.data() + (offset - range.begin), length);
    });
  };
  const bool all = ranges_.add(
      range,
      [&](std::uint64_t begin, std::uint64_t end) {
        each(begin, end, [](std::uint8_t* held, const std::uint8_t* from, std::size_t length) {
          std::memcpy(held, from, length);
        });
      },
      [&](std::uint64_t begin, std::uint64_t end) {
        each(begin, end, [&](std::uint8_t* held, const std::uint8_t* from, std::size_t length) {
          if (conflict.found()) return;
          const auto offset = range.begin + static_cast<std::uint64_t>(from - octets.data());
          conflict = conflict_of(offset, {held, length}, {from, length});
        });
      });
  return all ? Kept::all : Kept::no_range;
}

Bytes Hold::at(const BlockPool& pool, std::uint64_t offset) const {
  assert(!ranges_.empty() && ranges_.first().begin <= offset && offset < ranges_.first().end);
  const std::uint64_t in_block = Block::kOctets - offset % Block::kOctets;
  const std::uint64_t length = std::min(in_block, ranges_.first().end - offset);
  const Block& block = pool[block_[offset / Block::kOctets % kBlocks]];
  return {&block.octet[offset % Block::kOctets], static_cast<std::size_t>(length)};
}

void Hold::drop_before(BlockPool& pool, std::uint64_t from, std::uint64_t offset) {
  ranges_.drop_before(offset);
  // A skip over a hole may pass more than the whole window: each place is visited once at most.
  const std::uint64_t first = from / Block::kOctets;
  const std::uint64_t last = std::min(offset / Block::kOctets, first + kBlocks);
  for (std::uint64_t number = first; number < last; ++number) {
    std::uint32_t& block = block_[number % kBlocks];
    if (block != kNoSlot) pool.give_back(block);
    block = kNoSlot;
  }
}

void Hold::drop_all(BlockPool& pool) {
  for (std::uint32_t& block : block_) {
    if (block != kNoSlot) pool.give_back(block);
    block = kNoSlot;
  }
  ranges_ = Assembler{};
}

}  // namespace mailglass::stream
