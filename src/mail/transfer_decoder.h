// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <span>

#include "base/bytes.h"
#include "tally/event.h"

namespace mailglass::mail {

// Undoes a content transfer encoding (RFC 2045 section 6; uuencode as POSIX has it) over octets cut
// anywhere, or, of base64, only counts what decoding would give: nearly four times as fast. What
// does not belong there is skipped, as that RFC asks, and remembered.
class TransferDecoder {
 public:
  static constexpr std::size_t kRoom = 64;  // `out` below holds this much at least

  explicit TransferDecoder(tally::Encoding encoding = tally::Encoding::seven_bit)
      : encoding_(encoding) {}

  // Takes octets from the front of `in` until it is empty or `out` full; returns how many it wrote.
  std::size_t decode(Bytes& in, std::span<std::uint8_t> out);
  // The same for base64 without writing: the octets counted so are gone.
  void count(Bytes in);
  // The body is over: what a last group without padding holds, 2 octets at most.
  std::size_t finish(std::span<std::uint8_t> out);
  // Octets were lost: groups cannot be told from here on, only counted.
  void lose() { damaged_ = true; }

  std::uint64_t size() const;  // decoded so far
  bool invalid() const { return invalid_ && !damaged_; }

 private:
  enum class At : std::uint8_t {
    text,
    equals,  // quoted-printable: behind "="
    hex,     // behind "=" and a digit
    soft,    // behind "=" and blanks: a soft line break is near
    seek,    // uuencode: before the line "begin"
    header,  // in that line
    skip,    // in another line
    length,  // at the start of a line of data
    ended,   // also base64: behind its padding
  };

  std::size_t base64(Bytes& in, std::span<std::uint8_t> out);
  bool base64_octet(std::uint8_t octet, std::uint8_t*& to);
  std::size_t quoted_printable(Bytes& in, std::span<std::uint8_t> out);
  std::size_t uuencode(Bytes& in, std::span<std::uint8_t> out);

  std::uint64_t taken_ = 0;  // base64: digits; else octets written
  std::uint32_t group_ = 0;
  tally::Encoding encoding_;
  At at_ = At::text;
  std::uint8_t left_ = 0;    // uuencode: octets of the line still to come; letters of "begin "
  std::uint8_t digits_ = 0;  // uuencode: of the group
  bool invalid_ = false;
  bool damaged_ = false;
};

}  // namespace mailglass::mail
