// SPDX-License-Identifier: BSD-3-Clause
#include "report/rfc2047.h"

#include <algorithm>
#include <cstdint>
#include <optional>

#include "base/hex.h"
#include "report/utf8.h"

namespace mailglass::report {
namespace {

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

int base64_digit(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+') return 62;
  if (c == '/') return 63;
  return -1;
}

struct EncodedWord {
  std::string_view charset;
  char encoding;
  std::string_view text;
  std::size_t length;  // of the whole, =? and ?= included
};

// RFC 2047 section 2: "=?" charset "?" encoding "?" encoded-text "?=" at the front of `s`.
std::optional<EncodedWord> encoded_word(std::string_view s) {
  constexpr std::size_t kCharsetOctets = 64;  // longer names exist in no registry
  if (s.size() < 8 || !s.starts_with("=?")) return std::nullopt;
  const std::size_t charset_end = s.substr(0, 2 + kCharsetOctets).find('?', 2);
  if (charset_end == std::string_view::npos || charset_end == 2) return std::nullopt;
  if (charset_end + 2 >= s.size() || s[charset_end + 2] != '?') return std::nullopt;
  const char encoding = static_cast<char>(s[charset_end + 1] | 0x20);
  if (encoding != 'b' && encoding != 'q') return std::nullopt;
  const std::size_t text = charset_end + 3;
  const std::size_t end = s.find("?=", text);
  if (end == std::string_view::npos) return std::nullopt;
  std::string_view charset = s.substr(2, charset_end - 2);
  charset = charset.substr(0, charset.find('*'));  // RFC 2231 section 5: a language tag
  return EncodedWord{charset, encoding, s.substr(text, end - text), end + 2};
}

bool same_charset(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if ((a[i] | 0x20) != (b[i] | 0x20)) return false;
  }
  return true;
}

// A run of encoded-words with nothing but white space between them, of which one charset's octets
// are put together before they are converted: some senders split a character over two words.
class Run {
 public:
  explicit Run(Charsets& charsets) : charsets_(charsets) {}

  // False when the word's text is not of its encoding: then it is shown as it was sent.
  bool take(const EncodedWord& word, std::string& out) {
    const std::size_t before = octets_.size();
    if (!same_charset(word.charset, charset_)) end(out);
    charset_ = word.charset;
    const bool good =
        word.encoding == 'b' ? append_base64(octets_, word.text) : append_q(octets_, word.text);
    if (!good && octets_.size() > before) octets_.resize(before);
    open_ = open_ || good;
    return good;
  }
  void end(std::string& out) {
    if (!octets_.empty()) charsets_.append(out, charset_, octets_);
    octets_.clear();
    open_ = false;
  }
  bool open() const { return open_; }

 private:
  Charsets& charsets_;
  std::string_view charset_;
  std::string octets_;
  bool open_ = false;
};

}  // namespace

void append_unfolded(std::string& out, std::string_view field) {
  while (!field.empty() && is_space(field.front())) field.remove_prefix(1);
  while (!field.empty() && is_space(field.back())) field.remove_suffix(1);
  while (!field.empty()) {
    const std::string_view line = field.substr(0, field.find_first_of("\r\n"));
    out.append(line);
    field.remove_prefix(std::min(line.size() + 1, field.size()));
  }
}

bool append_base64(std::string& out, std::string_view encoded) {
  std::uint32_t bits = 0;
  int have = 0;
  for (char c : encoded) {
    if (c == '=') break;
    if (is_space(c)) continue;
    const int digit = base64_digit(c);
    if (digit < 0) return false;
    bits = bits << 6 | static_cast<std::uint32_t>(digit);
    if ((have += 6) >= 8) out.push_back(static_cast<char>(bits >> (have -= 8) & 0xff));
  }
  return true;
}

bool append_q(std::string& out, std::string_view encoded) {
  for (std::size_t i = 0; i < encoded.size(); ++i) {
    if (encoded[i] == '_') {
      out.push_back(' ');
    } else if (encoded[i] != '=') {
      out.push_back(encoded[i]);
    } else {
      if (i + 2 >= encoded.size()) return false;
      const int high = hex_digit(encoded[i + 1]);
      const int low = hex_digit(encoded[i + 2]);
      if (high < 0 || low < 0) return false;
      out.push_back(static_cast<char>(high << 4 | low));
      i += 2;
    }
  }
  return true;
}

void append_decoded(std::string& out, std::string_view text, Charsets& charsets) {
  // No word ends behind the last "?=": without it a row of beginnings would cost quadratic time.
  const std::size_t last_end = text.rfind("?=");
  if (last_end == std::string_view::npos) return append_text(out, text);
  Run run(charsets);
  std::size_t plain = 0;  // start of what has not been appended yet
  std::size_t at = 0;
  while ((at = text.find("=?", at)) < last_end) {
    const auto word = encoded_word(text.substr(at));
    const std::string_view between = text.substr(plain, at - plain);
    const bool adjacent = run.open() && between.find_first_not_of(" \t") == std::string_view::npos;
    if (!word) {
      at += 2;
      continue;
    }
    if (!adjacent) {
      run.end(out);
      append_text(out, between);
    }
    if (!run.take(*word, out)) {
      run.end(out);
      if (adjacent) append_text(out, between);
      append_text(out, text.substr(at, word->length));
    }
    plain = at += word->length;
  }
  run.end(out);
  append_text(out, text.substr(plain));
}

}  // namespace mailglass::report
