// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string_view>

#include "mail/context.h"
#include "mail/turn.h"

namespace mailglass::mail {

enum class Mechanism : std::uint8_t {
  user_pass,  // POP3 USER and PASS
  apop,
  login,
  plain,
  cram_md5,
  digest_md5,
  scram,
  bearer,  // XOAUTH2, OAUTHBEARER
  other,
};

// What stands in place of a secret.
constexpr std::string_view kRedacted = "***";

// One authentication attempt (RFC 4954, RFC 5034, RFC 1939), from the command that begins it to the
// reply that ends it. Its strings live in a block of the shared pool while it lasts.
class Login {
 public:
  // `name` is the mechanism as sent. Without a free block the attempt is followed without strings.
  void begin(Turn& turn, std::string_view name, bool tls_offered);

  // A line of the client that belongs to the exchange: the initial response or a continuation.
  // Returns what may be shown of it; points into `line` or is static.
  std::string_view response(Turn& turn, std::string_view line);

  // USER, PASS and APOP say things plainly.
  void user(Turn& turn, std::string_view name);
  void secret(Turn& turn, std::string_view secret, bool exposed);

  // The reply that ends the attempt: reports it.
  void end(Turn& turn, tally::LoginOutcome outcome, std::uint16_t code, std::string_view text);
  void abandon(Turn& turn);  // the session ends first

  bool open() const { return open_; }
  bool cancelled() const { return cancelled_; }
  void restart_clock(Tick time) { time_ = time; }  // PASS, not USER, is what the server checks
  void release(BlockPool& pool);

 private:
  struct Strings;

  Strings* strings(Turn& turn);
  void decoded(Turn& turn, std::string_view message);
  void count(Turn& turn, tally::LoginOutcome outcome) const;

  Tick time_;
  std::uint32_t block_ = kNoSlot;
  Mechanism mechanism_ = Mechanism::other;
  std::uint8_t responses_ = 0;
  bool open_ = false;
  bool exposed_ = false;
  bool tls_offered_ = false;
  bool cancelled_ = false;
};

}  // namespace mailglass::mail
