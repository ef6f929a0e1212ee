// SPDX-License-Identifier: BSD-3-Clause
// Numbers made of many.
#pragma once

#include <cstdint>

namespace mailglass {

constexpr std::uint64_t kOdd = 0x9e3779b97f4a7c15;  // 2^64 over the golden ratio

// Both halves of the 128-bit product: every bit of either factor moves half of the result.
constexpr std::uint64_t fold(std::uint64_t a, std::uint64_t b) {
  const unsigned __int128 product = static_cast<unsigned __int128>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

// `part` into `state`. Not commutative: the order of parts counts.
constexpr std::uint64_t mixed(std::uint64_t state, std::uint64_t part) {
  return fold(fold(state ^ kOdd, kOdd) ^ part, kOdd);
}

}  // namespace mailglass
