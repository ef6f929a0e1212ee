// SPDX-License-Identifier: BSD-3-Clause
// A walk through octets that a stranger has written. Reading past the end gives zeros and empty
// parts, and `ok` says so from then on: a parser reads a whole structure and asks once.
#pragma once

#include "base/bytes.h"

namespace mailglass {

class Cursor {
 public:
  explicit Cursor(Bytes octets) : rest_(octets) {}

  bool ok() const { return ok_; }
  bool empty() const { return rest_.empty(); }

  Bytes take(std::size_t count) {
    if (count > rest_.size()) {
      ok_ = false;
      rest_ = {};
      return {};
    }
    const Bytes front = rest_.first(count);
    rest_ = rest_.subspan(count);
    return front;
  }
  std::uint8_t u8() { return static_cast<std::uint8_t>(number(1)); }
  std::uint16_t u16() { return static_cast<std::uint16_t>(number(2)); }
  std::uint32_t u24() { return number(3); }

  // A vector in TLS's presentation language (RFC 8446 section 3.4): its length stands in front.
  Bytes vector8() { return take(u8()); }
  Bytes vector16() { return take(u16()); }
  Bytes vector24() { return take(u24()); }

 private:
  std::uint32_t number(std::size_t octets) {
    std::uint32_t value = 0;
    for (const std::uint8_t octet : take(octets)) value = value << 8 | octet;
    return value;
  }

  Bytes rest_;
  bool ok_ = true;
};

}  // namespace mailglass
