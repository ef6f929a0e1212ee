// SPDX-License-Identifier: BSD-3-Clause
// Header fields as a person reads them: unfolded (RFC 5322 section 2.2.3), encoded-words decoded
// (RFC 2047). Tolerant where senders are: words inside quotes, words without a space between,
// spaces inside a word, a character split over two words.
#pragma once

#include <string>
#include <string_view>

#include "report/charset.h"

namespace mailglass::report {

// Appends `field` without the line ends of folding and without white space at both ends.
void append_unfolded(std::string& out, std::string_view field);

// Appends the unfolded `text` with its encoded-words decoded, as valid UTF-8.
void append_decoded(std::string& out, std::string_view text, Charsets& charsets);

// Lenient base64 and quoted-printable's cousin Q (RFC 2047 section 4). False: not of that form.
bool append_base64(std::string& out, std::string_view encoded);
bool append_q(std::string& out, std::string_view encoded);

}  // namespace mailglass::report
