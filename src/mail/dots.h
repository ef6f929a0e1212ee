// SPDX-License-Identifier: BSD-3-Clause
// The transparency procedure of RFC 5321 section 4.5.2 and RFC 1939 section 3: a dot is put before
// each line that begins with one, and a line of one dot ends the data.
#pragma once

#include <emmintrin.h>

#include <cstring>

#include "base/bytes.h"

namespace mailglass::mail {

// Undoes it over chunks cut anywhere. Only CR LF ends a line here (RFC 5321 section 2.3.8).
class Dots {
 public:
  // What a lone dot looked like where another implementation would have ended the data.
  enum Oddity : std::uint8_t { kLfDotLf = 1, kLfDotCrLf = 2 };

  // Takes octets from the front of `rest`, hands the data among them to `content(Bytes)`, and
  // returns true when the terminating line has been taken. Otherwise `rest` is empty after.
  template <typename Content>
  bool take(Bytes& rest, Content&& content);

  std::uint8_t oddities() const { return oddities_; }  // a set of Oddity
  std::uint32_t lines() const { return lines_; }

  // Octets were lost: the next line end brings us back in step.
  void lose_step() { at_ = At::text; }

 private:
  enum class At : std::uint8_t {
    line_start,  // behind CR LF, or at the beginning
    dot,         // a dot at a line's start: its fate depends on what follows
    dot_cr,      // that dot and a CR
    text,        // inside a line
    cr,          // behind a CR inside a line
    lf,          // behind a bare LF: a line's start to some, to the standard not
    lf_dot,      // a dot behind it
    lf_dot_cr,
  };

  template <typename Content>
  void text(Bytes& rest, Content&& content);

  // How many octets from `from` on, in whole blocks of 16, hold no line end that matters: none
  // without its CR, none with a dot behind it. `from` is 1 at least; the octet behind is looked at.
  std::size_t plain(Bytes rest, std::size_t from) {
    const auto load = [](const std::uint8_t* q) {
      return _mm_loadu_si128(reinterpret_cast<const __m128i*>(q));
    };
    const __m128i lf = _mm_set1_epi8('\n'), cr = _mm_set1_epi8('\r'), dot = _mm_set1_epi8('.');
    const std::uint8_t* const begin = rest.data() + from;
    const std::uint8_t* const end = rest.data() + rest.size() - 17;
    const std::uint8_t* p = begin;
    __m128i ends = _mm_setzero_si128();
    for (; p <= end; p += 16) {
      const __m128i is_lf = _mm_cmpeq_epi8(load(p), lf);
      const __m128i after_cr = _mm_cmpeq_epi8(load(p - 1), cr);
      const __m128i before_dot = _mm_cmpeq_epi8(load(p + 1), dot);
      const __m128i odd =
          _mm_and_si128(is_lf, _mm_or_si128(before_dot, _mm_andnot_si128(after_cr, is_lf)));
      if (_mm_movemask_epi8(odd) != 0) break;
      const __m128i ones = _mm_sub_epi8(_mm_setzero_si128(), is_lf);
      ends = _mm_add_epi64(ends, _mm_sad_epu8(ones, _mm_setzero_si128()));
    }
    const auto low = _mm_cvtsi128_si64(ends);
    const auto high = _mm_cvtsi128_si64(_mm_unpackhi_epi64(ends, ends));
    lines_ += static_cast<std::uint32_t>(low + high);
    return static_cast<std::size_t>(p - begin);
  }

  At at_ = At::line_start;
  std::uint8_t oddities_ = 0;
  std::uint32_t lines_ = 0;
};

template <typename Content>
bool Dots::take(Bytes& rest, Content&& content) {
  static constexpr std::uint8_t kDotCr[] = {'.', '\r'};
  while (!rest.empty()) {
    const std::uint8_t octet = rest.front();
    switch (at_) {
      case At::line_start:
        at_ = octet == '.' ? At::dot : At::text;
        if (octet == '.') rest = rest.subspan(1);  // stuffed or final: never data
        break;
      case At::dot:
        if (octet == '\r') {
          at_ = At::dot_cr;
          rest = rest.subspan(1);
        } else {
          if (octet == '\n') oddities_ |= kLfDotLf;
          at_ = At::text;
        }
        break;
      case At::dot_cr:
        if (octet == '\n') {
          rest = rest.subspan(1);
          at_ = At::line_start;
          return true;
        }
        content(Bytes(&kDotCr[1], 1));  // the dot was stuffed, the CR is data
        at_ = At::text;
        break;
      case At::text:
      case At::cr:
      case At::lf:
      case At::lf_dot:
      case At::lf_dot_cr:
        text(rest, content);
        break;
    }
  }
  return false;
}

// Data up to the next line's start, handed on in one piece.
template <typename Content>
void Dots::text(Bytes& rest, Content&& content) {
  std::size_t at = 0;
  while (at < rest.size() && at_ != At::line_start) {
    const std::uint8_t octet = rest[at];
    if (at_ == At::text && octet != '\n' && rest.size() - at > 33) {
      // Behind whole blocks we are inside a line, or at the start of one without a dot: the same.
      if (const std::size_t run = plain(rest, at + 1); run != 0) {
        at += 1 + run;
        at_ = rest[at - 1] == '\r' ? At::cr : At::text;
        continue;
      }
    }
    if (at_ == At::text) {
      const void* lf = std::memchr(rest.data() + at, '\n', rest.size() - at);
      if (lf == nullptr) {
        at_ = rest.back() == '\r' ? At::cr : At::text;
        at = rest.size();
        break;
      }
      const auto end = static_cast<std::size_t>(static_cast<const std::uint8_t*>(lf) - rest.data());
      const bool crlf = end > at && rest[end - 1] == '\r';
      at = end + 1;
      ++lines_;
      at_ = crlf ? At::line_start : At::lf;
      continue;
    }
    if (octet == '\n') {
      ++lines_;
      if (at_ == At::lf_dot) oddities_ |= kLfDotLf;
      if (at_ == At::lf_dot_cr) oddities_ |= kLfDotCrLf;
      at_ = at_ == At::cr || at_ == At::lf_dot_cr ? At::line_start : At::lf;
    } else if (octet == '\r') {
      at_ = at_ == At::lf_dot ? At::lf_dot_cr : At::cr;
    } else {
      at_ = octet == '.' && at_ == At::lf ? At::lf_dot : At::text;
    }
    ++at;
  }
  content(rest.first(at));
  rest = rest.subspan(at);
}

}  // namespace mailglass::mail
