// SPDX-License-Identifier: BSD-3-Clause
// Whether a server says that it refuses because of a blocklist (RFC 5782 lists are asked by DNS and
// quoted in the reply; nobody is asked here).
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "mail/words.h"

namespace mailglass::mail {

// Lower case: how lists in use call themselves, and what servers call any of them.
inline constexpr std::string_view kBlocklists[] = {
    "spamhaus", "spamcop",    "barracudacentral", "abuseat",    "sorbs",     "surriel",
    "surbl",    "uceprotect", "hostkarma",        "mailspike",  "spamrats",  "mail-abuse",
    "dnsbl",    "rbl",        "blocklist",        "block list", "blacklist", "black list",
    "denylist", "deny list",
};

// The first of them that begins a word of `text`, or nothing. Linear: a letter that begins no name
// costs one look into a table.
constexpr std::string_view blocklist_in(std::string_view text) {
  constexpr auto kBegins = [] {
    std::array<bool, 256> begins{};
    for (const std::string_view name : kBlocklists) {
      begins[static_cast<std::uint8_t>(name.front())] = true;
    }
    return begins;
  }();
  bool inside = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = lower(text[i]);
    if (!inside && kBegins[static_cast<std::uint8_t>(c)]) {
      for (const std::string_view name : kBlocklists) {
        if (starts_with_word(tail(text, i), name)) return name;
      }
    }
    inside = c >= 'a' && c <= 'z';
  }
  return {};
}

}  // namespace mailglass::mail
