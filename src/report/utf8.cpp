// SPDX-License-Identifier: BSD-3-Clause
#include "report/utf8.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <iterator>

#include "tally/event.h"

namespace mailglass::report {
namespace {

constexpr std::uint8_t octet(char c) { return static_cast<std::uint8_t>(c); }

// Octets of the code point at the front, 0 when it is not well-formed (RFC 3629 section 4).
std::size_t sequence(std::string_view s) {
  const std::uint8_t lead = octet(s[0]);
  if (lead < 0x80) return 1;
  const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || s.size() < length) return 0;
  const std::uint8_t second = octet(s[1]);
  const std::uint8_t low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
  const std::uint8_t high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
  if (second < low || second > high) return 0;
  for (std::size_t i = 2; i < length; ++i) {
    if ((octet(s[i]) & 0xc0) != 0x80) return 0;
  }
  return length;
}

std::uint32_t code_point(std::string_view s) {
  switch (s.size()) {
    case 1:
      return octet(s[0]);
    case 2:
      return (octet(s[0]) & 0x1fu) << 6 | (octet(s[1]) & 0x3fu);
    case 3:
      return (octet(s[0]) & 0x0fu) << 12 | (octet(s[1]) & 0x3fu) << 6 | (octet(s[2]) & 0x3fu);
    default:
      return 0x10000;  // no character above the first plane needs a decision here
  }
}

// Characters that change how the rest of a line is shown (UAX #9), or are not shown at all.
bool misleading(std::uint32_t c) {
  return (c >= 0x80 && c < 0xa0) || (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
         (c >= 0x2060 && c <= 0x2069) || c == 0xfeff;
}

}  // namespace

bool is_ascii(std::string_view octets) {
  constexpr std::uint64_t kHigh = 0x8080808080808080;
  std::size_t i = 0;
  for (; i + 8 <= octets.size(); i += 8) {
    std::uint64_t eight;
    std::memcpy(&eight, octets.data() + i, 8);
    if ((eight & kHigh) != 0) return false;
  }
  for (; i < octets.size(); ++i) {
    if (octet(octets[i]) >= 0x80) return false;
  }
  return true;
}

bool is_utf8(std::string_view octets) {
  if (is_ascii(octets)) return true;
  while (!octets.empty()) {
    const std::size_t length = sequence(octets);
    if (length == 0) return false;
    octets.remove_prefix(length);
  }
  return true;
}

void append_latin1(std::string& out, std::string_view octets) {
  for (char c : octets) {
    if (octet(c) < 0x80) {
      out.push_back(c);
    } else {
      out.push_back(static_cast<char>(0xc0 | octet(c) >> 6));
      out.push_back(static_cast<char>(0x80 | (octet(c) & 0x3f)));
    }
  }
}

void append_text(std::string& out, std::string_view octets) {
  // The ring cuts texts at a number of octets, perhaps within the last character.
  std::string_view whole = octets;
  if (octets.size() >= tally::kMaxTextOctets) whole = clip(octets, octets.size());
  if (is_utf8(whole)) {
    out.append(whole);
  } else {
    append_latin1(out, octets);
  }
}

std::string_view clip(std::string_view utf8, std::size_t octets) {
  std::string_view front = utf8.substr(0, octets);
  for (std::size_t back = 1; back <= std::min<std::size_t>(4, front.size()); ++back) {
    const std::string_view last = front.substr(front.size() - back);
    if ((octet(last[0]) & 0xc0) == 0x80) continue;
    if (sequence(last) != back) front.remove_suffix(back);
    break;
  }
  return front;
}

void append_visible(std::string& out, std::string_view utf8) {
  const auto plain = [](char c) { return c >= 0x20 && c < 0x7f; };
  while (!utf8.empty()) {
    const auto run = std::find_if_not(utf8.begin(), utf8.end(), plain) - utf8.begin();
    out.append(utf8.substr(0, static_cast<std::size_t>(run)));
    utf8.remove_prefix(static_cast<std::size_t>(run));
    if (utf8.empty()) return;
    const std::size_t length = std::max<std::size_t>(sequence(utf8), 1);
    const std::string_view one = utf8.substr(0, length);
    const std::uint32_t c = code_point(one);
    if (c < 0x20 || c == 0x7f || (length == 1 && c >= 0x80)) {
      fmt::format_to(std::back_inserter(out), "\\x{:02x}", c);
    } else if (misleading(c)) {
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", c);
    } else {
      out.append(one);
    }
    utf8.remove_prefix(length);
  }
}

std::string visible(std::string_view octets) {
  std::string text;
  append_text(text, octets);
  std::string shown;
  append_visible(shown, text);
  return shown;
}

std::size_t columns(std::string_view utf8) {
  if (is_ascii(utf8)) return utf8.size();
  return static_cast<std::size_t>(
      std::count_if(utf8.begin(), utf8.end(), [](char c) { return (octet(c) & 0xc0) != 0x80; }));
}

}  // namespace mailglass::report
