// SPDX-License-Identifier: BSD-3-Clause
// The yardstick of whoever reads bodies: how many line ends there are, in AVX2.
#pragma once

#include <immintrin.h>

#include <cstdint>

#include "base/bytes.h"

namespace mailglass::perf {

[[gnu::target("avx2,popcnt")]] inline std::uint64_t count_newlines(Bytes text) {
  const __m256i newline = _mm256_set1_epi8('\n');
  std::uint64_t count = 0;
  std::size_t at = 0;
  for (; at + 32 <= text.size(); at += 32) {
    const auto octets = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(text.data() + at));
    const int found = _mm256_movemask_epi8(_mm256_cmpeq_epi8(octets, newline));
    count += static_cast<unsigned>(__builtin_popcount(static_cast<unsigned>(found)));
  }
  for (; at < text.size(); ++at) count += text[at] == '\n' ? 1 : 0;
  return count;
}

}  // namespace mailglass::perf
