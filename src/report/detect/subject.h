// SPDX-License-Identifier: BSD-3-Clause
// Whom something is counted for, or a sample of who is in it: a source, a user, an address.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "base/address.h"

namespace mailglass::report {

// Text of at most so many octets, valid UTF-8; what is longer is cut.
class ShortName {
 public:
  static constexpr std::size_t kOctets = 63;
  ShortName() = default;
  explicit ShortName(std::string_view octets);  // of the wire
  std::string_view view() const { return {text_.data(), size_}; }

 private:
  std::array<char, kOctets> text_{};
  std::uint8_t size_ = 0;
};

struct Subject {
  std::uint64_t id = 0;  // 0: nobody
  ShortName name;

  explicit operator bool() const { return id != 0; }
};

// Makes subjects. Ids are keyed hashes: nobody on the wire can choose two names of one id, or many
// that fall together. The key is new with every process; what is counted does not depend on it.
class Subjects {
 public:
  Subjects();

  // An IPv6 source is its /64: whoever has one has all of its addresses.
  Subject source(const Address& address) const;
  Subject host(const Address& address) const;       // the whole address
  Subject word(std::string_view octets) const;      // users, mailboxes: without case
  std::uint64_t id(std::string_view octets) const;  // never 0

 private:
  std::array<std::uint8_t, 16> key_;
};

}  // namespace mailglass::report
