// SPDX-License-Identifier: BSD-3-Clause
// SASL's mechanisms (RFC 4422), and how they write names and values into their messages.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "tally/counters.h"

namespace mailglass::mail {

// By its name as sent, in any case; `other` for what is not known.
tally::Mechanism mechanism_of(std::string_view name);

// Is of RFC 4422 section 3.1's form. Base64 hardly ever looks so; a number may be a PIN.
bool is_sasl_name(std::string_view name);

// The value of `key` in a list of key=value parts divided by `divider`.
std::string_view value_of(std::string_view text, std::string_view key, char divider);

// The directive `name` of RFC 2831 section 7.1, in `out`: a token, or a text in quotes, which may
// hold commas, and where a backslash stands before an octet that is meant as such. The first of
// its name counts.
std::optional<std::string_view> directive(std::string_view text, std::string_view name,
                                          std::span<char> out);

// RFC 5802 section 5.1: "=2C" is a comma, "=3D" an equals sign.
std::string_view saslname(std::string_view text, std::span<char> out);

}  // namespace mailglass::mail
