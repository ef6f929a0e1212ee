// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string_view>

#include "mail/context.h"
#include "mail/discretion.h"
#include "mail/secret_trace.h"
#include "mail/turn.h"

namespace mailglass::mail {

using tally::Mechanism;

// One authentication attempt (RFC 4954, RFC 5034, RFC 1939), from the command that begins it to the
// reply that ends it. Its strings live in a block of the shared pool while it lasts.
class Login {
 public:
  // `name` is the mechanism as sent; `command` the index of the command whose reply will decide.
  // Without a free block the attempt is followed without strings. One still open is reported as of
  // unknown outcome. Returns what may be shown of the name: where a word was forgotten, a secret
  // stands in its place.
  std::string_view begin(Turn& turn, std::string_view name, std::uint32_t command,
                         bool tls_offered);

  // A line of the client that belongs to the exchange: the initial response or a continuation;
  // `cut` when its end was not kept. Returns what may be shown of it; points into `line` or is
  // static.
  std::string_view response(Turn& turn, std::string_view line, bool cut);

  // What the server asks for next, before the response that answers it. LOGIN has no other order;
  // a client that does not wait sends the name first.
  void challenge(std::string_view text);

  // USER, PASS and APOP say things plainly.
  void user(Turn& turn, std::string_view name);
  void secret(Turn& turn, std::string_view secret, bool exposed);

  // What may be shown of words that may hold a secret; replies that repeat it betray it.
  std::string_view withheld(Turn& turn, std::string_view words);

  // The reply that ends the attempt: reports it.
  void end(Turn& turn, tally::LoginOutcome outcome, std::uint16_t code, std::string_view text);
  void abandon(Turn& turn);  // the session ends first
  // Which response the next one is, nobody knows: octets of either side were lost.
  void lose() { name_ = Name::told; }

  bool open() const { return open_; }
  bool exchanges() const {  // lines of an AUTH exchange may come
    return open_ && mechanism_ != Mechanism::user_pass && mechanism_ != Mechanism::apop;
  }
  bool awaits_pass() const {
    return open_ && mechanism_ == Mechanism::user_pass && responses_ == 0;
  }
  // A challenge behind the first response may hold the server's proof, from which a secret can be
  // guessed at as well as from the client's (RFC 2831 rspauth, RFC 5802 server-signature).
  bool proof_follows() const { return open_ && responses_ != 0 && mechanism_ != Mechanism::login; }
  // The same with the reply that says so (RFC 4422 section 3.6: additional data with success).
  bool proves(std::string_view reply) const { return proof_follows() && holds_proof(reply); }
  bool open_for(std::uint32_t command) const { return open_ && command_ == command; }
  bool cancelled() const { return cancelled_; }
  // A reply repeats a secret of this attempt, or of one before it that was not accepted.
  bool betrayed_by(const Turn& turn, std::string_view reply) const {
    return trace_.found_in(turn.context.credentials, reply);
  }
  // PASS, not USER, is what the server checks.
  void decided_by(std::uint32_t command, Tick time) { command_ = command, time_ = time; }
  void release(BlockPool& pool);

 private:
  struct Strings;
  // Of LOGIN: which response names the user.
  enum class Name : std::uint8_t { first, next, later, told };

  static bool holds_proof(std::string_view reply);
  Strings* strings(Turn& turn);
  void trace(Turn& turn, std::string_view secret);
  void decoded(Turn& turn, std::string_view message, bool cut);
  void digest_md5(Turn& turn, std::string_view message);
  void scram(Turn& turn, std::string_view message);
  void ntlm(Turn& turn, std::string_view message, bool cut);
  void malformed(Turn& turn);
  void count(Turn& turn, tally::LoginOutcome outcome) const;

  SecretTrace trace_;
  Tick time_;
  std::uint32_t block_ = kNoSlot;
  std::uint32_t command_ = 0;
  Mechanism mechanism_ = Mechanism::other;
  Name name_ = Name::first;
  std::uint8_t responses_ = 0;
  bool open_ = false;
  bool exposed_ = false;
  bool tls_offered_ = false;
  bool cancelled_ = false;
};

}  // namespace mailglass::mail
