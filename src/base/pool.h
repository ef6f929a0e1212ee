// SPDX-License-Identifier: BSD-3-Clause
// A fixed pool of equal slots in storage handed in at start, named by a 32-bit index.
#pragma once

#include <cassert>
#include <cstdint>
#include <span>

namespace mailglass {

constexpr std::uint32_t kNoSlot = 0xffffffff;

// Slots never move; `take` says kNoSlot when none is left and counts the refusal. The free list is
// threaded through `links`, beside the slots, so that a free slot's old content cannot steer it.
// Slots are handed out in index order first: memory never used is never touched.
template <typename T>
class Pool {
 public:
  // `slots` and `links` have the same length and outlive the pool.
  Pool(std::span<T> slots, std::span<std::uint32_t> links)
      : slots_(slots), links_(links), short_(capacity() - capacity() / 16) {
    assert(slots.size() == links.size() && slots.size() < kNoSlot);
  }

  [[nodiscard]] std::uint32_t take() {
    std::uint32_t index = free_;
    if (index != kNoSlot) {
      free_ = links_[index];
    } else if (fresh_ < slots_.size()) {
      index = fresh_++;
    } else {
      ++refused_;
      return kNoSlot;
    }
    links_[index] = kTaken;
    if (++used_ > peak_) peak_ = used_;
    return index;
  }

  void give_back(std::uint32_t index) {
    assert(index < fresh_ && links_[index] == kTaken);
    links_[index] = free_;
    free_ = index;
    --used_;
  }

  T& operator[](std::uint32_t index) { return assert(index < fresh_), slots_[index]; }
  const T& operator[](std::uint32_t index) const { return assert(index < fresh_), slots_[index]; }

  bool holds(std::uint32_t index) const { return index < fresh_ && links_[index] == kTaken; }
  std::uint32_t capacity() const { return static_cast<std::uint32_t>(slots_.size()); }
  std::uint32_t high_water() const { return fresh_; }  // slots at or above were never taken
  std::uint32_t used() const { return used_; }
  // No more than a sixteenth is left.
  bool runs_short() const { return used_ >= short_; }
  std::uint32_t peak() const { return peak_; }
  std::uint64_t refused() const { return refused_; }

 private:
  static constexpr std::uint32_t kTaken = 0xfffffffe;

  std::span<T> slots_;
  std::span<std::uint32_t> links_;
  std::uint32_t free_ = kNoSlot;
  std::uint32_t fresh_ = 0;
  std::uint32_t used_ = 0;
  std::uint32_t short_;
  std::uint32_t peak_ = 0;
  std::uint64_t refused_ = 0;
};

}  // namespace mailglass
