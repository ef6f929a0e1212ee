// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <cstdint>

#include "base/bytes.h"

namespace mailglass {

// SipHash-2-4 with 128 bits of output (Aumasson and Bernstein, "SipHash: a fast short-input PRF"):
// a keyed hash for short secrets. Whoever lacks the key can neither invert nor verify it.
std::array<std::uint8_t, 16> siphash128(const std::array<std::uint8_t, 16>& key, Bytes data);

}  // namespace mailglass
