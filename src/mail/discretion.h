// SPDX-License-Identifier: BSD-3-Clause
// Text that is no secret by its place, and may hold one all the same: people and scripts mistype.
#pragma once

#include <string_view>

#include "mail/turn.h"

namespace mailglass::mail {

// What stands in place of a secret.
constexpr std::string_view kRedacted = "***";

// "front ***", in the session's scratch. A front that leaves no room there is cut.
std::string_view redacted_behind(Turn& turn, std::string_view front);

// "PASSsecret": a blank was forgotten.
bool begins_login(std::string_view word);

// An argument of several words holds a login: of a client that forgot to end a line, or ended it in
// CR, or wrote its end as \\r\\n.
bool holds_login(std::string_view argument);

// A line that is no command may hold one: a mistyped AUTH, or another protocol's login.
bool mentions_login(std::string_view line);

// "-ERR unknown command: PASS ...", to a client that was not captured.
bool may_repeat_login(std::string_view text);

// Of the first word of a line that is no command: letters among digits or signs may be a secret,
// plain or in base64, since a script that does not look sends it as a line.
bool looks_secret(std::string_view word);

// A reply to what was not captured has such a word.
bool may_quote_secret(std::string_view text);

// MD5's, in hexadecimal: what proves a secret, not a name.
bool is_digest(std::string_view word);

// A decoded name is one, not PLAIN's whole message, "name:secret" or "name secret".
bool names_somebody(std::string_view name);

}  // namespace mailglass::mail
