// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "mail/entity.h"
#include "mail/transfer_decoder.h"
#include "mail/url_finder.h"

namespace mailglass::mail {

// Reads the body of one part that holds no other: counts it, keeps an attachment's first octets,
// computes its digests, looks for URLs in text. Decodes no more than these ask for.
class PartReader {
 public:
  void begin(Turn& turn, const Entity& entity, std::uint32_t part, std::uint8_t depth);
  void take(Turn& turn, const tally::Message& message, Bytes octets);
  void lose(Turn& turn, const tally::Message& message);
  // The part is over; `complete` when its end was seen. Reports an attachment.
  void end(Turn& turn, const tally::Message& message, bool complete);

  bool open() const { return open_; }
  // What the decoder could not make sense of: told once a message, by the owner.
  bool invalid_base64() const { return invalid(tally::Encoding::base64); }
  bool invalid_quoted_printable() const { return invalid(tally::Encoding::quoted_printable); }
  bool invalid_uuencode() const { return invalid(tally::Encoding::uuencode); }

 private:
  void drop_digest(Turn& turn);
  void decoded(Turn& turn, const tally::Message& message, Bytes octets);
  bool invalid(tally::Encoding encoding) const {
    return part_.encoding == encoding && decoder_.invalid();
  }

  tally::Part part_;
  TransferDecoder decoder_;
  std::uint32_t digest_ = kNoSlot;
  std::uint16_t kept_ = 0;
  bool open_ = false;
  bool attachment_ = false;
  bool text_ = false;  // URLs are looked for
  UrlFinder urls_;
  std::uint8_t first_[tally::kFirstOctets];
};

}  // namespace mailglass::mail
