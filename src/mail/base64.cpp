// SPDX-License-Identifier: BSD-3-Clause
#include "mail/base64.h"

#include <tmmintrin.h>

#include <string_view>

namespace mailglass::mail {

constexpr std::array<std::uint8_t, 256> kBase64Value = [] {
  std::array<std::uint8_t, 256> value{};
  value.fill(kNoBase64Digit);
  constexpr std::string_view alphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (std::size_t i = 0; i < alphabet.size(); ++i) {
    value[static_cast<std::uint8_t>(alphabet[i])] = static_cast<std::uint8_t>(i);
  }
  return value;
}();

namespace {

// The way of W. Mula and D. Lemire, "Faster Base64 Encoding and Decoding Using AVX2 Instructions"
// (2018): two look-ups by nibble, whose bits meet where an octet is no digit, and one that says
// what to add to it.
[[gnu::target("ssse3")]] std::size_t blocks_ssse3(Bytes text, std::span<std::uint8_t> out) {
  const __m128i low_table = _mm_setr_epi8(0x15, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11,
                                          0x11, 0x13, 0x1a, 0x1b, 0x1b, 0x1b, 0x1a);
  const __m128i high_table = _mm_setr_epi8(0x10, 0x10, 0x01, 0x02, 0x04, 0x08, 0x04, 0x08, 0x10,
                                           0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10);
  const __m128i roll_table =
      _mm_setr_epi8(0, 16, 19, 4, -65, -65, -71, -71, 0, 0, 0, 0, 0, 0, 0, 0);
  const __m128i order = _mm_setr_epi8(2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1);
  const __m128i slash = _mm_set1_epi8('/');
  std::size_t blocks = 0;
  while (text.size() >= 16 * (blocks + 1) && out.size() >= 12 * blocks + 16) {
    const __m128i in = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data() + 16 * blocks));
    const __m128i high = _mm_and_si128(_mm_srli_epi32(in, 4), slash);
    const __m128i low = _mm_and_si128(in, slash);
    const __m128i odd =
        _mm_and_si128(_mm_shuffle_epi8(low_table, low), _mm_shuffle_epi8(high_table, high));
    if (_mm_movemask_epi8(_mm_cmpgt_epi8(odd, _mm_setzero_si128())) != 0) break;
    const __m128i roll =
        _mm_shuffle_epi8(roll_table, _mm_add_epi8(_mm_cmpeq_epi8(in, slash), high));
    const __m128i values = _mm_add_epi8(in, roll);
    const __m128i pairs = _mm_maddubs_epi16(values, _mm_set1_epi32(0x01400140));
    const __m128i groups = _mm_madd_epi16(pairs, _mm_set1_epi32(0x00011000));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out.data() + 12 * blocks),
                     _mm_shuffle_epi8(groups, order));
    ++blocks;
  }
  return blocks;
}

}  // namespace

std::size_t base64_blocks(Bytes text, std::span<std::uint8_t> out) {
  return __builtin_cpu_supports("ssse3") ? blocks_ssse3(text, out) : 0;
}

std::size_t count_base64_blocks(Bytes text, std::uint64_t& digits) {
  // A range of octets lies at the top of the signed ones once this much is added.
  const __m128i to_letters = _mm_set1_epi8(127 - 'z'), to_numbers = _mm_set1_epi8(127 - '9');
  const __m128i letters = _mm_set1_epi8(127 - 26), numbers = _mm_set1_epi8(127 - 10);
  const __m128i lower = _mm_set1_epi8(0x20), plus = _mm_set1_epi8('+');
  const __m128i slash = _mm_set1_epi8('/'), cr = _mm_set1_epi8('\r'), lf = _mm_set1_epi8('\n');
  __m128i sum = _mm_setzero_si128();
  std::size_t at = 0;
  for (; at + 16 <= text.size(); at += 16) {
    const __m128i in = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data() + at));
    const __m128i is_letter =
        _mm_cmpgt_epi8(_mm_add_epi8(_mm_or_si128(in, lower), to_letters), letters);
    const __m128i is_number = _mm_cmpgt_epi8(_mm_add_epi8(in, to_numbers), numbers);
    const __m128i is_sign = _mm_or_si128(_mm_cmpeq_epi8(in, plus), _mm_cmpeq_epi8(in, slash));
    const __m128i is_end = _mm_or_si128(_mm_cmpeq_epi8(in, cr), _mm_cmpeq_epi8(in, lf));
    const __m128i is_digit = _mm_or_si128(_mm_or_si128(is_letter, is_number), is_sign);
    if (_mm_movemask_epi8(_mm_or_si128(is_digit, is_end)) != 0xffff) break;
    const __m128i ones = _mm_sub_epi8(_mm_setzero_si128(), is_digit);
    sum = _mm_add_epi64(sum, _mm_sad_epu8(ones, _mm_setzero_si128()));
  }
  digits += static_cast<std::uint64_t>(_mm_cvtsi128_si64(sum)) +
            static_cast<std::uint64_t>(_mm_cvtsi128_si64(_mm_unpackhi_epi64(sum, sum)));
  return at;
}

std::optional<std::span<std::uint8_t>> decode_base64(Bytes text, std::span<std::uint8_t> out) {
  if (text.size() % 4 != 0 || out.size() < text.size() / 4 * 3) return std::nullopt;
  std::size_t padding = 0;
  while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=') ++padding;
  const std::size_t digits = text.size() - padding;
  std::size_t written = 0;
  std::uint32_t group = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::uint8_t value = i < digits ? kBase64Value[text[i]] : 0;
    if (value == kNoBase64Digit) return std::nullopt;
    group = group << 6 | value;
    if (i % 4 == 3) {
      out[written++] = static_cast<std::uint8_t>(group >> 16);
      out[written++] = static_cast<std::uint8_t>(group >> 8);
      out[written++] = static_cast<std::uint8_t>(group);
      group = 0;
    }
  }
  return out.first(written - padding);
}

}  // namespace mailglass::mail
