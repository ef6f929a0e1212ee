// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <bit>
#include <cstring>

#include "mail/context.h"

namespace mailglass::mail {

// Ordinals of recipients, for LMTP's replies at the end of data (RFC 2033 section 4.2): 1 to kMost.
// The first kAtHand lie here; those beyond, which hardly any transaction has, in a block.
class RecipientSet {
 public:
  static constexpr std::uint32_t kAtHand = 64;
  static constexpr std::uint32_t kMost = 1024;  // beyond, replies come without a name

  enum class Kept : std::uint8_t { yes, no_block, too_many };

  Kept add(BlockPool& pool, std::uint32_t ordinal) {
    if (ordinal < 1 || ordinal > kMost) return Kept::too_many;
    if (ordinal <= kAtHand) return at_hand_ |= bit(ordinal), Kept::yes;
    if (cut_) return Kept::no_block;
    if (block_ == kNoSlot) {
      block_ = pool.take();
      cut_ = block_ == kNoSlot;
      if (cut_) return Kept::no_block;
      std::memset(pool[block_].octet, 0, sizeof(std::uint64_t) * kBeyond);
    }
    words(pool)[ordinal_word(ordinal)] |= bit(ordinal);
    return Kept::yes;
  }

  // The least, taken out; 0 when there is none.
  std::uint16_t take_first(BlockPool& pool) {
    if (at_hand_ != 0) return lowest(at_hand_, 0);
    if (block_ == kNoSlot) return 0;
    for (std::uint32_t i = 0; i < kBeyond; ++i) {
      if (words(pool)[i] != 0) return lowest(words(pool)[i], (i + 1) * kAtHand);
    }
    return 0;
  }

  void clear(BlockPool& pool) {
    if (block_ != kNoSlot) pool.give_back(block_);
    *this = RecipientSet{};
  }

 private:
  static constexpr std::uint32_t kBeyond = kMost / kAtHand - 1;  // words in the block
  static_assert(sizeof(std::uint64_t) * kBeyond <= Block::kOctets);

  static std::uint64_t bit(std::uint32_t ordinal) { return std::uint64_t{1} << (ordinal - 1) % 64; }
  static std::uint32_t ordinal_word(std::uint32_t ordinal) { return (ordinal - 1) / kAtHand - 1; }
  static std::uint16_t lowest(std::uint64_t& word, std::uint32_t before) {
    const auto ordinal = before + static_cast<std::uint32_t>(std::countr_zero(word)) + 1;
    word &= word - 1;
    return static_cast<std::uint16_t>(ordinal);
  }
  std::uint64_t* words(BlockPool& pool) {
    return reinterpret_cast<std::uint64_t*>(pool[block_].octet);
  }

  std::uint64_t at_hand_ = 0;
  std::uint32_t block_ = kNoSlot;
  bool cut_ = false;  // one was refused: a later one would get its reply
};

}  // namespace mailglass::mail
