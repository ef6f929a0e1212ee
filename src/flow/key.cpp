// SPDX-License-Identifier: BSD-3-Clause
#include "flow/key.h"

namespace mailglass::flow {
namespace {

// Odd constants with balanced bits: the first digits of pi.
constexpr std::uint64_t kPi[] = {0x243f6a8885a308d3, 0x13198a2e03707345, 0xa4093822299f31d1,
                                 0x082efa98ec4e6c89, 0x452821e638d01377, 0xbe5466cf34e90c6d};

std::uint64_t fold(std::uint64_t a, std::uint64_t b) {
  const unsigned __int128 product = static_cast<unsigned __int128>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

}  // namespace

std::uint64_t hash_of(const FlowKey& key, std::uint64_t seed) {
  std::uint64_t word[6];
  static_assert(sizeof word == sizeof key);
  std::memcpy(word, &key, sizeof word);
  const std::uint64_t a = fold(word[0] ^ kPi[0] ^ seed, word[1] ^ kPi[1]);
  const std::uint64_t b = fold(word[2] ^ kPi[2] ^ seed, word[3] ^ kPi[3]);
  const std::uint64_t c = fold(word[4] ^ kPi[4] ^ seed, word[5] ^ kPi[5]);
  return fold(a ^ b ^ kPi[1], c ^ seed ^ kPi[0]);
}

std::uint64_t flow_id(const FlowKey& key, Tick first) {
  const std::uint64_t hash = hash_of(key, static_cast<std::uint64_t>(first.us) * kPi[2]);
  return hash >> 11 | 1;  // never 0
}

}  // namespace mailglass::flow
