// SPDX-License-Identifier: BSD-3-Clause
#include "report/reply_text.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <iterator>

namespace mailglass::report {
namespace {

// `needle` is lower case. Reply texts are short, so the plain way is the quick one.
std::size_t find_word(std::string_view text, std::string_view needle) {
  const auto same = [](char t, char n) {
    return (t >= 'A' && t <= 'Z' ? static_cast<char>(t | 0x20) : t) == n;
  };
  const auto at = std::search(text.begin(), text.end(), needle.begin(), needle.end(), same);
  return at == text.end() ? std::string_view::npos : static_cast<std::size_t>(at - text.begin());
}

bool is_id(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
         c == '_' || c == '.' || c == '+' || c == '=';
}

// The id at the front of `s`: at least four octets with a digit among them, so that no plain word
// passes for one. A full stop at its end belongs to the sentence.
std::string_view id_at(std::string_view s) {
  const auto end = std::find_if_not(s.begin(), s.end(), is_id);
  std::string_view id = s.substr(0, static_cast<std::size_t>(end - s.begin()));
  while (id.ends_with('.')) id.remove_suffix(1);
  const bool digit = std::any_of(id.begin(), id.end(), [](char c) { return c >= '0' && c <= '9'; });
  return id.size() >= 4 && digit ? id : std::string_view{};
}

}  // namespace

bool Lines::next(std::string_view& line) {
  if (!more_) return false;
  const std::size_t end = rest_.find('\n');
  line = rest_.substr(0, end);
  more_ = end != std::string_view::npos && end + 1 < rest_.size();
  if (more_) rest_.remove_prefix(end + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return true;
}

std::string EnhancedCode::text() const {
  if (!present()) return {};
  char text[17];  // 65535.65535.65535
  char* at = text;
  for (const std::uint16_t number : part) {
    if (at != text) *at++ = '.';
    at = std::to_chars(at, std::end(text), number).ptr;
  }
  return {text, at};
}

std::string_view without_code(std::string_view line, std::uint16_t code) {
  for (std::string_view status : {"+OK", "-ERR"}) {
    if (code < 100 && line.starts_with(status)) {
      line.remove_prefix(status.size());
      return line.starts_with(' ') ? line.substr(1) : line;
    }
  }
  if (code < 100 || line.size() < 3) return line;
  const char digits[] = {static_cast<char>('0' + code / 100 % 10),
                         static_cast<char>('0' + code / 10 % 10),
                         static_cast<char>('0' + code % 10)};
  if (line.substr(0, 3) != std::string_view(digits, 3)) return line;
  if (line.size() == 3) return {};
  return line[3] == ' ' || line[3] == '-' ? line.substr(4) : line;
}

void append_reply(std::string& out, std::string_view text, std::uint16_t code,
                  const EnhancedCode& enhanced) {
  const std::string prefix = enhanced.text();
  std::string_view line;
  bool first = true;
  for (Lines lines(text); lines.next(line); first = false) {
    line = without_code(line, code);
    if (!prefix.empty() && line.starts_with(prefix)) {
      line.remove_prefix(prefix.size());
      if (line.starts_with(' ')) line.remove_prefix(1);
    }
    if (!first) out.push_back('\n');
    out.append(line);
  }
}

std::string_view queue_id(std::string_view text) {
  // Before the id: Postfix, Courier; Exim; qmail; Exchange; Zimbra's and Haraka's proxies.
  for (std::string_view before :
       {"queued as ", "queued with id ", "id=", " qp ", "internalid=", "queued (", "queue id "}) {
    const std::size_t at = find_word(text, before);
    if (at == std::string_view::npos) continue;
    const std::string_view id = id_at(text.substr(at + before.size()));
    if (!id.empty()) return id;
  }
  // Behind the id: Sendmail and OpenSMTPD; Dovecot's LMTP.
  for (std::string_view behind : {" message accepted", " saved"}) {
    const std::size_t at = find_word(text, behind);
    if (at == std::string_view::npos || at == 0) continue;
    const std::size_t start = text.find_last_of(" \n", at - 1);
    const std::string_view id = text.substr(start + 1, at - start - 1);
    if (id_at(id) == id && !id.empty()) return id;
  }
  return {};
}

}  // namespace mailglass::report
