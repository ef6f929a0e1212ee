// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <cstring>

namespace mailglass {

// An IPv6 address, or an IPv4 one in its mapped form ::ffff:a.b.c.d (RFC 4291 section 2.5.5.2).
struct Address {
  std::array<std::uint8_t, 16> octet{};

  static Address v4(const std::uint8_t* four) {
    Address a;
    a.octet[10] = a.octet[11] = 0xff;
    std::memcpy(&a.octet[12], four, 4);
    return a;
  }
  static Address v6(const std::uint8_t* sixteen) {
    Address a;
    std::memcpy(a.octet.data(), sixteen, 16);
    return a;
  }
  auto operator<=>(const Address&) const = default;
};

inline bool is_v4(const Address& a) {
  static constexpr std::uint8_t kMapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  return std::memcmp(a.octet.data(), kMapped, sizeof kMapped) == 0;
}

using MacAddress = std::array<std::uint8_t, 6>;

}  // namespace mailglass
