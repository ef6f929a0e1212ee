// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <cassert>
#include <cstddef>

namespace mailglass {

// A vector that cannot grow past `Capacity`: `push` says whether there was room.
template <typename T, std::size_t Capacity>
class FixedVector {
 public:
  [[nodiscard]] constexpr bool push(const T& item) {
    if (size_ == Capacity) return false;
    items_[size_++] = item;
    return true;
  }

  constexpr void erase_front(std::size_t count) {
    assert(count <= size_);
    for (std::size_t i = count; i < size_; ++i) items_[i - count] = items_[i];
    size_ -= count;
  }

  // Opens a place before `index`. False when full.
  [[nodiscard]] constexpr bool insert(std::size_t index, const T& item) {
    assert(index <= size_);
    if (size_ == Capacity) return false;
    for (std::size_t i = size_; i > index; --i) items_[i] = items_[i - 1];
    items_[index] = item;
    ++size_;
    return true;
  }

  constexpr void erase(std::size_t first, std::size_t last) {
    assert(first <= last && last <= size_);
    for (std::size_t i = last; i < size_; ++i) items_[first + i - last] = items_[i];
    size_ -= last - first;
  }

  constexpr void clear() { size_ = 0; }
  constexpr std::size_t size() const { return size_; }
  constexpr bool empty() const { return size_ == 0; }
  constexpr bool full() const { return size_ == Capacity; }
  constexpr T& operator[](std::size_t i) { return assert(i < size_), items_[i]; }
  constexpr const T& operator[](std::size_t i) const { return assert(i < size_), items_[i]; }
  constexpr T* begin() { return items_.data(); }
  constexpr T* end() { return items_.data() + size_; }
  constexpr const T* begin() const { return items_.data(); }
  constexpr const T* end() const { return items_.data() + size_; }

 private:
  std::array<T, Capacity> items_{};
  std::size_t size_ = 0;
};

}  // namespace mailglass
