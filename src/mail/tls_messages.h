// SPDX-License-Identifier: BSD-3-Clause
// The handshake messages of one direction, taken out of the TLS records that carry them (RFC 8446
// section 5.1; RFC 5246 section 6.2.1 is the same). A message may be spread over several records,
// a record may hold several messages, and both may be cut into segments anywhere.
//
// Of one message kCapacity octets are kept, whatever its length says; of a Certificate only the
// first entry, the sender's own. Memory: at most kBlocks blocks of the shared pool.
#pragma once

#include <array>
#include <string_view>

#include "base/fixed_vector.h"
#include "mail/context.h"

namespace mailglass::mail {

// RFC 8446 section 4, HandshakeType.
enum class TlsType : std::uint8_t {
  hello_request = 0,
  client_hello = 1,
  server_hello = 2,
  certificate = 11,
};

class TlsMessages {
 public:
  static constexpr std::size_t kBlocks = 5;  // each a text of the record in tls.cpp
  static constexpr std::size_t kCapacity = kBlocks * Block::kOctets;
  static_assert(kBlocks <= tally::kMaxTexts);

  enum class Step : std::uint8_t {
    more,       // all octets were taken, and nothing is whole
    message,    // a message is whole, or as much of it as is kept; valid until the next `take`
    alert,      // an alert in clear: `alert`
    other,      // a record of another content type: no more handshake in clear
    malformed,  // not TLS; what follows cannot be read
  };

  // Takes octets from the front of `rest` up to the next step.
  Step take(BlockPool& pool, tally::Counters& counters, Bytes& rest);

  TlsType type() const { return type_; }
  std::uint32_t length() const { return length_; }  // as declared, without the header
  bool cut() const { return cut_; }                 // there was no room for all that is wanted
  // The message's octets, a block's worth each; empty behind the last.
  std::string_view part(const BlockPool& pool, std::size_t index) const;

  // RFC 8446 section 6: level and description.
  std::uint8_t alert_level() const { return alert_[0]; }
  std::uint8_t alert() const { return alert_[1]; }

  void release(BlockPool& pool);

 private:
  Step begin_record();
  Step take_alert(Bytes& part);
  Step take_message(BlockPool& pool, tally::Counters& counters, Bytes& part);
  void begin_message();
  bool append(BlockPool& pool, tally::Counters& counters, Bytes& part);

  std::array<std::uint32_t, kBlocks> block_ = {kNoSlot, kNoSlot, kNoSlot, kNoSlot, kNoSlot};
  FixedVector<std::uint8_t, 5> record_;  // type, version, length
  FixedVector<std::uint8_t, 4> header_;  // type, length
  FixedVector<std::uint8_t, 2> alert_;
  std::uint32_t length_ = 0;
  std::uint32_t wanted_ = 0;  // of it
  std::uint32_t kept_ = 0;
  std::uint32_t skip_ = 0;  // the rest of the message before
  std::uint16_t record_left_ = 0;
  TlsType type_{};
  bool in_alert_ = false;
  bool begun_ = false;
  bool whole_ = false;
  bool cut_ = false;
};

}  // namespace mailglass::mail
