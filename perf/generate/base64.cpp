// SPDX-License-Identifier: BSD-3-Clause
#include "base64.h"

#include <cstdint>

namespace mailglass::generate {

std::string base64(std::string_view octets) {
  static constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  out.reserve((octets.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < octets.size(); i += 3) {
    std::uint32_t group = 0;
    for (std::size_t j = i; j < i + 3; ++j) {
      group = (group << 8U) | (j < octets.size() ? static_cast<std::uint8_t>(octets[j]) : 0U);
    }
    const std::size_t present = octets.size() - i;
    out += kAlphabet[(group >> 18U) & 63U];
    out += kAlphabet[(group >> 12U) & 63U];
    out += present > 1 ? kAlphabet[(group >> 6U) & 63U] : '=';
    out += present > 2 ? kAlphabet[group & 63U] : '=';
  }
  return out;
}

}  // namespace mailglass::generate
