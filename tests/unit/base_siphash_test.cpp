// SPDX-License-Identifier: BSD-3-Clause
// SipHash-2-4-128 against the authors' vectors: key 00 01 .. 0f, input the first n of 00 01 02 ..
#include <gtest/gtest.h>

#include <numeric>
#include <set>

#include "base/siphash.h"
#include "tests/support/packet_builder.h"

namespace mailglass::test {
namespace {

using Key = std::array<std::uint8_t, 16>;

Key counting_key() {
  Key key;
  std::iota(key.begin(), key.end(), std::uint8_t{0});
  return key;
}

Octets counting(std::size_t size) {
  Octets octets(size);
  std::iota(octets.begin(), octets.end(), std::uint8_t{0});
  return octets;
}

TEST(BaseSipHash, AgreesWithTheAuthorsVectors) {
  struct Vector {
    std::size_t size;
    const char* hash;
  };
  // vectors_sip128 of the reference implementation; the lengths around one and two words.
  constexpr Vector kVectors[] = {
      {0, "a3817f04ba25a8e66df67214c7550293"},  {1, "da87c1d86b99af44347659119b22fc45"},
      {2, "8177228da4a45dc7fca38bdef60affe4"},  {7, "a1f1ebbed8dbc153c0b84aa61ff08239"},
      {8, "3b62a9ba6258f5610f83e264f31497b4"},  {9, "264499060ad9baabc47f8b02bb6d71ed"},
      {15, "5493e99933b0a8117e08ec0f97cfc3d9"}, {16, "6ee2a4ca67b054bbfd3315bf85230577"},
      {63, "5150d1772f50834a503e069a973fbd7c"},
  };
  for (const Vector& vector : kVectors) {
    const Octets expected = from_hex(vector.hash);
    const auto hash = siphash128(counting_key(), counting(vector.size));
    EXPECT_EQ(Octets(hash.begin(), hash.end()), expected) << vector.size;
  }
}

TEST(BaseSipHash, EveryBitOfKeyAndInputMatters) {
  const Octets input = counting(13);
  std::set<std::array<std::uint8_t, 16>> hashes = {siphash128(counting_key(), input)};
  std::size_t tried = 1;
  for (std::size_t bit = 0; bit < 128; ++bit, ++tried) {
    Key key = counting_key();
    key[bit / 8] = static_cast<std::uint8_t>(key[bit / 8] ^ 1u << bit % 8);
    hashes.insert(siphash128(key, input));
  }
  for (std::size_t bit = 0; bit < 8 * input.size(); ++bit, ++tried) {
    Octets other = input;
    other[bit / 8] = static_cast<std::uint8_t>(other[bit / 8] ^ 1u << bit % 8);
    hashes.insert(siphash128(counting_key(), other));
  }
  EXPECT_EQ(hashes.size(), tried);
}

// "ab" and "ab\0": the length is part of what is hashed.
TEST(BaseSipHash, ZeroesAtTheEndAreNotPadding) {
  std::set<std::array<std::uint8_t, 16>> hashes;
  for (std::size_t size = 0; size < 20; ++size) hashes.insert(siphash128({}, Octets(size)));
  EXPECT_EQ(hashes.size(), 20u);
}

}  // namespace
}  // namespace mailglass::test
