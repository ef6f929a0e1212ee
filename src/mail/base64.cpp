// SPDX-License-Identifier: BSD-3-Clause
#include "mail/base64.h"

#include <string_view>

namespace mailglass::mail {

constexpr std::array<std::uint8_t, 256> kBase64Value = [] {
  std::array<std::uint8_t, 256> value{};
  value.fill(kNoBase64Digit);
  constexpr std::string_view alphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (std::size_t i = 0; i < alphabet.size(); ++i) {
    value[static_cast<std::uint8_t>(alphabet[i])] = static_cast<std::uint8_t>(i);
  }
  return value;
}();

std::optional<std::span<std::uint8_t>> decode_base64(Bytes text, std::span<std::uint8_t> out) {
  if (text.size() % 4 != 0 || out.size() < text.size() / 4 * 3) return std::nullopt;
  std::size_t padding = 0;
  while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=') ++padding;
  const std::size_t digits = text.size() - padding;
  std::size_t written = 0;
  std::uint32_t group = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::uint8_t value = i < digits ? kBase64Value[text[i]] : 0;
    if (value == kNoBase64Digit) return std::nullopt;
    group = group << 6 | value;
    if (i % 4 == 3) {
      out[written++] = static_cast<std::uint8_t>(group >> 16);
      out[written++] = static_cast<std::uint8_t>(group >> 8);
      out[written++] = static_cast<std::uint8_t>(group);
      group = 0;
    }
  }
  return out.first(written - padding);
}

}  // namespace mailglass::mail
