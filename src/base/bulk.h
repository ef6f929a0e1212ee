// SPDX-License-Identifier: BSD-3-Clause
// What the readers ask of many octets at once: one loop each, compiled for several widths of
// register, of which the widest the processor has is chosen once at start.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/bytes.h"

namespace mailglass {

// One width's loops. None reads outside of its octets but where it says so.
struct Bulk {
  std::string_view name;

  // The sum of the octets as 32-bit words in the byte order of the host, zeroes behind the last:
  // of less than 16 GiB it has no carry.
  std::uint64_t (*sum_words)(const std::uint8_t* at, std::size_t octets);

  // Whether any octet is above 127.
  bool (*any_8bit)(const std::uint8_t* at, std::size_t octets);

  // How many octets from `at` on have nothing odd about them: no LF without a CR before it, none
  // behind a CR but LF, no NUL, no LF before a dot; adds to `seen` what they have. at[-1] is read.
  // The last octet, whose next is not there, is never among them; of many octets only the first
  // few thousand are looked at.
  struct Plain {
    std::uint32_t lines = 0;  // LFs
    bool any_8bit = false;
    const std::uint8_t* before_dash = nullptr;  // the first LF before a dash
  };
  std::size_t (*plain_data)(const std::uint8_t* at, std::size_t octets, Plain& seen);

  // Where the first LF is that stands before "--"; the last few octets need not be looked at:
  // else how many were.
  std::size_t (*line_before_dashes)(const std::uint8_t* at, std::size_t octets);

  // Where the first "://" is, or how many octets were looked at.
  std::size_t (*scheme_end)(const std::uint8_t* at, std::size_t octets);

  // How many octets from `at` on are digits of base64, CR or LF; adds the digits to `digits`. The
  // last few octets need not be looked at, nor more than the first few thousand.
  std::size_t (*base64_digits)(const std::uint8_t* at, std::size_t octets, std::uint64_t& digits);

  // Decodes whole groups of base64 digits, and CR LF between them, as far from `at` on as there is
  // nothing else and `room` is left. The last few octets need not be looked at; up to 64
  // octets of room behind those written are overwritten.
  struct Base64 {
    std::size_t read = 0, written = 0;
  };
  Base64 (*base64_groups)(const std::uint8_t* at, std::size_t octets, std::uint8_t* out,
                          std::size_t room);
};

// `sum_words` of so few octets that no loop is worth its call.
inline std::uint64_t sum_of_few(const std::uint8_t* at, std::size_t octets) {
  std::uint64_t sum = 0;
  for (; octets >= 8; octets -= 8, at += 8) {
    std::uint64_t two;
    std::memcpy(&two, at, sizeof two);
    sum += (two & 0xffffffff) + (two >> 32);
  }
  if ((octets & 4) != 0) {
    std::uint32_t word;
    std::memcpy(&word, at, sizeof word);
    sum += word;
    at += 4;
  }
  if ((octets & 3) == 0) return sum;
  std::uint8_t last[4] = {};
  for (std::size_t i = 0; i < (octets & 3); ++i) last[i] = at[i];
  std::uint32_t word;
  std::memcpy(&word, last, sizeof word);
  return sum + word;
}

// Of the widest registers there are. For the start of a program: tests ask for all that can run.
extern const Bulk& bulk;
std::span<const Bulk> all_bulk();

}  // namespace mailglass
