// SPDX-License-Identifier: BSD-3-Clause
#include "report/address_list.h"

#include <strings.h>

#include <cstddef>

namespace mailglass::report {
namespace {

std::string_view trim(std::string_view s) {
  constexpr std::string_view kSpace = " \t\r\n";
  const std::size_t first = s.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return s.substr(first, s.find_last_not_of(kSpace) - first + 1);
}

// Where the reader is, in the grammar of RFC 5322 section 3.2.
struct Nesting {
  bool quoted = false;
  bool angle = false;
  bool group = false;
  int comments = 0;

  // True when `c` separates two addresses here.
  bool separates(char c) {
    if (quoted) {
      quoted = c != '"';
    } else if (c == '(') {
      ++comments;
    } else if (c == ')') {
      if (comments > 0) --comments;
    } else if (comments == 0) {
      return separates_outside_comments(c);
    }
    return false;
  }

 private:
  bool separates_outside_comments(char c) {
    switch (c) {
      case '"':
        quoted = true;
        return false;
      case '<':
        angle = true;
        return false;
      case '>':
        angle = false;
        return false;
      case ':':
        group = group || !angle;
        return false;
      case ';':
        group = false;
        return false;
      default:
        return c == ',' && !angle && !group;
    }
  }
};

}  // namespace

std::string_view next_address(std::string_view& list) {
  Nesting nesting;
  std::size_t end = 0;
  while (end < list.size()) {
    if (list[end] == '\\') {  // a quoted-pair: the next octet means nothing
      end += 2;
      continue;
    }
    if (nesting.separates(list[end])) break;
    ++end;
  }
  if (end > list.size()) end = list.size();
  const std::string_view front = trim(list.substr(0, end));
  list.remove_prefix(end < list.size() ? end + 1 : end);
  return front;
}

std::string_view domain_of(std::string_view address) {
  const std::size_t open = address.rfind('<');
  if (open != std::string_view::npos) {
    address.remove_prefix(open + 1);
    address = address.substr(0, address.find('>'));
  }
  const std::size_t at = address.rfind('@');
  if (at == std::string_view::npos) return {};
  const std::string_view domain = address.substr(at + 1);
  return domain.substr(0, domain.find_first_of(" \t,;()<>\"\r\n"));
}

bool same_domain(std::string_view a, std::string_view b) {
  return a.size() == b.size() && strncasecmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace mailglass::report
