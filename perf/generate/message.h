// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "corpus.h"
#include "people.h"
#include "record.h"

namespace mailglass::generate {

// An RFC 5322 message as it travels: lines end with CRLF, dots are stuffed, the final "." line is
// not part of it.
struct Message {
  Payload wire;
  MessageRecord record;
};

struct MessageWish {
  Person from;
  std::vector<std::string> to;  // mailboxes
  // Trace fields already there (RFC 5321 section 4.4), complete with CRLF; may be empty.
  std::string trace;
  std::uint64_t time_us = 0;  // of the Date field, since 1970
  double attachments = 0.0;   // share
  std::uint64_t mean_body = 0;
};

Message write_message(const MessageWish& wish, const Corpus& corpus, Random& random);

// RFC 5322 section 3.3: "Mon, 05 Jan 2026 08:00:00 +0000".
std::string date_time(std::uint64_t time_us);

}  // namespace mailglass::generate
