// SPDX-License-Identifier: BSD-3-Clause
#include "base/siphash.h"

#include <bit>
#include <cstring>

namespace mailglass {
namespace {

std::uint64_t load_le64(const std::uint8_t* at) {
  std::uint64_t word;
  static_assert(std::endian::native == std::endian::little);
  std::memcpy(&word, at, sizeof word);
  return word;
}

struct State {
  std::uint64_t v0, v1, v2, v3;

  void rounds(int count) {
    for (int i = 0; i < count; ++i) {
      v0 += v1, v1 = std::rotl(v1, 13) ^ v0, v0 = std::rotl(v0, 32);
      v2 += v3, v3 = std::rotl(v3, 16) ^ v2;
      v0 += v3, v3 = std::rotl(v3, 21) ^ v0;
      v2 += v1, v1 = std::rotl(v1, 17) ^ v2, v2 = std::rotl(v2, 32);
    }
  }
  void absorb(std::uint64_t word) {
    v3 ^= word;
    rounds(2);
    v0 ^= word;
  }
  std::uint64_t squeeze() {
    rounds(4);
    return v0 ^ v1 ^ v2 ^ v3;
  }
};

}  // namespace

std::array<std::uint8_t, 16> siphash128(const std::array<std::uint8_t, 16>& key, Bytes data) {
  const std::uint64_t k0 = load_le64(key.data()), k1 = load_le64(key.data() + 8);
  State s{k0 ^ 0x736f6d6570736575, k1 ^ 0x646f72616e646f6d ^ 0xee, k0 ^ 0x6c7967656e657261,
          k1 ^ 0x7465646279746573};
  const std::size_t whole = data.size() / 8 * 8;
  for (std::size_t at = 0; at < whole; at += 8) s.absorb(load_le64(data.data() + at));
  std::uint8_t last[8] = {};
  if (data.size() > whole) std::memcpy(last, data.data() + whole, data.size() - whole);
  last[7] = static_cast<std::uint8_t>(data.size());
  s.absorb(load_le64(last));

  std::array<std::uint8_t, 16> out;
  s.v2 ^= 0xee;
  const std::uint64_t low = s.squeeze();
  s.v1 ^= 0xdd;
  const std::uint64_t high = s.squeeze();
  std::memcpy(out.data(), &low, 8);
  std::memcpy(out.data() + 8, &high, 8);
  return out;
}

}  // namespace mailglass
