// SPDX-License-Identifier: BSD-3-Clause
#include "mail/sasl.h"

#include <algorithm>

#include "mail/words.h"

namespace mailglass::mail {

using tally::Mechanism;

Mechanism mechanism_of(std::string_view name) {
  struct Row {
    std::string_view name;
    Mechanism mechanism;
  };
  static constexpr Row rows[] = {
      {"LOGIN", Mechanism::login},         {"PLAIN", Mechanism::plain},
      {"CRAM-MD5", Mechanism::cram_md5},   {"DIGEST-MD5", Mechanism::digest_md5},
      {"XOAUTH2", Mechanism::bearer},      {"OAUTHBEARER", Mechanism::bearer},
      {"USER/PASS", Mechanism::user_pass}, {"APOP", Mechanism::apop},
      {"NTLM", Mechanism::ntlm},           {"EXTERNAL", Mechanism::external},
      {"GSSAPI", Mechanism::gssapi},       {"GSS-SPNEGO", Mechanism::gssapi},
  };
  for (const Row& row : rows) {
    if (equal_words(name, row.name)) return row.mechanism;
  }
  return starts_with_word(name, "SCRAM-") ? Mechanism::scram : Mechanism::other;
}

bool is_sasl_name(std::string_view name) {
  const auto is_capital = [](char c) { return c >= 'A' && c <= 'Z'; };
  return name.size() <= 20 && std::any_of(name.begin(), name.end(), is_capital) &&
         std::all_of(name.begin(), name.end(), [&](char c) {
           return is_capital(c) || (c >= '0' && c <= '9') || c == '-' || c == '_';
         });
}

std::string_view value_of(std::string_view text, std::string_view key, char divider) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find(divider, at), text.size());
    const std::string_view part = head(tail(text, at), end - at);
    if (part.starts_with(key)) return tail(part, key.size());
    at = end + 1;
  }
  return {};
}

std::optional<std::string_view> directive(std::string_view text, std::string_view name,
                                          std::span<char> out) {
  while (!text.empty()) {
    const std::size_t sign = std::min(text.find_first_of("=,"), text.size());
    const bool has_value = sign < text.size() && text[sign] == '=';
    const bool found = has_value && equal_words(trim(head(text, sign)), name);
    text = tail(text, sign + 1);
    if (!has_value) continue;
    text = tail(text, std::min(text.find_first_not_of(" \t\r\n"), text.size()));
    const bool quoted = text.starts_with('"');
    std::size_t size = 0, at = quoted;
    for (; at < text.size() && text[at] != (quoted ? '"' : ','); ++at) {
      if (quoted && text[at] == '\\' && ++at == text.size()) break;
      if (found && size < out.size()) out[size++] = text[at];
    }
    if (quoted && at >= text.size()) return std::nullopt;  // what ends it may be the proof's
    const std::string_view value(out.data(), size);
    if (found) return quoted ? value : trim(value);
    text = tail(text, at + quoted);
  }
  return std::nullopt;
}

std::string_view saslname(std::string_view text, std::span<char> out) {
  std::size_t size = 0;
  for (std::size_t i = 0; i < text.size() && size < out.size(); ++i) {
    const std::string_view code = head(tail(text, i), 3);
    const bool coded = code == "=2C" || code == "=3D";
    out[size++] = coded ? (code == "=2C" ? ',' : '=') : text[i];
    if (coded) i += 2;
  }
  return {out.data(), size};
}

}  // namespace mailglass::mail
