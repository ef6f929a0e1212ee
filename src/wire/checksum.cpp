// SPDX-License-Identifier: BSD-3-Clause
#include "wire/checksum.h"

#include <bit>
#include <cstring>

#include "base/bulk.h"
#include "wire/headers.h"

namespace mailglass::wire {
namespace {

// 2^16 is 1 modulo 2^16 - 1, so the width of the words does not matter to the folded sum. A number
// and itself with its halves exchanged have in the sum's upper half that of the halves, with the
// carry that the lower half gave.
std::uint16_t folded(std::uint64_t sum) {
  sum += std::rotl(sum, 32);
  auto half = static_cast<std::uint32_t>(sum >> 32);
  half += std::rotl(half, 16);
  return static_cast<std::uint16_t>(half >> 16);
}

template <typename Word>
Word load(const std::uint8_t* at) {
  Word word;
  std::memcpy(&word, at, sizeof word);
  return word;
}

// Of octets that are nearly always so many: the loop is written out for that number.
template <std::size_t kUsual>
std::uint64_t sum_of_usual(Bytes octets) {
  if (octets.size() == kUsual) [[likely]]
    return sum_of_few(octets.data(), kUsual);
  return sum_of_few(octets.data(), octets.size());
}

}  // namespace

std::uint16_t ones_sum(Bytes octets) { return folded(sum_of_usual<sizeof(Ipv4Header)>(octets)); }

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
  const std::uint64_t without_length = sum_of_usual<8>(addresses) + load<std::uint32_t>(tail + 4);
  const std::uint64_t pseudo = without_length + load<std::uint32_t>(tail);
  const bool right = folded(pseudo + bulk.sum_words(segment.data(), segment.size())) == 0xffff;
  if (right && strict) return Checksum::good;
  const auto field = load<std::uint16_t>(segment.data() + offsetof(TcpHeader, checksum));
  // Without the length: so Windows leaves it to a NIC that cuts segments itself (NDIS, LSO).
  if (field == folded(pseudo) || field == folded(without_length)) return Checksum::unfinished;
  return right ? Checksum::good : Checksum::bad_tcp;
}

}  // namespace mailglass::wire
