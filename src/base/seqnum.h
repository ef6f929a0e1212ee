// SPDX-License-Identifier: BSD-3-Clause
// TCP sequence numbers (RFC 9293 section 3.4): arithmetic modulo 2^32, as a type.
#pragma once

#include <cstdint>

namespace mailglass {

class SeqNum {
 public:
  constexpr SeqNum() = default;
  constexpr explicit SeqNum(std::uint32_t raw) : raw_(raw) {}

  constexpr std::uint32_t raw() const { return raw_; }
  constexpr SeqNum operator+(std::uint32_t octets) const { return SeqNum(raw_ + octets); }

  // How far `this` lies ahead of `other`: the signed distance on the circle. Comparisons of two
  // sequence numbers are comparisons of this distance with zero; there is no operator<.
  constexpr std::int32_t ahead_of(SeqNum other) const {
    return static_cast<std::int32_t>(raw_ - other.raw_);
  }

  // The 64-bit stream offset of this number, given that `base` is offset 0 and that the result
  // lies within 2^31 of `near`. Done once, at the edge; all later arithmetic is plain 64-bit.
  // Negative when the number lies before the base (a keep-alive probe, an old duplicate).
  constexpr std::int64_t offset(SeqNum base, std::int64_t near) const {
    const SeqNum expected = base + static_cast<std::uint32_t>(near);
    return near + ahead_of(expected);
  }

  constexpr bool operator==(const SeqNum&) const = default;

 private:
  std::uint32_t raw_ = 0;
};

}  // namespace mailglass
