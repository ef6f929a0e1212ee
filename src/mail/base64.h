// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "base/bytes.h"

namespace mailglass::mail {

// Decodes one line of base64 (RFC 4648 section 4; padding required, as SASL profiles do). Nothing
// when it is not base64 or `out` is too small; `out` needs 3 octets for each 4 of `text`.
std::optional<std::span<std::uint8_t>> decode_base64(Bytes text, std::span<std::uint8_t> out);

// The value of a digit, by octet.
constexpr std::uint8_t kNoBase64Digit = 0xff;
extern const std::array<std::uint8_t, 256> kBase64Value;

}  // namespace mailglass::mail
