// SPDX-License-Identifier: BSD-3-Clause
// A `Wide` for each width: what bulk_loops.inc needs of a block of octets. `Flags` say something of
// each octet of it.
#include "base/bulk.h"

#include <immintrin.h>

#include <algorithm>

#ifndef __clang__
// GCC 12 warns of its own intrinsics (GCC bug 105593).
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

namespace mailglass {
namespace {

bool any_8bit_of_few(const std::uint8_t* at, std::size_t octets) {
  unsigned all = 0;
  for (std::size_t i = 0; i < octets; ++i) all |= at[i];
  return all > 127;
}

// What is left to look at one by one.
constexpr Bulk kOctetByOctet{
    "none",
    nullptr,
    nullptr,
    [](const std::uint8_t*, std::size_t, Bulk::Plain&) { return std::size_t{0}; },
    [](const std::uint8_t*, std::size_t) { return std::size_t{0}; },
    [](const std::uint8_t*, std::size_t) { return std::size_t{0}; },
    [](const std::uint8_t*, std::size_t, std::uint64_t&) { return std::size_t{0}; },
    [](const std::uint8_t*, std::size_t, std::uint8_t*, std::size_t) { return Bulk::Base64{}; },
};

// A table of 16 octets.
#define ROW                                                                                       \
  char a, char b, char c, char d, char e, char f, char g, char h, char i, char j, char k, char l, \
      char m, char n, char o, char p

namespace ssse3 {
constexpr const Bulk& narrower = kOctetByOctet;
#define WIDE [[gnu::target("ssse3")]]
#define HERE WIDE [[gnu::always_inline]] static inline
struct Wide {
  using Octets = __m128i;
  using Flags = __m128i;
  using Count = __m128i;
  static constexpr std::size_t kOctets = 16;
  static constexpr std::string_view kName = "ssse3";

  HERE Octets load(const std::uint8_t* at) {
    return _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
  }
  HERE Octets all(char octet) { return _mm_set1_epi8(octet); }
  HERE Octets row(ROW) { return _mm_setr_epi8(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p); }
  HERE Octets merged(Octets x, Octets y) { return _mm_or_si128(x, y); }
  HERE Octets masked(Octets x, Octets y) { return _mm_and_si128(x, y); }
  HERE Octets added(Octets x, Octets y) { return _mm_add_epi8(x, y); }
  HERE Octets high_nibbles(Octets x) { return masked(_mm_srli_epi32(x, 4), all(0x0f)); }
  HERE Octets looked_up(Octets table, Octets x) { return _mm_shuffle_epi8(table, x); }
  HERE Octets less_one(Octets x, Flags where) { return _mm_add_epi8(x, where); }
  HERE Flags equal(Octets x, Octets y) { return _mm_cmpeq_epi8(x, y); }
  HERE Flags zero(Octets x) { return equal(x, _mm_setzero_si128()); }
  HERE Flags negative(Octets x) { return x; }
  HERE Flags any_common(Octets x, Octets y) {
    return _mm_cmpgt_epi8(masked(x, y), _mm_setzero_si128());
  }
  HERE Flags both_equal(Flags also, Octets x, Octets y) { return masked(also, equal(x, y)); }
  HERE Flags either(Flags x, Flags y) { return _mm_or_si128(x, y); }
  HERE Flags differ(Flags x, Flags y) { return _mm_xor_si128(x, y); }
  HERE std::uint64_t bits(Flags x) { return static_cast<unsigned>(_mm_movemask_epi8(x)); }
  HERE bool any(Flags x) { return bits(x) != 0; }
  HERE Count no_count() { return _mm_setzero_si128(); }
  HERE Count counted(Count count, Flags x) { return _mm_sub_epi8(count, x); }
  HERE std::uint64_t total_count(Count count) {
    return total(_mm_sad_epu8(count, _mm_setzero_si128()));
  }
  HERE Octets summed(Octets x, Octets y) { return _mm_add_epi64(x, y); }
  HERE Octets upper_words(Octets x) { return _mm_srli_epi64(x, 32); }
  HERE std::uint64_t total(Octets x) {
    return static_cast<std::uint64_t>(_mm_cvtsi128_si64(x)) +
           static_cast<std::uint64_t>(_mm_cvtsi128_si64(_mm_unpackhi_epi64(x, x)));
  }
  HERE void store_groups(std::uint8_t* out, Octets values) {
    const __m128i pairs = _mm_maddubs_epi16(values, _mm_set1_epi32(0x01400140));
    const __m128i groups = _mm_madd_epi16(pairs, _mm_set1_epi32(0x00011000));
    const __m128i order = _mm_setr_epi8(2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1);
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out), _mm_shuffle_epi8(groups, order));
  }
};
#include "base/bulk_loops.inc"
#undef WIDE
}  // namespace ssse3

