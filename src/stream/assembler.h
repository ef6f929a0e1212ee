// SPDX-License-Identifier: BSD-3-Clause
// Which octets of one stream direction are held out of order. Knows offsets only: no TCP, no
// packets, no bytes, no time of its own (the idea is smoltcp's).
//
// Invariants: ranges are sorted, do not overlap and are never empty. Two that touch are merged
// when their `after` is equal; otherwise they stay two, since they may become deliverable at
// different moments.
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/fixed_vector.h"
#include "base/tick.h"

namespace mailglass::stream {

struct Range {
  std::uint64_t begin = 0, end = 0;
  // Offset of the opposite direction that must have been delivered first: the sender of these
  // octets had seen that much, so what it says may be an answer to it.
  std::uint64_t after = 0;
  Tick time;  // of the newest segment in it
};

class Assembler {
 public:
  static constexpr std::size_t kMaxRanges = 48;

  // Adds [wanted.begin, wanted.end). Calls `fresh(begin, end)` for each part not held before and
  // `repeated(begin, end)` for each part that is: what came first is kept. Parts for which there is
  // no room among the ranges are reported to neither. False when such a part was left out.
  template <typename Fresh, typename Repeated>
  bool add(const Range& wanted, Fresh&& fresh, Repeated&& repeated);

  // Forgets everything before `offset`.
  void drop_before(std::uint64_t offset);

  bool empty() const { return ranges_.empty(); }
  const Range& first() const { return ranges_[0]; }
  std::size_t size() const { return ranges_.size(); }
  const Range& operator[](std::size_t i) const { return ranges_[i]; }

 private:
  void merge_around(std::size_t index);

  FixedVector<Range, kMaxRanges> ranges_;
};

template <typename Fresh, typename Repeated>
bool Assembler::add(const Range& wanted, Fresh&& fresh, Repeated&& repeated) {
  std::uint64_t at = wanted.begin;
  std::size_t i = 0;
  while (at < wanted.end) {
    while (i < ranges_.size() && ranges_[i].end <= at) ++i;
    if (i < ranges_.size() && ranges_[i].begin <= at) {
      const std::uint64_t end = std::min(ranges_[i].end, wanted.end);
      repeated(at, end);
      at = end;
      continue;
    }
    std::uint64_t end = wanted.end;
    if (i < ranges_.size()) end = std::min(end, ranges_[i].begin);
    Range part = wanted;
    part.begin = at;
    part.end = end;
    std::size_t place = i;
    if (i > 0 && ranges_[i - 1].end == at &&
        (ranges_[i - 1].after == wanted.after || ranges_.full())) {
      // Grows its neighbour. With no room for another range the later of the two conditions
      // holds for both: octets may wait a little longer, none is lost.
      Range& left = ranges_[--place];
      left.end = end;
      left.after = std::max(left.after, wanted.after);
      left.time = std::max(left.time, wanted.time);
    } else if (!ranges_.insert(i, part)) {
      return false;
    }
    fresh(at, end);
    at = end;
    merge_around(place);
    i = place > 0 ? place - 1 : 0;  // merged to the left, ranges behind moved up
  }
  return true;
}

inline void Assembler::merge_around(std::size_t index) {
  for (std::size_t left = index > 0 ? index - 1 : 0; left <= index;) {
    if (left + 1 >= ranges_.size()) return;
    Range& a = ranges_[left];
    const Range& b = ranges_[left + 1];
    if (a.end != b.begin || a.after != b.after) {
      ++left;
      continue;
    }
    a.end = b.end;
    a.time = std::max(a.time, b.time);
    ranges_.erase(left + 1, left + 2);
  }
}

inline void Assembler::drop_before(std::uint64_t offset) {
  std::size_t gone = 0;
  while (gone < ranges_.size() && ranges_[gone].end <= offset) ++gone;
  ranges_.erase_front(gone);
  if (!ranges_.empty() && ranges_[0].begin < offset) ranges_[0].begin = offset;
}

}  // namespace mailglass::stream
