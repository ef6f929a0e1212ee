// SPDX-License-Identifier: BSD-3-Clause
// What an NTLM client says of itself: the AUTHENTICATE message of [MS-NLMP] section 2.2.1.3, sent
// as the last response of AUTH NTLM ([MS-SMTPNTLM], [MS-POP3]).
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "base/bytes.h"

namespace mailglass::mail {

struct NtlmNames {
  Bytes domain, user, workstation;  // empty where they are not whole, or the proof's
  bool utf16 = false;               // little-endian; else in the client's code page
};

// Nothing when it is not that message: the first response is another one.
std::optional<NtlmNames> read_ntlm_authenticate(Bytes message);

// A name in UTF-8, as far as `out` holds it; unpaired surrogates become U+FFFD.
std::string_view ntlm_text(Bytes name, bool utf16, std::span<char> out);

}  // namespace mailglass::mail
