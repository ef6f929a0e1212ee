// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "mail/turn.h"

namespace mailglass::mail {

// Finds absolute URLs (RFC 3986; http, https, ftp) in decoded text or HTML, cut anywhere, and
// reports each once a message. A URL ends at a blank, a control, a quote or an angle bracket; the
// punctuation that closes a sentence behind it is not of it.
class UrlFinder {
 public:
  static constexpr std::size_t kOctets = 384;  // of one URL, the rest is cut
  static constexpr std::size_t kUrls = 32;     // of a message: the most that is remembered

  void begin_part() { recent_ = 0, length_ = 0; }
  void take(Turn& turn, const tally::Message& message, Bytes text);
  // The part ends, or octets of it were lost.
  void end_part(Turn& turn, const tally::Message& message, bool lost);

 private:
  bool begins();
  Bytes skip(Bytes text);
  Bytes capture(Turn& turn, const tally::Message& message, Bytes text);
  void report(Turn& turn, const tally::Message& message, bool cut);

  std::uint64_t recent_ = 0;  // the last eight octets, the very last lowest
  std::uint16_t length_ = 0;  // of the URL being read; 0: none
  std::uint8_t seen_ = 0;
  bool cut_ = false;
  std::uint32_t hash_[kUrls];  // keyed, so that nobody can hide one URL behind another
  std::uint8_t url_[kOctets];
};

}  // namespace mailglass::mail
