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

// Decodes blocks of 16 digits, nothing else among them, from the front of `text` as far as there
// are such and `out` has room (4 octets behind the 12 of each block are written over). Returns how
// many; always 0 where the processor lacks SSSE3.
std::size_t base64_blocks(Bytes text, std::span<std::uint8_t> out);

// Adds up the digits in blocks of 16 octets that hold digits and line ends alone, as far from the
// front of `text` as there are such. Returns the octets looked at.
std::size_t count_base64_blocks(Bytes text, std::uint64_t& digits);

}  // namespace mailglass::mail
