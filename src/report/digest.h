// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <string_view>

namespace mailglass::report {

// The digest as octets; `algorithm` is OpenSSL's name for it. Empty where OpenSSL does not have it,
// as MD5 under FIPS: a field is left out rather than invented.
std::string digest(const char* algorithm, std::string_view octets);

// "00ff"; with a separator "00:ff".
std::string hex(std::string_view octets, std::string_view separator = {});

}  // namespace mailglass::report
