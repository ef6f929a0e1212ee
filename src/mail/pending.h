// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <cassert>
#include <new>

#include "mail/gather.h"
#include "tally/event.h"

namespace mailglass::mail {

// A command that waits for its reply.
struct Pending {
  Tick time;
  std::uint32_t index = 0;  // tally::Command::index
  std::uint32_t tx = 0;
  std::uint16_t recipient = 0;
  std::uint8_t verb = 0;
  tally::Phase phase = tally::Phase::command;
  bool argument = false;      // POP3: the command had one
  bool secret = false;        // the line may hold a secret, which a server may repeat
  bool known_to_all = false;  // SMTP: no server says of it that it does not know it
};
static_assert(sizeof(Pending) <= 24);

// Commands in the order in which replies will come. The few of an ordinary dialogue live in the
// session; a pipelining client's go to a block, kPipelined at most.
class PendingQueue {
 public:
  static constexpr std::uint32_t kInline = 4;
  static constexpr std::uint32_t kPipelined = Block::kOctets / sizeof(Pending);

  // False when full: the command's reply will find nobody, and `overflowed` counts it.
  bool push(BlockPool& pool, const Pending& command) {
    if (overflow_ == 0 && count_ == kInline && block_ == kNoSlot) spill(pool);
    if (overflow_ != 0 || count_ == capacity()) return ++overflow_, false;
    slots(pool)[(first_ + count_) % capacity()] = command;
    ++count_;
    return true;
  }

  // The oldest command. After an overflow the pairing of those not kept is unknown: their replies
  // are consumed without a command, `known` is false.
  Pending pop(BlockPool& pool, bool& known) {
    assert(!empty());
    known = count_ != 0;
    if (!known) return --overflow_, Pending{};
    const Pending oldest = slots(pool)[first_];
    first_ = (first_ + 1) % capacity();
    if (--count_ == 0) shrink(pool);
    return oldest;
  }

  // Null when there is none, or it was not kept.
  const Pending* oldest(BlockPool& pool) { return count_ != 0 ? &slots(pool)[first_] : nullptr; }
  Pending* newest(BlockPool& pool) {
    if (count_ == 0 || overflow_ != 0) return nullptr;
    return &slots(pool)[(first_ + count_ - 1) % capacity()];
  }

  bool any_of(BlockPool& pool, std::uint32_t tx) {
    for (std::uint32_t i = 0; i < count_; ++i) {
      if (slots(pool)[(first_ + i) % capacity()].tx == tx) return true;
    }
    return false;
  }

  void clear(BlockPool& pool) {
    count_ = overflow_ = 0;
    shrink(pool);
  }

  bool empty() const { return count_ == 0 && overflow_ == 0; }
  std::uint32_t size() const { return count_ + overflow_; }

 private:
  std::uint32_t capacity() const { return block_ == kNoSlot ? kInline : kPipelined; }
  Pending* slots(BlockPool& pool) {
    return block_ == kNoSlot ? inline_.data() : reinterpret_cast<Pending*>(pool[block_].octet);
  }
  void spill(BlockPool& pool) {
    const std::uint32_t block = pool.take();
    if (block == kNoSlot) return;
    auto* to = reinterpret_cast<Pending*>(pool[block].octet);
    for (std::uint32_t i = 0; i < count_; ++i) to[i] = inline_[(first_ + i) % kInline];
    block_ = block;
    first_ = 0;
  }
  void shrink(BlockPool& pool) {
    if (block_ != kNoSlot) pool.give_back(block_);
    block_ = kNoSlot;
    first_ = 0;
  }

  std::array<Pending, kInline> inline_{};
  std::uint32_t block_ = kNoSlot;
  std::uint32_t first_ = 0, count_ = 0, overflow_ = 0;
};

}  // namespace mailglass::mail