namespace avx2 {
constexpr const Bulk& narrower = ssse3::kLoops;
#define WIDE [[gnu::target("avx2,bmi,popcnt")]]
struct Wide {
  using Octets = __m256i;
  using Flags = __m256i;
  using Count = __m256i;
  static constexpr std::size_t kOctets = 32;
  static constexpr std::string_view kName = "avx2";

  HERE Octets load(const std::uint8_t* at) {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at));
  }
  HERE Octets all(char octet) { return _mm256_set1_epi8(octet); }
  HERE Octets row(ROW) {
    return _mm256_broadcastsi128_si256(
        _mm_setr_epi8(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p));
  }
  HERE Octets merged(Octets x, Octets y) { return _mm256_or_si256(x, y); }
  HERE Octets masked(Octets x, Octets y) { return _mm256_and_si256(x, y); }
  HERE Octets added(Octets x, Octets y) { return _mm256_add_epi8(x, y); }
  HERE Octets high_nibbles(Octets x) { return masked(_mm256_srli_epi32(x, 4), all(0x0f)); }
  HERE Octets looked_up(Octets table, Octets x) { return _mm256_shuffle_epi8(table, x); }
  HERE Octets less_one(Octets x, Flags where) { return _mm256_add_epi8(x, where); }
  HERE Flags equal(Octets x, Octets y) { return _mm256_cmpeq_epi8(x, y); }
  HERE Flags zero(Octets x) { return equal(x, _mm256_setzero_si256()); }
  HERE Flags negative(Octets x) { return x; }
  HERE Flags any_common(Octets x, Octets y) {
    return _mm256_cmpgt_epi8(masked(x, y), _mm256_setzero_si256());
  }
  HERE Flags both_equal(Flags also, Octets x, Octets y) { return masked(also, equal(x, y)); }
  HERE Flags either(Flags x, Flags y) { return _mm256_or_si256(x, y); }
  HERE Flags differ(Flags x, Flags y) { return _mm256_xor_si256(x, y); }
  HERE std::uint64_t bits(Flags x) { return static_cast<unsigned>(_mm256_movemask_epi8(x)); }
  HERE bool any(Flags x) { return _mm256_testz_si256(x, x) == 0; }
  HERE Count no_count() { return _mm256_setzero_si256(); }
  HERE Count counted(Count count, Flags x) { return _mm256_sub_epi8(count, x); }
  HERE std::uint64_t total_count(Count count) {
    return total(_mm256_sad_epu8(count, _mm256_setzero_si256()));
  }
  HERE Octets summed(Octets x, Octets y) { return _mm256_add_epi64(x, y); }
  HERE Octets upper_words(Octets x) { return _mm256_srli_epi64(x, 32); }
  HERE std::uint64_t total(Octets x) {
    const __m128i half = _mm_add_epi64(_mm256_castsi256_si128(x), _mm256_extracti128_si256(x, 1));
    return static_cast<std::uint64_t>(_mm_cvtsi128_si64(half)) +
           static_cast<std::uint64_t>(_mm_extract_epi64(half, 1));
  }
  HERE void store_groups(std::uint8_t* out, Octets values) {
    const __m256i pairs = _mm256_maddubs_epi16(values, _mm256_set1_epi32(0x01400140));
    const __m256i groups = _mm256_madd_epi16(pairs, _mm256_set1_epi32(0x00011000));
    const __m256i packed =
        _mm256_shuffle_epi8(groups, row(2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1));
    const __m256i together = _mm256_setr_epi32(0, 1, 2, 4, 5, 6, 3, 7);
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(out),
                        _mm256_permutevar8x32_epi32(packed, together));
  }
};
#include "base/bulk_loops.inc"
#undef WIDE
}  // namespace avx2

