// SPDX-License-Identifier: BSD-3-Clause
// The header of a message, field by field, as the `email` object of an event shows it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "report/allowance.h"
#include "report/attachment.h"
#include "report/charset.h"

namespace mailglass::report {

struct Email {
  static constexpr std::size_t kListEntries = 1000;  // addresses, trace fields, references

  std::string from, subject, date, message_id, x_mailer, reply_to, in_reply_to, user_agent;
  std::string content_type;
  std::vector<std::string> to, cc, received, references, dkim_domains;
  Contents contents;
  bool present = false;  // a header field was seen

  // Takes one header field of the message itself (depth 0). The first of a field that must be
  // unique wins (RFC 5322 section 3.6); lists go on in the next field of the same name.
  void take(std::string_view name, std::string_view value, Charsets&, Allowance&, Kept&);
};

}  // namespace mailglass::report
