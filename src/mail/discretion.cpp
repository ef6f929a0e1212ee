// SPDX-License-Identifier: BSD-3-Clause
#include "mail/discretion.h"

#include <algorithm>
#include <cstring>

#include "mail/words.h"

namespace mailglass::mail {

bool begins_login(std::string_view word) {
  return starts_with_word(word, "PASS") || starts_with_word(word, "APOP") ||
         starts_with_word(word, "AUTH");
}

bool holds_login(std::string_view argument) {
  for (std::size_t at = 0; at < argument.size(); ++at) {
    const std::string_view rest = tail(argument, at);
    const bool word = starts_with_word(rest, "AUTH") || starts_with_word(rest, "PASS");
    if (word && rest.size() > 5 && (rest[4] == ' ' || rest[4] == '\t')) return true;
    at = std::min(argument.find_first_of(" \t\r", at), argument.size());
  }
  return false;
}

bool mentions_login(std::string_view line) {
  static constexpr std::string_view kWords[] = {"AUTH", "PASS", "PWD", "LOGIN", "PLAIN"};
  for (const std::string_view word : kWords) {
    for (std::size_t at = 0; at + word.size() <= line.size(); ++at) {
      if (starts_with_word(tail(line, at), word)) return true;
    }
  }
  return false;
}

bool may_repeat_login(std::string_view text) {
  static constexpr std::string_view kWords[] = {"PASS ", "APOP ", "AUTH "};
  for (std::size_t at = 0; at < text.size(); ++at) {
    for (const std::string_view word : kWords) {
      if (starts_with_word(tail(text, at), word)) return true;
    }
  }
  return false;
}

bool looks_secret(std::string_view word) {
  constexpr std::size_t kLongestWord = 16;
  constexpr std::string_view kOthers = "0123456789=+/!@#$%^&*_~?|\\";
  bool letters = false, others = false;
  for (const char c : word) {
    const bool letter = lower(c) >= 'a' && lower(c) <= 'z';
    letters = letters || letter;
    others = others || kOthers.find(c) != std::string_view::npos;
  }
  return letters && (others || word.size() > kLongestWord);
}

std::string_view redacted_behind(Turn& turn, std::string_view front) {
  std::array<char, Block::kOctets>& scratch = turn.context.scratch;
  front = head(front, scratch.size() - kRedacted.size() - 1);
  if (!front.empty()) std::memmove(scratch.data(), front.data(), front.size());
  scratch[front.size()] = ' ';
  std::memcpy(scratch.data() + front.size() + 1, kRedacted.data(), kRedacted.size());
  return {scratch.data(), front.size() + 1 + kRedacted.size()};
}

}  // namespace mailglass::mail
