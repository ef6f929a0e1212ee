// SPDX-License-Identifier: BSD-3-Clause
#include "mail/discretion.h"

#include <algorithm>
#include <cstring>

#include "base/hex.h"
#include "mail/words.h"

namespace mailglass::mail {

bool begins_login(std::string_view word) {
  return starts_with_word(word, "PASS") || starts_with_word(word, "APOP") ||
         starts_with_word(word, "AUTH");
}

bool mentions_login(std::string_view line) {
  static constexpr std::string_view kWords[] = {"AUTH",  "PASS",  "PWD",  "LOGIN",
                                                "PLAIN", "LOGON", "EXPS", "USER"};
  for (std::size_t at = 0; at + 3 <= line.size(); ++at) {
    switch (lower(line[at])) {
      case 'a':
      case 'p':
      case 'l':
      case 'e':
      case 'u':
        break;
      default:
        continue;
    }
    const std::string_view rest = tail(line, at);
    for (const std::string_view word : kWords) {
      if (starts_with_word(rest, word)) return true;
    }
  }
  return false;
}

bool holds_login(std::string_view argument) {
  const std::size_t path = argument.rfind('>');
  if (path == std::string_view::npos) {
    const bool several = argument.find(' ') != std::string_view::npos ||
                         argument.find('\t') != std::string_view::npos;
    return several && mentions_login(argument);
  }
  // Of MAIL and RCPT: parameters may hold any word (RFC 3461's ORCPT), and AUTH= is one (RFC 4954).
  for (std::size_t at = path + 1; at < argument.size(); ++at) {
    const char c = lower(argument[at]);
    if (c != 'a' && c != 'p') continue;
    const std::string_view rest = tail(argument, at);
    if (starts_with_word(rest, "AUTH PLAIN") || starts_with_word(rest, "AUTH LOGIN")) return true;
    const bool begins = argument[at - 1] == ' ';
    if (begins && (starts_with_word(rest, "PASS=") || starts_with_word(rest, "PASS "))) return true;
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

bool may_quote_secret(std::string_view text) {
  constexpr std::string_view kAround = "\"'<>()[]:;,.";
  while (!text.empty()) {
    std::string_view word = take_word(text);
    const std::size_t first = std::min(word.find_first_not_of(kAround), word.size());
    word = tail(word, first);
    word = head(word, word.find_last_not_of(kAround) + 1);
    if (looks_secret(word)) return true;
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

bool is_digest(std::string_view word) {
  return word.size() == 32 &&
         std::all_of(word.begin(), word.end(), [](char c) { return hex_digit(c) >= 0; });
}

bool names_somebody(std::string_view name) {
  return std::none_of(name.begin(), name.end(),
                      [](char c) { return is_blank_or_control(c) || c == ':'; });
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
