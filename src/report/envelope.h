// SPDX-License-Identifier: BSD-3-Clause
// The arguments of MAIL and RCPT: a path and ESMTP parameters (RFC 5321 section 4.1.2).
#pragma once

#include <string>
#include <string_view>

namespace mailglass::report {

struct EsmtpParameter {
  std::string_view keyword;  // as sent
  std::string_view value;    // empty when there was no '='
};

// Reads "FROM:<a@b> SIZE=10 BODY=8BITMIME" from the left. Views into the argument.
class EnvelopeArgument {
 public:
  explicit EnvelopeArgument(std::string_view argument);

  // Whether it begins with FROM: or TO:, as the standard wants.
  bool named() const { return named_; }

  // Without brackets; "" for the null path <>. Tolerates missing brackets and a space before '<'.
  std::string_view path() const { return path_; }
  bool next(EsmtpParameter& parameter);  // false behind the last one

 private:
  std::string_view path_;
  std::string_view rest_;
  bool named_ = false;
};

bool same_word(std::string_view a, std::string_view b);  // ASCII, without case

// xtext of RFC 3461 section 4: "+" and two hexadecimal digits stand for one octet.
std::string decode_xtext(std::string_view xtext);

}  // namespace mailglass::report
