// SPDX-License-Identifier: BSD-3-Clause
// The parameters of a structured MIME field (RFC 2045 section 5.1, RFC 2183 section 2), with the
// names that RFC 2231 sections 3 and 4 give to values in pieces and in other charsets. Worker and
// reporter both read them, and must agree on what they read.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string_view>

namespace mailglass {

struct Parameter {
  static constexpr unsigned kWhole = ~0u;

  std::string_view name;      // "filename" of filename*1*
  std::string_view value;     // as sent between the quotes: `next_octet` reads it
  unsigned section = kWhole;  // 1 of filename*1*
  bool extended = false;      // percent-encoded: filename*1*
};

// Walks over a field's value, one parameter at a time. Tolerant where senders are: blanks around
// "=", values with blanks and no quotes, a quote that is never closed. Linear in the value.
class Parameters {
 public:
  explicit constexpr Parameters(std::string_view field) : rest_(field) {
    first_ = take_until(rest_, ';');
  }

  // What stands before the first ";": "multipart/mixed", "attachment".
  constexpr std::string_view first() const { return trimmed(first_); }

  // False when there are no more.
  constexpr bool next(Parameter& parameter) {
    while (!rest_.empty()) {
      std::string_view name = take_name();
      if (name.empty()) continue;
      parameter = {};
      parameter.value = take_value();
      if (name.ends_with('*')) {
        parameter.extended = true;
        name.remove_suffix(1);
      }
      const std::size_t star = name.find('*');
      if (star != std::string_view::npos) {
        parameter.section = number({name.data() + star + 1, name.size() - star - 1});
        name = {name.data(), star};
      }
      parameter.name = name;
      return true;
    }
    return false;
  }

  // The next octet of a value, its quoted pair undone and its folding left out; -1 at the end.
  static constexpr int next_octet(std::string_view& value) {
    while (!value.empty()) {
      char c = value.front();
      value.remove_prefix(1);
      if (c == '\r' || c == '\n') continue;
      if (c == '\\' && !value.empty()) {
        c = value.front();
        value.remove_prefix(1);
      }
      return static_cast<unsigned char>(c);
    }
    return -1;
  }

  // Likewise, with %41 for A (RFC 2231 section 4); a percent sign without two digits is itself.
  static constexpr int next_extended_octet(std::string_view& value) {
    const int octet = next_octet(value);
    if (octet != '%' || value.size() < 2) return octet;
    const int high = hex(value[0]), low = hex(value[1]);
    if (high < 0 || low < 0) return octet;
    value.remove_prefix(2);
    return high << 4 | low;
  }

 private:
  static constexpr std::string_view kBlank = " \t\r\n";

  static constexpr int hex(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    const char letter = static_cast<char>(c | 0x20);
    return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
  }

  static constexpr std::string_view trimmed(std::string_view s) {
    while (!s.empty() && kBlank.find(s.front()) != std::string_view::npos) s.remove_prefix(1);
    while (!s.empty() && kBlank.find(s.back()) != std::string_view::npos) s.remove_suffix(1);
    return s;
  }

  static constexpr unsigned number(std::string_view digits) {
    unsigned value = 0;
    if (digits.empty() || digits.size() > 4) return Parameter::kWhole - 1;  // sorted last
    for (const char c : digits) {
      if (c < '0' || c > '9') return Parameter::kWhole - 1;
      value = value * 10 + static_cast<unsigned>(c - '0');
    }
    return value;
  }

  static constexpr std::string_view take_until(std::string_view& s, char end) {
    const std::size_t length = std::min(s.find(end), s.size());
    const std::string_view taken(s.data(), length);
    s.remove_prefix(std::min(length + 1, s.size()));
    return taken;
  }

  // Up to the "=", which is taken; a word without one is skipped with its ";".
  constexpr std::string_view take_name() {
    const std::size_t length = std::min(rest_.find_first_of("=;"), rest_.size());
    const std::string_view name(rest_.data(), length);
    const bool equals = length < rest_.size() && rest_[length] == '=';
    rest_.remove_prefix(std::min(length + 1, rest_.size()));
    return equals ? trimmed(name) : std::string_view{};
  }

  constexpr std::string_view take_value() {
    while (!rest_.empty() && kBlank.find(rest_.front()) != std::string_view::npos) {
      rest_.remove_prefix(1);
    }
    if (rest_.empty() || rest_.front() != '"') return trimmed(take_until(rest_, ';'));
    rest_.remove_prefix(1);
    std::size_t length = 0;
    while (length < rest_.size() && rest_[length] != '"') {
      length += rest_[length] == '\\' && length + 1 < rest_.size() ? 2 : 1;
    }
    const std::string_view value(rest_.data(), length);
    rest_.remove_prefix(std::min(length + 1, rest_.size()));
    take_until(rest_, ';');
    return value;
  }

  std::string_view first_;
  std::string_view rest_;
};

}  // namespace mailglass
