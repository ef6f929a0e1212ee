// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "mail/dots.h"
#include "mail/gather.h"
#include "mail/turn.h"

namespace mailglass::mail {

// Reads one message (RFC 5322) as it is transferred, by DATA, BDAT, RETR or TOP alike: counts its
// octets and reports the header fields that matter. Keeps no more of it than one header field.
class MessageReader {
 public:
  void begin(tally::Transfer transfer, std::uint32_t tx, std::uint32_t command);

  // Dot-stuffed transfer. True when the terminating line was taken; `rest` is what follows it.
  bool take_stuffed(Turn& turn, Bytes& rest);
  // BDAT: octets as they are.
  void take_chunk(Turn& turn, Bytes octets);
  void next_chunk() { ++message_.chunks; }

  void lose(Turn& turn, std::uint64_t octets);
  void declare(std::uint64_t octets) { message_.octets_declared = octets; }

  // The transfer is over, `complete` when its end was seen. Reports and counts the message.
  void end(Turn& turn, bool complete);

  bool open() const { return open_; }
  bool damaged() const { return message_.bytes_missing != 0; }
  const tally::Message& message() const { return message_; }

  // Gives back its block.
  void release(BlockPool& pool) {
    field_.clear(pool);
    excerpt_.clear(pool);
  }

 private:
  enum class Part : std::uint8_t { header, header_end, body };

  void content(Turn& turn, Bytes octets);
  void tell_false_ends(Turn& turn) const;
  void header(Turn& turn, Bytes& rest);
  void finish_field(Turn& turn);
  void body(Turn& turn, Bytes octets);

  tally::Message message_;
  Dots dots_;
  Gather field_;
  Gather excerpt_;  // the first octets of a plain text, where the operator asked for them
  Part part_ = Part::header;
  bool line_start_ = true;
  bool open_ = false;
  bool plain_ = true;  // no header field says that the body is anything but text as it is
};

}  // namespace mailglass::mail
