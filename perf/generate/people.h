// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>

#include "random.h"

namespace mailglass::generate {

struct Person {
  std::string name;     // "Anna Keller"
  std::string mailbox;  // "anna.keller123@sales.example.org"
  std::string domain() const { return mailbox.substr(mailbox.find('@') + 1); }
};

// Domains are the reserved ones of RFC 2606.
Person any_person(Random& random);
std::string any_password(Random& random);

struct Subject {
  std::string text;  // UTF-8
  std::string wire;  // as in the header field, RFC 2047 where it has to be
};
Subject any_subject(Random& random);

// Upper-case letters and digits in the manner of a Postfix queue identifier.
std::string any_queue_id(Random& random);

}  // namespace mailglass::generate
