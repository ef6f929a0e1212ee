// SPDX-License-Identifier: BSD-3-Clause
// Words of command lines and header fields: US-ASCII, compared without case.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string_view>

namespace mailglass::mail {

// Parts of a text. Unlike string_view's own substr they throw nothing: what lies outside is empty.
constexpr std::string_view tail(std::string_view text, std::size_t from) {
  return from < text.size() ? std::string_view(text.data() + from, text.size() - from)
                            : std::string_view{};
}
constexpr std::string_view head(std::string_view text, std::size_t length) {
  return {text.data(), std::min(length, text.size())};
}

constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

constexpr bool is_blank_or_control(char c) { return (c >= 0 && c <= ' ') || c == 0x7f; }

constexpr bool equal_words(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (lower(a[i]) != lower(b[i])) return false;
  }
  return true;
}

constexpr bool starts_with_word(std::string_view text, std::string_view word) {
  return text.size() >= word.size() && equal_words(head(text, word.size()), word);
}

constexpr std::string_view trim(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return head(tail(text, first), text.find_last_not_of(" \t\r\n") - first + 1);
}

// Cuts the first blank-separated word off `text`.
constexpr std::string_view take_word(std::string_view& text) {
  text = trim(text);
  const std::size_t end = std::min(text.find_first_of(" \t"), text.size());
  const std::string_view word = head(text, end);
  text = trim(tail(text, end));
  return word;
}

// The decimal number at the front of `text`, cut off; false when there is none or it is too large
// for what a mailbox can hold (19 digits fit).
constexpr bool take_number(std::string_view& text, std::uint64_t& number) {
  std::size_t digits = 0;
  number = 0;
  while (digits < text.size() && text[digits] >= '0' && text[digits] <= '9') {
    if (digits == 19) return false;
    number = number * 10 + static_cast<std::uint64_t>(text[digits++] - '0');
  }
  text = tail(text, digits);
  return digits != 0;
}

}  // namespace mailglass::mail
