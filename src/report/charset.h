// SPDX-License-Identifier: BSD-3-Clause
// Declared charsets of mail (RFC 2045 section 5.1, RFC 2047) to UTF-8.
#pragma once

#include <iconv.h>

#include <string>
#include <string_view>
#include <vector>

namespace mailglass::report {

// Holds at most one converter for each charset it knows. The names on the wire only choose from
// that list: neither a converter module nor an option of iconv can be named by a message.
class Charsets {
 public:
  Charsets();
  ~Charsets();
  Charsets(const Charsets&) = delete;
  Charsets& operator=(const Charsets&) = delete;

  // Appends `octets` as UTF-8. A charset that is unknown, or contradicted by the octets, is not
  // trusted: then the octets are UTF-8 if they are valid UTF-8, else ISO-8859-1.
  void append(std::string& out, std::string_view charset, std::string_view octets);

 private:
  std::vector<iconv_t> converters_;  // by place in the list, opened when first asked for
  std::string scratch_;
};

}  // namespace mailglass::report
