// SPDX-License-Identifier: BSD-3-Clause
// What makes two segments one flow: both addresses and ports, the VLANs, the tunnel. The key is the
// identity; its hash only says where to look.
#pragma once

#include <emmintrin.h>

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

#include "base/mix.h"
#include "wire/segment.h"

namespace mailglass::flow {

// Both directions of a flow have one key: the lower endpoint comes first, whoever speaks.
struct FlowKey {
  Address low, high;
  std::uint16_t low_port = 0, high_port = 0;
  std::uint16_t vlan[wire::kMaxVlans] = {};
  std::uint8_t vlans = 0;
  std::uint8_t tunnel = 0;
  std::uint32_t tunnel_id = 0;  // no padding anywhere: the key is compared and hashed as words

  std::array<std::uint64_t, 6> words() const {
    return std::bit_cast<std::array<std::uint64_t, 6>>(*this);
  }

  bool operator==(const FlowKey& other) const {
    const auto* const mine = reinterpret_cast<const __m128i*>(this);
    const auto* const its = reinterpret_cast<const __m128i*>(&other);
    __m128i differ = _mm_setzero_si128();
    for (int i = 0; i < 3; ++i) {
      const __m128i part = _mm_xor_si128(_mm_loadu_si128(mine + i), _mm_loadu_si128(its + i));
      differ = _mm_or_si128(differ, part);
    }
    return _mm_movemask_epi8(_mm_cmpeq_epi8(differ, _mm_setzero_si128())) == 0xffff;
  }
};
static_assert(sizeof(FlowKey) == 48 && std::has_unique_object_representations_v<FlowKey>);

// Odd constants with balanced bits: the first digits of pi.
constexpr std::uint64_t kPi[] = {0x243f6a8885a308d3, 0x13198a2e03707345, 0xa4093822299f31d1,
                                 0x082efa98ec4e6c89, 0x452821e638d01377, 0xbe5466cf34e90c6d};

// A keyed hash of the key by folded 64 x 64 -> 128 bit multiplications (the construction of
// wyhash): about 15 cycles, and unpredictable to whoever does not know the seed.
inline std::uint64_t hash_of_words(std::uint64_t w0, std::uint64_t w1, std::uint64_t w2,
                                   std::uint64_t w3, std::uint64_t w4, std::uint64_t w5,
                                   std::uint64_t seed) {
  const std::uint64_t a = fold(w0 ^ kPi[0] ^ seed, w1 ^ kPi[1]);
  const std::uint64_t b = fold(w2 ^ kPi[2] ^ seed, w3 ^ kPi[3]);
  const std::uint64_t c = fold(w4 ^ kPi[4] ^ seed, w5 ^ kPi[5]);
  return fold(a ^ b ^ kPi[1], c ^ seed ^ kPi[0]);
}

inline std::uint64_t hash_of(const FlowKey& key, std::uint64_t seed) {
  const auto word = key.words();
  return hash_of_words(word[0], word[1], word[2], word[3], word[4], word[5], seed);
}

struct KeyOf {
  FlowKey key;
  std::uint64_t hash;  // hash_of the key
  bool from_low;       // the segment was sent by the key's lower endpoint
};

// Keeps a word out of vector registers: what was stored in halves a moment ago can be loaded so at
// once, but as a whole only when both have left the store buffer, some 15 cycles later.
inline std::uint64_t in_register(std::uint64_t word) {
  asm("" : "+r"(word));
  return word;
}

// In words, each in a register until it is hashed and stored, and without a branch on who is the
// lower: nobody can foretell that. Returns the hash.
inline std::uint64_t key_into(KeyOf& of, const wire::Segment& s, std::uint64_t seed) {
  using Wide = unsigned __int128;
  const auto source = s.source.words(), destination = s.destination.words();
  const std::uint64_t s0 = in_register(source[0]), s1 = in_register(source[1]);
  const std::uint64_t d0 = in_register(destination[0]), d1 = in_register(destination[1]);
  const std::uint64_t sport = s.source_port, dport = s.destination_port;
  const Wide from = Wide{__builtin_bswap64(s0)} << 64 | __builtin_bswap64(s1);
  const Wide to = Wide{__builtin_bswap64(d0)} << 64 | __builtin_bswap64(d1);
  const bool from_low = (from < to) | ((from == to) & (sport <= dport));
  const std::uint64_t change = in_register(std::uint64_t{from_low} - 1);  // all bits, or none
  const std::uint64_t differ0 = (s0 ^ d0) & change, differ1 = (s1 ^ d1) & change;
  const std::uint64_t differ_port = (sport ^ dport) & change;
  const std::uint64_t w0 = s0 ^ differ0, w1 = s1 ^ differ1, w2 = d0 ^ differ0, w3 = d1 ^ differ1;
  const wire::Lane& lane = s.lane;
  const std::uint64_t w4 = (sport ^ differ_port) | (dport ^ differ_port) << 16 |
                           std::uint64_t{lane.vlan[0]} << 32 | std::uint64_t{lane.vlan[1]} << 48;
  const std::uint64_t w5 = lane.vlan[2] | std::uint64_t{lane.vlans} << 16 |
                           std::uint64_t{lane.tunnel} << 24 | std::uint64_t{lane.tunnel_id} << 32;
  const std::uint64_t hash = hash_of_words(w0, w1, w2, w3, w4, w5, seed);
  of.hash = hash;
  of.from_low = from_low;
  auto* const key = reinterpret_cast<unsigned char*>(&of.key);
  std::memcpy(key, &w0, sizeof w0);
  std::memcpy(key + 8, &w1, sizeof w1);
  std::memcpy(key + 16, &w2, sizeof w2);
  std::memcpy(key + 24, &w3, sizeof w3);
  std::memcpy(key + 32, &w4, sizeof w4);
  std::memcpy(key + 40, &w5, sizeof w5);
  return hash;
}

inline KeyOf key_of(const wire::Segment& s, std::uint64_t seed = 0) {
  KeyOf of;
  key_into(of, s, seed);
  return of;
}

// A flow's public number: the same for the same capture on any machine, below 2^53 so that every
// JSON reader keeps it exact.
std::uint64_t flow_id(const FlowKey& key, Tick first);

}  // namespace mailglass::flow
