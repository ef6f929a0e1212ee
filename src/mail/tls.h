// SPDX-License-Identifier: BSD-3-Clause
// The part of a TLS handshake that is sent in clear: the client's hello, the server's, and up to
// TLS 1.2 the server's certificate (RFC 8446 section 4.1, RFC 5246 section 7.4). They go to the
// reporter as they are; here only the version the server chose is read. After them nothing is.
#pragma once

#include "mail/tls_messages.h"
#include "mail/turn.h"

namespace mailglass::mail {

class Tls {
 public:
  // Octets of both sides after which a handshake that gets nowhere is given up.
  static constexpr std::uint32_t kPatience = 65536;

  // TLS from a connection's first octet. `certain`: no octets were lost before it.
  Tls() = default;
  // TLS after so many commands and transactions in clear.
  Tls(std::uint32_t commands, std::uint32_t transactions, bool certain)
      : commands_(commands), transactions_(transactions), certain_(certain) {}

  void data(Turn& turn, tally::Direction direction, Bytes octets);
  void gap(Turn& turn, tally::Direction direction, std::uint64_t octets);
  void close(Turn& turn, tally::CloseReason reason);

  bool done() const { return done_; }  // nothing more can be read
  std::uint32_t commands() const { return commands_; }
  std::uint32_t transactions() const { return transactions_; }

 private:
  void step(Turn& turn, tally::Direction direction, TlsMessages::Step step);
  void client_message(Turn& turn);
  void server_message(Turn& turn);
  void alert(Turn& turn, tally::Direction direction);
  void malformed(Turn& turn, tally::Direction direction);
  void say(Turn& turn, tally::Direction direction);
  void end(Turn& turn);

  TlsMessages side_[2];  // by Direction
  std::uint32_t commands_ = 0, transactions_ = 0;
  std::uint32_t octets_ = 0;
  std::uint16_t version_ = 0;  // as the server chose; 0 before its hello
  bool certain_ = true;
  bool client_is_mute_ = false;  // its hello was read, or is lost
  bool server_hello_ = false;
  bool done_ = false;
};

}  // namespace mailglass::mail
