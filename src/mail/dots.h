// SPDX-License-Identifier: BSD-3-Clause
// The transparency procedure of RFC 5321 section 4.5.2 and RFC 1939 section 3: a dot is put before
// each line that begins with one, and a line of one dot ends the data.
#pragma once

#include <emmintrin.h>

#include "base/bytes.h"
#include "mail/false_ends.h"

namespace mailglass::mail {

// Undoes it over chunks cut anywhere. Only CR LF ends a line here (RFC 5321 section 2.3.8); what
// others may take for an end is only noted.
class Dots {
 public:
  // Takes octets from the front of `rest`, hands the data among them to `content(Bytes)`, and
  // returns true when the terminating line has been taken. Otherwise `rest` is empty after.
  template <typename Content>
  bool take(Bytes& rest, Content&& content);

  const FalseEnds& false_ends() const { return false_ends_; }
  std::uint32_t lines() const { return lines_; }

  // Octets were lost: the next line end brings us back in step.
  void lose_step() {
    at_ = At::text;
    false_ends_.lose_step();
  }

 private:
  enum class At : std::uint8_t {
    line_start,  // behind CR LF, or at the beginning
    dot,         // a dot at a line's start: its fate depends on what follows
    dot_cr,      // that dot and a CR
    text,        // inside a line
    cr,          // behind a CR inside a line
  };

  template <typename Content>
  void text(Bytes& rest, Content&& content);

  // How many octets from `from` on, in whole blocks of 16, hold nothing odd: no CR or LF without
  // the other, no dot behind a line end, no NUL. `from` is 1 at least; the octet behind is looked
  // at.
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
      const __m128i here = load(p);
      const __m128i is_lf = _mm_cmpeq_epi8(here, lf);
      const __m128i after_cr = _mm_cmpeq_epi8(load(p - 1), cr);  // the last CR is left to the next
      const __m128i bare = _mm_xor_si128(is_lf, after_cr);
      const __m128i dotted = _mm_and_si128(is_lf, _mm_cmpeq_epi8(load(p + 1), dot));
      const __m128i nul = _mm_cmpeq_epi8(here, _mm_setzero_si128());
      const __m128i odd = _mm_or_si128(bare, _mm_or_si128(dotted, nul));
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
  FalseEnds false_ends_;
  std::uint32_t lines_ = 0;
};

template <typename Content>
bool Dots::take(Bytes& rest, Content&& content) {
  static constexpr std::uint8_t kCr[] = {'\r'};
  while (!rest.empty()) {
    const std::uint8_t octet = rest.front();
    if (at_ == At::text || at_ == At::cr) {
      text(rest, content);
    } else if (at_ == At::line_start && octet != '.') {
      at_ = At::text;
    } else if (at_ == At::line_start || (at_ == At::dot && octet == '\r')) {
      at_ = at_ == At::line_start ? At::dot : At::dot_cr;
      false_ends_.see(octet);
      rest = rest.subspan(1);  // stuffed or final: never data
    } else if (at_ == At::dot_cr && octet == '\n') {
      false_ends_.see(octet);
      rest = rest.subspan(1);
      at_ = At::line_start;
      return true;
    } else {
      if (at_ == At::dot_cr) content(Bytes(kCr));  // the dot was stuffed, the CR is data
      at_ = At::text;
    }
  }
  return false;
}

// Data up to the next line's start, handed on in one piece.
template <typename Content>
void Dots::text(Bytes& rest, Content&& content) {
  std::size_t at = 0;
  std::size_t singly = 0;  // up to here octets are looked at one by one
  while (at < rest.size() && at_ != At::line_start) {
    const std::uint8_t octet = rest[at];
    if (at >= singly && rest.size() - at > 33 && octet > '\r' && octet != '.') {
      false_ends_.see(octet);
      // Behind whole blocks we are inside a line, or at the start of one without a dot: the same.
      const std::size_t run = plain(rest, at + 1);
      singly = at + run + 17;
      at += 1 + run;
      if (run != 0) false_ends_.skip(rest[at - 1]);
      at_ = rest[at - 1] == '\r' ? At::cr : At::text;
      continue;
    }
    false_ends_.see(octet);
    if (octet == '\n') ++lines_;
    at_ = octet == '\r' ? At::cr : octet == '\n' && at_ == At::cr ? At::line_start : At::text;
    ++at;
  }
  content(rest.first(at));
  rest = rest.subspan(at);
}

}  // namespace mailglass::mail
