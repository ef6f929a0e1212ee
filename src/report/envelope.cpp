// SPDX-License-Identifier: BSD-3-Clause
#include "report/envelope.h"

#include <strings.h>

#include <cstddef>

namespace mailglass::report {
namespace {

void skip_spaces(std::string_view& s) {
  while (!s.empty() && (s.front() == ' ' || s.front() == '\t')) s.remove_prefix(1);
}

int upper_hex(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Length of the bracketed path at the front, brackets included; quotes hide '>' in a local part.
std::size_t bracketed(std::string_view s) {
  bool quoted = false;
  for (std::size_t i = 1; i < s.size(); ++i) {
    if (s[i] == '\\') {
      ++i;
    } else if (s[i] == '"') {
      quoted = !quoted;
    } else if (s[i] == '>' && !quoted) {
      return i + 1;
    }
  }
  return s.size();
}

}  // namespace

EnvelopeArgument::EnvelopeArgument(std::string_view argument) {
  for (std::string_view prefix : {"FROM:", "TO:"}) {
    if (!same_word(argument.substr(0, prefix.size()), prefix)) continue;
    argument.remove_prefix(prefix.size());
    named_ = true;
  }
  skip_spaces(argument);
  if (argument.starts_with('<')) {
    const std::size_t length = bracketed(argument);
    path_ = argument.substr(1, length - 1);
    if (path_.ends_with('>')) path_.remove_suffix(1);
    rest_ = argument.substr(length);
  } else {
    const std::size_t end = argument.find(' ');
    path_ = argument.substr(0, end);
    rest_ = end == std::string_view::npos ? std::string_view{} : argument.substr(end);
  }
}

bool EnvelopeArgument::next(EsmtpParameter& parameter) {
  skip_spaces(rest_);
  if (rest_.empty()) return false;
  const std::string_view word = rest_.substr(0, rest_.find_first_of(" \t"));
  rest_.remove_prefix(word.size());
  const std::size_t equals = word.find('=');
  parameter.keyword = word.substr(0, equals);
  parameter.value = equals == std::string_view::npos ? std::string_view{} : word.substr(equals + 1);
  return true;
}

bool same_word(std::string_view a, std::string_view b) {
  return a.size() == b.size() && strncasecmp(a.data(), b.data(), a.size()) == 0;
}

std::string decode_xtext(std::string_view xtext) {
  std::string out;
  out.reserve(xtext.size());
  for (std::size_t i = 0; i < xtext.size(); ++i) {
    if (xtext[i] == '+' && i + 2 < xtext.size()) {
      const int high = upper_hex(xtext[i + 1]);
      const int low = upper_hex(xtext[i + 2]);
      if (high >= 0 && low >= 0) {
        out.push_back(static_cast<char>(high << 4 | low));
        i += 2;
        continue;
      }
    }
    out.push_back(xtext[i]);
  }
  return out;
}

}  // namespace mailglass::report
