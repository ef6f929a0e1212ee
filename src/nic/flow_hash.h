// SPDX-License-Identifier: BSD-3-Clause
// The hash that decides which worker owns a flow: the Toeplitz hash that NICs compute for RSS, with
// a key that gives both directions one value. In software it costs one fold and two look-ups.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <span>

namespace mailglass::nic {

// The key repeats these 16 bits (Woo and Park, "Scalable TCP Session Monitoring with Symmetric
// Receive-side Scaling", 2012). A bit of the input and the one 16 further on then choose the same
// 32 bits of the key, so the hash depends on the exclusive or of all 16-bit words alone: exchanging
// source and destination changes nothing.
constexpr std::uint16_t kRssKeyWord = 0x6d5a;
constexpr std::uint8_t kRssKeyOctet[2] = {kRssKeyWord >> 8, kRssKeyWord & 0xff};

// Of addresses and ports as they lie in the headers: one or more words of 16 bits, put together.
class FoldedTuple {
 public:
  // `octets`: an even number, 4 or 16 for an address, 4 for both ports.
  template <std::size_t kOctets>
  void add(const std::uint8_t* octets) {
    static_assert(kOctets % 4 == 0);
    for (std::size_t at = 0; at < kOctets; at += 4) {
      std::uint32_t word;
      std::memcpy(&word, octets + at, sizeof word);
      folded_ ^= word;
    }
  }
  void add_word(std::uint16_t big_endian) { folded_ ^= big_endian; }

  // In the order of the network's octets.
  std::uint16_t value() const {
    const auto word = static_cast<std::uint16_t>(folded_ ^ folded_ >> 16);
    if constexpr (std::endian::native == std::endian::big) return word;
    return static_cast<std::uint16_t>(word << 8 | word >> 8);
  }

 private:
  std::uint32_t folded_ = 0;
};

namespace detail {
constexpr std::array<std::uint32_t, 256> toeplitz_of_octet(int first_bit) {
  constexpr std::uint32_t kKey = std::uint32_t{kRssKeyWord} << 16 | kRssKeyWord;
  std::array<std::uint32_t, 256> table{};
  for (unsigned octet = 0; octet < 256; ++octet) {
    for (int bit = 0; bit < 8; ++bit) {
      if ((octet >> (7 - bit) & 1) != 0) table[octet] ^= std::rotl(kKey, first_bit + bit);
    }
  }
  return table;
}
inline constexpr auto kUpperOctet = toeplitz_of_octet(0);
inline constexpr auto kLowerOctet = toeplitz_of_octet(8);
}  // namespace detail

inline std::uint32_t toeplitz(const FoldedTuple& tuple) {
  const std::uint16_t word = tuple.value();
  return detail::kUpperOctet[word >> 8] ^ detail::kLowerOctet[word & 0xff];
}

// RSS indirection as all ports have it: slot i of the table belongs to worker i modulo the number
// of workers. NICs have tables of 64 slots and more, all powers of two; the smallest one counts.
constexpr unsigned kMostSlots = 128;

struct Owners {
  unsigned workers = 1;
  unsigned slots = kMostSlots;  // a power of two
  unsigned of(std::uint32_t hash) const { return (hash & (slots - 1)) % workers; }
};

}  // namespace mailglass::nic
