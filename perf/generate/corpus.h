// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "payload.h"
#include "random.h"

namespace mailglass::generate {

// A few megabytes of text, base64 and noise made once; every body is a selection of their lines.
class Corpus {
 public:
  explicit Corpus(std::uint64_t seed);

  // Adds whole text lines of about `octets` octets, dot-stuffed as they travel
  // (RFC 5321 section 4.5.2, RFC 1939 section 3). Returns how many dots the stuffing added.
  std::size_t add_text(Payload& to, Random& random, std::size_t octets) const;
  // Adds whole base64 lines of 76 characters (RFC 2045 section 6.8), about `octets` octets.
  void add_base64(Payload& to, Random& random, std::size_t octets) const;
  // Adds exactly `octets` octets that look encrypted.
  void add_noise(Payload& to, Random& random, std::size_t octets) const;

 private:
  struct Line {
    std::size_t start;
    std::size_t dots;  // stuffed before this line
  };
  void make_text(Random& random);

  std::string text_;
  std::vector<Line> lines_;  // one more than there are lines: the end
  std::string base64_;
  std::string noise_;
};

}  // namespace mailglass::generate
