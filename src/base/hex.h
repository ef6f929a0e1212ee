// SPDX-License-Identifier: BSD-3-Clause
#pragma once

namespace mailglass {

// The value of a hexadecimal digit in either case; -1 for any other octet, with a sign or without.
constexpr int hex_digit(int c) {
  if (c >= '0' && c <= '9') return c - '0';
  const int letter = c | 0x20;
  return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

}  // namespace mailglass
