// SPDX-License-Identifier: BSD-3-Clause
#include "report/json.h"

#include <emmintrin.h>

#include <algorithm>
#include <charconv>

#include "report/utf8.h"

namespace mailglass::report {

void Json::grow(std::size_t octets) {
  constexpr std::size_t kFirst = 16 * 1024;
  const std::size_t capacity = std::max({2 * capacity_, size_ + octets + kSlack, kFirst});
  // With defined octets: `plain` looks at some behind the end, and forgets what it saw there.
  auto bigger = std::make_unique<char[]>(capacity);
  if (size_ != 0) std::memcpy(bigger.get(), buffer_.get(), size_);
  buffer_ = std::move(bigger);
  capacity_ = capacity;
}

void Json::string(std::string_view text) {
  room(text.size());
  if (comma_) put(',');
  put('"');
  const std::size_t from = size_;
  if (!text.empty()) std::memcpy(&buffer_[size_], text.data(), text.size());
  size_ += text.size();
  if (!plain(from)) {
    size_ = from;
    escape(text);
  }
  put('"');
}

// Whether the octets from `from` on stand for themselves; a lead octet of U+0080..U+00BF is not yet
// known to.
bool Json::plain(std::size_t from) const {
  const __m128i low = _mm_set1_epi8(0x1f), quote = _mm_set1_epi8('"'),
                backslash = _mm_set1_epi8('\\'), del = _mm_set1_epi8(0x7f),
                lead = _mm_set1_epi8(static_cast<char>(0xc2));
  for (; from < size_; from += 16) {
    const __m128i v = _mm_loadu_si128(reinterpret_cast<const __m128i*>(&buffer_[from]));
    const __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(v, low), v);
    const __m128i found =
        _mm_or_si128(_mm_or_si128(control, _mm_cmpeq_epi8(v, quote)),
                     _mm_or_si128(_mm_cmpeq_epi8(v, backslash),
                                  _mm_or_si128(_mm_cmpeq_epi8(v, del), _mm_cmpeq_epi8(v, lead))));
    auto which = static_cast<unsigned>(_mm_movemask_epi8(found));
    if (size_ - from < 16) which &= (1u << (size_ - from)) - 1;
    if (which != 0) return false;
  }
  return true;
}

void Json::escape(std::string_view text) {
  constexpr std::size_t kLongest = 6;  // \u001F for one octet
  room(text.size() * kLongest);
  const auto code = [this](unsigned char c, const char* digits) {
    for (const char part : {'\\', 'u', '0', '0', digits[c >> 4], digits[c & 15]}) put(part);
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    constexpr std::string_view kShort = "\"\\\b\f\n\r\t", kLetters = "\"\\bfnrt";
    if (const std::size_t at = kShort.find(text[i]); at != kShort.npos) {
      put('\\'), put(kLetters[at]);
    } else if (c < 0x20) {
      code(c, "0123456789ABCDEF");
    } else if (c == 0x7f) {
      code(c, "0123456789abcdef");
    } else if (c == 0xc2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xa0) {
      code(static_cast<unsigned char>(text[++i]), "0123456789abcdef");
    } else {
      put(text[i]);
    }
  }
}

void Json::value(std::uint64_t number) {
  begin_value();
  char* const at = &buffer_[size_];
  size_ += static_cast<std::size_t>(std::to_chars(at, at + 20, number).ptr - at);
  comma_ = true;
}

void Json::octets(std::string_view name, std::string_view octets) {
  if (octets.empty()) return;
  if (is_ascii(octets)) return text(name, octets);
  scratch_.clear();
  append_text(scratch_, octets);
  known(name, scratch_);
}

void Json::milliseconds(std::string_view name, std::uint64_t microseconds) {
  number(name, microseconds / 1000);
  std::uint64_t fraction = microseconds % 1000;
  if (fraction == 0) return;
  char digits[4] = {'.'};
  for (std::size_t i = 3; i > 0; --i, fraction /= 10) {
    digits[i] = static_cast<char>('0' + fraction % 10);
  }
  std::size_t length = sizeof digits;
  while (digits[length - 1] == '0') --length;
  std::memcpy(&buffer_[size_], digits, length);  // behind a number, there is slack
  size_ += length;
}

}  // namespace mailglass::report
