// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <string_view>

namespace mailglass::generate {

// RFC 4648 section 4, padded, without line breaks.
std::string base64(std::string_view octets);

}  // namespace mailglass::generate