// Processors with VBMI do not slow down for 512 bits of plain integers.
namespace avx512 {
constexpr const Bulk& narrower = ssse3::kLoops;
#define WIDE [[gnu::target("avx512bw,avx512vbmi,bmi,popcnt")]]
struct Wide {
  using Octets = __m512i;
  using Flags = __mmask64;
  using Count = __m512i;
  static constexpr std::size_t kOctets = 64;
  static constexpr std::string_view kName = "avx512";

  HERE Octets load(const std::uint8_t* at) { return _mm512_loadu_si512(at); }
  HERE Octets all(char octet) { return _mm512_set1_epi8(octet); }
  HERE Octets row(ROW) {
    return _mm512_broadcast_i32x4(_mm_setr_epi8(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p));
  }
  HERE Octets merged(Octets x, Octets y) { return _mm512_or_si512(x, y); }
  HERE Octets masked(Octets x, Octets y) { return _mm512_and_si512(x, y); }
  HERE Octets added(Octets x, Octets y) { return _mm512_add_epi8(x, y); }
  HERE Octets high_nibbles(Octets x) { return masked(_mm512_srli_epi32(x, 4), all(0x0f)); }
  HERE Octets looked_up(Octets table, Octets x) { return _mm512_shuffle_epi8(table, x); }
  HERE Octets less_one(Octets x, Flags where) { return _mm512_mask_sub_epi8(x, where, x, all(1)); }
  HERE Flags equal(Octets x, Octets y) { return _mm512_cmpeq_epi8_mask(x, y); }
  HERE Flags zero(Octets x) { return _mm512_testn_epi8_mask(x, x); }
  HERE Flags negative(Octets x) { return _mm512_movepi8_mask(x); }
  HERE Flags any_common(Octets x, Octets y) { return _mm512_test_epi8_mask(x, y); }
  HERE Flags both_equal(Flags also, Octets x, Octets y) {
    return _mm512_mask_cmpeq_epi8_mask(also, x, y);
  }
  HERE Flags either(Flags x, Flags y) { return _kor_mask64(x, y); }
  HERE Flags differ(Flags x, Flags y) { return _kxor_mask64(x, y); }
  HERE std::uint64_t bits(Flags x) { return x; }
  HERE bool any(Flags x) { return x != 0; }
  HERE Count no_count() { return _mm512_setzero_si512(); }
  HERE Count counted(Count count, Flags x) {
    return _mm512_mask_sub_epi8(count, x, count, all(-1));
  }
  HERE std::uint64_t total_count(Count count) {
    return total(_mm512_sad_epu8(count, _mm512_setzero_si512()));
  }
  HERE Octets summed(Octets x, Octets y) { return _mm512_add_epi64(x, y); }
  HERE Octets upper_words(Octets x) { return _mm512_srli_epi64(x, 32); }
  HERE std::uint64_t total(Octets x) {
    return static_cast<std::uint64_t>(_mm512_reduce_add_epi64(x));
  }
  HERE void store_groups(std::uint8_t* out, Octets values) {
    alignas(64) static constexpr std::uint8_t kOrder[64] = {
        2,  1,  0,  6,  5,  4,  10, 9,  8,  14, 13, 12, 18, 17, 16, 22, 21, 20, 26, 25, 24, 30,
        29, 28, 34, 33, 32, 38, 37, 36, 42, 41, 40, 46, 45, 44, 50, 49, 48, 54, 53, 52, 58, 57,
        56, 62, 61, 60, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63};
    const __m512i pairs = _mm512_maddubs_epi16(values, _mm512_set1_epi32(0x01400140));
    const __m512i groups = _mm512_madd_epi16(pairs, _mm512_set1_epi32(0x00011000));
    _mm512_storeu_si512(out, _mm512_permutexvar_epi8(_mm512_load_si512(kOrder), groups));
  }
};
#include "base/bulk_loops.inc"
#undef WIDE
}  // namespace avx512

constexpr Bulk kAll[] = {ssse3::kLoops, avx2::kLoops, avx512::kLoops};

std::size_t widths() {
  __builtin_cpu_init();
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("bmi")) return 1;
  if (!__builtin_cpu_supports("avx512bw") || !__builtin_cpu_supports("avx512vbmi")) return 2;
  return 3;
}

}  // namespace

const Bulk& bulk = all_bulk().back();

std::span<const Bulk> all_bulk() { return {kAll, widths()}; }

}  // namespace mailglass
