// SPDX-License-Identifier: BSD-3-Clause
// What is the operator's own, and what is foreign: mail domains and networks.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/address.h"

namespace mailglass::report {

class DomainList {
 public:
  // Names separated by blanks: "example.org example.net". False, and the list empty, when one is
  // no domain name.
  bool parse(std::string_view words);
  // The domain is listed, or below one that is. Without case; a final dot is no part of it.
  bool covers(std::string_view domain) const;
  bool empty() const { return domains_.empty(); }
  bool operator==(const DomainList&) const = default;

 private:
  std::vector<std::string> domains_;  // in lower case
};

class NetworkList {
 public:
  // "192.0.2.0/24 2001:db8::/32 198.51.100.7", separated by blanks. False, and the list empty, when
  // one is no network.
  bool parse(std::string_view words);
  bool covers(const Address& address) const;
  bool empty() const { return networks_.empty(); }
  bool operator==(const NetworkList&) const = default;

 private:
  struct Network {
    Address base;
    unsigned bits = 0;  // of the 128 that count
    bool operator==(const Network&) const = default;
  };
  std::vector<Network> networks_;
};

// Where the mail for a path goes (RFC 5321 section 4.1.2), as far as the path says: the domain
// behind its last '@', or the one that an old relay takes from the local part ("a%b.example@here",
// "b.example!a@here", "\"a@b.example\"@here") when `own` covers the first. Empty for a local user.
std::string_view destination_of(std::string_view path, const DomainList& own);

}  // namespace mailglass::report
