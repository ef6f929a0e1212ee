// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "mail/dots.h"
#include "mail/entity.h"
#include "mail/gather.h"
#include "mail/line_length.h"
#include "mail/mime.h"
#include "mail/turn.h"

namespace mailglass::mail {

// Reads one message (RFC 5322) as it is transferred, by DATA, BDAT, RETR or TOP alike: counts its
// octets, reports the header fields that matter, its own and those of its parts, and lets Mime read
// its body. Keeps no more of it than one header field and Mime's block.
class MessageReader {
 public:
  // `may_be_8bit`: nobody promised that its octets are below 128.
  void begin(tally::Transfer transfer, std::uint32_t tx, std::uint32_t command, bool may_be_8bit);

  // Dot-stuffed transfer. True when the terminating line was taken; `rest` is what follows it.
  bool take_stuffed(Turn& turn, Bytes& rest);
  // BDAT: octets as they are.
  void take_chunk(Turn& turn, Bytes octets);
  void next_chunk() { ++message_.chunks; }

  void lose(Turn& turn, std::uint64_t octets);
  void have_no_lines() { line_length_.have_no_meaning(); }  // BODY=BINARYMIME
  void declare(std::uint64_t octets) { message_.octets_declared = octets; }

  // The transfer is over, `complete` when its end was seen. Reports and counts the message.
  void end(Turn& turn, bool complete);

  bool open() const { return open_; }
  bool damaged() const { return message_.bytes_missing != 0; }
  const tally::Message& message() const { return message_; }

  // Gives back its blocks.
  void release(BlockPool& pool) {
    field_.clear(pool);
    excerpt_.clear(pool);
    if (mime_ != kNoSlot) pool.give_back(mime_);
    mime_ = kNoSlot;
  }

 private:
  enum class Part : std::uint8_t { header, header_end, body };

  void content(Turn& turn, Data& data);
  void read(Turn& turn, Data& data);
  void tell_false_ends(Turn& turn) const;
  void tell(Turn& turn, tally::Anomaly anomaly) const;
  void header(Turn& turn, Bytes& rest);
  void finish_field(Turn& turn);
  void report_field(Turn& turn, std::string_view name, std::string_view value, bool cut);
  void read_field(Turn& turn, std::string_view name, std::string_view value);
  void begin_body(Turn& turn);
  void begin_part(Turn& turn);
  void body(Turn& turn, Data& data);
  void excerpt(Turn& turn, Bytes octets);
  Mime* mime(Turn& turn) const;
  Mime* open_mime(Turn& turn);

  tally::Message message_;
  Dots dots_;
  Gather field_;
  Gather excerpt_;  // the first octets of a plain text, where the operator asked for them
  LineLength line_length_;
  std::uint32_t mime_ = kNoSlot;
  Entity entity_;  // whose header is being read, or was last
  Part part_ = Part::header;
  bool line_start_ = true;
  bool open_ = false;
  bool may_be_8bit_ = true;
};

}  // namespace mailglass::mail
