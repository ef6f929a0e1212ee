// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <string_view>

#include "mail/limits.h"

namespace mailglass::mail {

// Enough of the secrets just sent to know them again where a server repeats them, and not enough
// to tell them: 32 bits of a keyed mixture of the first eight octets of each, and of each word.
// A repetition may be cut short, quoted, or in the other case.
class SecretTrace {
 public:
  // Up to eight texts are known; those beyond push out the oldest.
  void add(const Credentials& credentials, std::string_view secret);

  // Whether the server's text holds one of them. A short one must stand alone: a password of one
  // letter is not in every word. Work: octets times lengths, eight at most.
  bool found_in(const Credentials& credentials, std::string_view text) const;

  void forget() { *this = {}; }

 private:
  static constexpr std::size_t kOctets = 8;
  static constexpr std::size_t kShort = 3;  // octets, or fewer

  void add_one(const Credentials& credentials, std::string_view text);

  static constexpr std::size_t kTexts = 8;

  std::array<std::uint32_t, kTexts> mixture_{};
  std::array<std::uint8_t, kTexts> octets_{};  // of each text, kOctets at most; 0: none
  std::uint8_t next_ = 0;
  std::uint8_t lengths_ = 0;  // a set, bit by octets - 1
  std::uint64_t sieve_ = 0;   // a set of slots: what falls into another is none of them
};

}  // namespace mailglass::mail
