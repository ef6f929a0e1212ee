// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <bit>
#include <compare>
#include <cstdint>
#include <cstring>

namespace mailglass {

// An IPv6 address, or an IPv4 one in its mapped form ::ffff:a.b.c.d (RFC 4291 section 2.5.5.2).
struct Address {
  std::array<std::uint8_t, 16> octet{};

  // In one word: whoever reads it as such at once need not wait for parts (store forwarding).
  static Address v4(const std::uint8_t* four) {
    std::uint32_t host;
    std::memcpy(&host, four, sizeof host);
    const std::uint64_t second = std::uint64_t{host} << 32 | 0xffff0000;
    Address a;
    std::memcpy(&a.octet[8], &second, sizeof second);
    return a;
  }
  static Address v6(const std::uint8_t* sixteen) {
    Address a;
    std::memcpy(a.octet.data(), sixteen, 16);
    return a;
  }

  // The octets as two words, in the machine's order.
  std::array<std::uint64_t, 2> words() const {
    return std::bit_cast<std::array<std::uint64_t, 2>>(octet);
  }
  bool operator==(const Address& other) const {
    const auto mine = words(), its = other.words();
    return ((mine[0] ^ its[0]) | (mine[1] ^ its[1])) == 0;
  }
  // As memcmp orders them.
  std::strong_ordering operator<=>(const Address& other) const {
    const auto mine = words(), its = other.words();
    const auto order = __builtin_bswap64(mine[0]) <=> __builtin_bswap64(its[0]);
    return order != 0 ? order : __builtin_bswap64(mine[1]) <=> __builtin_bswap64(its[1]);
  }
};

inline bool is_v4(const Address& a) {
  static constexpr std::uint8_t kMapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  return std::memcmp(a.octet.data(), kMapped, sizeof kMapped) == 0;
}

using MacAddress = std::array<std::uint8_t, 6>;

}  // namespace mailglass
