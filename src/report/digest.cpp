// SPDX-License-Identifier: BSD-3-Clause
#include "report/digest.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <array>
#include <iterator>

namespace mailglass::report {

std::string digest(const char* algorithm, std::string_view octets) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
  std::size_t length = 0;
  if (EVP_Q_digest(nullptr, algorithm, nullptr, octets.data(), octets.size(), out.data(),
                   &length) != 1) {
    return {};
  }
  return {reinterpret_cast<const char*>(out.data()), length};
}

std::string hex(std::string_view octets, std::string_view separator) {
  std::string text;
  for (const char octet : octets) {
    if (!text.empty()) text.append(separator);
    fmt::format_to(std::back_inserter(text), "{:02x}", static_cast<unsigned char>(octet));
  }
  return text;
}

}  // namespace mailglass::report
