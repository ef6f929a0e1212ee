// SPDX-License-Identifier: BSD-3-Clause
#include "wire/checksum.h"

#include <emmintrin.h>

#include <cstring>

#include "wire/headers.h"

namespace mailglass::wire {
namespace {

std::uint16_t folded(std::uint64_t sum) {
  sum = (sum & 0xffffffff) + (sum >> 32);
  sum = (sum & 0xffffffff) + (sum >> 32);
  sum = (sum & 0xffff) + (sum >> 16);
  sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>(sum);
}

template <typename Word>
Word load(const std::uint8_t* at) {
  Word word;
  std::memcpy(&word, at, sizeof word);
  return word;
}

// The sum of 32-bit words in 64 bits: no carry is lost below 16 GiB. 2^16 is 1 modulo 2^16 - 1, so
// the width of the words does not matter to the folded sum.
std::uint64_t wide_sum(Bytes octets) {
  const std::uint8_t* at = octets.data();
  std::size_t left = octets.size();
  const __m128i low = _mm_set_epi32(0, -1, 0, -1);
  __m128i even = _mm_setzero_si128(), odd = even;
  for (; left >= 32; left -= 32, at += 32) {
    const __m128i a = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const __m128i b = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at + 16));
    even = _mm_add_epi64(even, _mm_add_epi64(_mm_and_si128(a, low), _mm_and_si128(b, low)));
    odd = _mm_add_epi64(odd, _mm_add_epi64(_mm_srli_epi64(a, 32), _mm_srli_epi64(b, 32)));
  }
  const __m128i both = _mm_add_epi64(even, odd);
  std::uint64_t sum = static_cast<std::uint64_t>(_mm_cvtsi128_si64(both)) +
                      static_cast<std::uint64_t>(_mm_cvtsi128_si64(_mm_unpackhi_epi64(both, both)));
  for (; left >= 4; left -= 4, at += 4) sum += load<std::uint32_t>(at);
  if (left >= 2) {
    sum += load<std::uint16_t>(at);
    at += 2;
    left -= 2;
  }
  if (left != 0) {
    const std::uint8_t last[2] = {*at, 0};
    sum += load<std::uint16_t>(last);
  }
  return sum;
}

}  // namespace

std::uint16_t ones_sum(Bytes octets) { return folded(wide_sum(octets)); }

Checksum judge_ip(Bytes header) {
  if (ones_sum(header) == 0xffff) return Checksum::good;
  const auto* ip = overlay<Ipv4Header>(header);
  return ip != nullptr && ip->checksum.value() == 0 ? Checksum::unfinished : Checksum::bad_ip;
}

Checksum judge_tcp(Bytes segment, Bytes addresses, bool strict) {
  const auto octets = static_cast<std::uint32_t>(segment.size());
  const std::uint8_t tail[8] = {static_cast<std::uint8_t>(octets >> 24),
                                static_cast<std::uint8_t>(octets >> 16),
                                static_cast<std::uint8_t>(octets >> 8),
                                static_cast<std::uint8_t>(octets),
                                0,
                                0,
                                0,
                                kTcp};
  const std::uint64_t without_length = wide_sum(addresses) + load<std::uint32_t>(tail + 4);
  const std::uint64_t pseudo = without_length + load<std::uint32_t>(tail);
  const bool right = folded(pseudo + wide_sum(segment)) == 0xffff;
  if (right && strict) return Checksum::good;
  const auto field = load<std::uint16_t>(segment.data() + offsetof(TcpHeader, checksum));
  // Without the length: so Windows leaves it to a NIC that cuts segments itself (NDIS, LSO).
  if (field == folded(pseudo) || field == folded(without_length)) return Checksum::unfinished;
  return right ? Checksum::good : Checksum::bad_tcp;
}

}  // namespace mailglass::wire
