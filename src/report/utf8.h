// SPDX-License-Identifier: BSD-3-Clause
// Octets of unknown making become text that is safe to store, to log and to show.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace mailglass::report {

bool is_ascii(std::string_view octets);
bool is_utf8(std::string_view octets);  // RFC 3629: no surrogates, no overlong forms

// Every octet is the code point of the same number. At most twice as long afterwards.
void append_latin1(std::string& out, std::string_view octets);

// UTF-8 stays as it is; anything else is read as ISO-8859-1. The result is valid UTF-8 always.
void append_text(std::string& out, std::string_view octets);

// The front of `utf8` that fits into `octets` and ends between two code points.
std::string_view clip(std::string_view utf8, std::size_t octets);

// For a terminal: control characters and those that reorder a line are written as \x1b, \u202e.
void append_visible(std::string& out, std::string_view utf8);

// Octets of any charset so: `append_text`, then `append_visible`.
std::string visible(std::string_view octets);

// Places on a screen, one for each code point.
std::size_t columns(std::string_view utf8);

}  // namespace mailglass::report
