// SPDX-License-Identifier: BSD-3-Clause
// A fixed number of cases by their id. When all are taken, the one seen least lately gives way.
// Every call takes constant time, whoever chooses the ids' names: ids are keyed hashes.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/tick.h"

namespace mailglass::report {

// `Case` has members `std::uint64_t id` and `Tick last`; the table sets both.
template <typename Case>
class CaseTable {
 public:
  explicit CaseTable(std::size_t capacity)
      : slots_(capacity), heads_(std::bit_ceil(capacity + 1), kNone) {}

  // Null when there is none. It keeps its place in the order of being seen.
  Case* find(std::uint64_t id) {
    const std::uint32_t at = place_of(id);
    return at == kNone ? nullptr : &slots_[at].item;
  }
  // The case of `id`, a fresh one when there was none. `leave` is told of one that gives way.
  template <typename Leave>
  Case& see(std::uint64_t id, Tick now, Leave&& leave) {
    std::uint32_t at = place_of(id);
    if (at == kNone) {
      if (used_ == slots_.size()) drop(oldest_, leave);
      at = free_ != kNone ? take_free() : static_cast<std::uint32_t>(fresh_++);
      slots_[at].item = Case{};
      slots_[at].item.id = id;
      slots_[at].chain = head(id);
      head(id) = at;
      ++used_;
    } else {
      unlink(at);
    }
    slots_[at].item.last = now;
    link_newest(at);
    return slots_[at].item;
  }
  // Lets go of all last seen before `then`, the oldest first.
  template <typename Leave>
  void expire(Tick then, Leave&& leave) {
    while (oldest_ != kNone && slots_[oldest_].item.last < then) drop(oldest_, leave);
  }
  template <typename Leave>
  void clear(Leave&& leave) {
    while (oldest_ != kNone) drop(oldest_, leave);
  }
  std::size_t size() const { return used_; }
  static constexpr std::size_t octets_each() { return sizeof(Slot) + 2 * sizeof(std::uint32_t); }

 private:
  static constexpr std::uint32_t kNone = 0xffffffff;
  struct Slot {
    Case item{};
    std::uint32_t chain = kNone;                 // the next with the same head, or the next free
    std::uint32_t older = kNone, newer = kNone;  // in the order of being seen
  };

  std::uint32_t& head(std::uint64_t id) { return heads_[id & (heads_.size() - 1)]; }
  std::uint32_t place_of(std::uint64_t id) {
    std::uint32_t at = head(id);
    while (at != kNone && slots_[at].item.id != id) at = slots_[at].chain;
    return at;
  }
  std::uint32_t take_free() {
    const std::uint32_t at = free_;
    free_ = slots_[at].chain;
    return at;
  }
  void link_newest(std::uint32_t at) {
    slots_[at].older = newest_;
    slots_[at].newer = kNone;
    (newest_ == kNone ? oldest_ : slots_[newest_].newer) = at;
    newest_ = at;
  }
  void unlink(std::uint32_t at) {
    const Slot& slot = slots_[at];
    (slot.older == kNone ? oldest_ : slots_[slot.older].newer) = slot.newer;
    (slot.newer == kNone ? newest_ : slots_[slot.newer].older) = slot.older;
  }
  template <typename Leave>
  void drop(std::uint32_t at, Leave&& leave) {
    leave(slots_[at].item);
    unlink(at);
    std::uint32_t* link = &head(slots_[at].item.id);
    while (*link != at) link = &slots_[*link].chain;
    *link = slots_[at].chain;
    slots_[at].chain = free_;
    free_ = at;
    --used_;
  }

  std::vector<Slot> slots_;
  std::vector<std::uint32_t> heads_;
  std::size_t used_ = 0, fresh_ = 0;
  std::uint32_t free_ = kNone, oldest_ = kNone, newest_ = kNone;
};

}  // namespace mailglass::report
