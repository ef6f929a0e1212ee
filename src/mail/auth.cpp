// SPDX-License-Identifier: BSD-3-Clause
#include "mail/auth.h"

#include <algorithm>
#include <limits>

#include "base/siphash.h"
#include "mail/base64.h"
#include "mail/ntlm.h"
#include "mail/sasl.h"
#include "mail/words.h"

namespace mailglass::mail {
namespace {

using tally::Anomaly;
using tally::Count;
using tally::Direction;
using tally::LoginOutcome;

template <std::size_t kCapacity>
struct ShortText {
  std::uint16_t size = 0;
  char octet[kCapacity];

  void set(std::string_view text) {
    size = static_cast<std::uint16_t>(std::min(text.size(), kCapacity));
    if (size != 0) std::memcpy(octet, text.data(), size);  // of an empty view it may be null
  }
  std::string_view view() const { return {octet, size}; }
};

bool has_word_part(std::string_view text, std::string_view part) {
  for (std::size_t at = 0; at + part.size() <= text.size(); ++at) {
    if (starts_with_word(tail(text, at), part)) return true;
  }
  return false;
}

}  // namespace

struct Login::Strings {
  ShortText<24> mechanism;
  ShortText<320> user;  // RFC 5321's longest mailbox is 254 octets
  ShortText<320> authzid;
  ShortText<128> domain, workstation;  // NTLM
  ShortText<1024> secret;              // longer tokens are cut; under redact it stays empty
};
static_assert(std::is_trivially_copyable_v<tally::Login>);

Login::Strings* Login::strings(Turn& turn) {
  static_assert(sizeof(Strings) <= Block::kOctets);
  if (block_ == kNoSlot) {
    block_ = turn.blocks().take();
    if (block_ == kNoSlot) return turn.counters().add(Count::lines_refused_blocks), nullptr;
    new (turn.blocks()[block_].octet) Strings;
  }
  return reinterpret_cast<Strings*>(turn.blocks()[block_].octet);
}

std::string_view Login::begin(Turn& turn, std::string_view name, std::uint32_t command,
                              bool tls_offered) {
  abandon(turn);
  mechanism_ = mechanism_of(name);
  command_ = command;
  time_ = turn.time;
  open_ = true;
  tls_offered_ = tls_offered;
  const bool reveal = turn.context.credentials.policy == CredentialPolicy::reveal;
  if (mechanism_ == Mechanism::other && !is_sasl_name(name) && !reveal) {
    trace(turn, name);
    name = kRedacted;
  }
  if (Strings* s = strings(turn)) s->mechanism.set(name);
  return name;
}

bool Login::holds_proof(std::string_view reply) {
  std::uint8_t buffer[Block::kOctets];
  while (!reply.empty()) {
    const std::string_view word = take_word(reply);
    const auto message = decode_base64(as_bytes(word), buffer);
    const std::string_view said = message ? as_text(Bytes(*message)) : word;
    if (said.starts_with("v=") || said.starts_with("rspauth=")) return true;
  }
  return false;
}

void Login::user(Turn& turn, std::string_view name) {
  if (Strings* s = strings(turn)) s->user.set(name);
}

void Login::secret(Turn& turn, std::string_view secret, bool exposed) {
  exposed_ = exposed_ || exposed;
  if (mechanism_ == Mechanism::user_pass) responses_ = 1;
  trace(turn, secret);
  // A redacted secret is not even kept: no dump of this process can hold it here.
  if (turn.context.credentials.policy == CredentialPolicy::redact) return;
  if (Strings* s = strings(turn)) s->secret.set(secret);
}

void Login::trace(Turn& turn, std::string_view secret) {
  if (turn.context.credentials.policy == CredentialPolicy::reveal) return;
  trace_.add(turn.context.credentials, secret);
}

std::string_view Login::withheld(Turn& turn, std::string_view words) {
  if (words.empty() || turn.context.credentials.policy == CredentialPolicy::reveal) return words;
  trace(turn, words);
  return kRedacted;
}

// "Username:" and "User Name" by all clients' expectation, in base64 or, by mistake, as they are.
// What asks for nothing that names anyone is taken to ask for the secret.
void Login::challenge(std::string_view text) {
  text = trim(text);
  if (mechanism_ != Mechanism::login || name_ == Name::told || text.empty()) return;
  std::uint8_t buffer[64];
  const auto message = decode_base64(as_bytes(text), buffer);
  if (message) text = as_text(Bytes(*message));
  const bool secret = has_word_part(text, "pass"), user = has_word_part(text, "user");
  const bool first =
      responses_ == 0 && (has_word_part(text, "name") || has_word_part(text, "login"));
  // Only behind a password that was asked for as such may the name still come.
  const Name other = secret && responses_ == 0 ? Name::later : Name::told;
  const bool may = responses_ == 0 || name_ == Name::later;
  name_ = !secret && may && (user || first) ? Name::next : other;
}

std::string_view Login::response(Turn& turn, std::string_view line, bool cut) {
  const std::string_view text = trim(line);
  if (responses_ != 255) ++responses_;  // must not come round to the response that may be shown
  if (text == "*") {                    // RFC 4954 section 4: the client cancels
    cancelled_ = true;
    return text;
  }
  if (text == "=" || text.empty()) return text;  // an empty response
  const bool names_user = mechanism_ == Mechanism::login &&
                          (name_ == Name::next || (name_ == Name::first && responses_ == 1));
  if (names_user) name_ = Name::told;
  std::uint8_t buffer[Block::kOctets];
  // A token may be longer than what is kept of a line; its front says who comes.
  const std::string_view whole = cut ? head(text, text.size() / 4 * 4) : text;
  const auto message = decode_base64(as_bytes(whole), buffer);
  const bool named = names_user && message && names_somebody(as_text(Bytes(*message)));
  if (named) {
    user(turn, as_text(Bytes(*message)));
  } else if (message) {
    decoded(turn, as_text(Bytes(*message)), cut);
  } else {
    turn.anomaly(Anomaly::auth_malformed, Direction::to_server, "a response that is not base64");
  }
  if (turn.context.credentials.policy == CredentialPolicy::reveal) return text;
  if (named) return text;
  trace(turn, text);
  return kRedacted;
}

// What the response means to the mechanism.
void Login::decoded(Turn& turn, std::string_view message, bool cut) {
  switch (mechanism_) {
    case Mechanism::login:
      return secret(turn, message, true);
    case Mechanism::plain: {  // RFC 4616: authzid NUL authcid NUL passwd
      const std::size_t first = message.find('\0');
      const std::size_t second =
          first == std::string_view::npos ? first : message.find('\0', first + 1);
      if (second == std::string_view::npos) break;
      // Fields out of place: nobody knows which of them is the password.
      if (second + 1 == message.size() || tail(message, second + 1).find('\0') != message.npos) {
        secret(turn, message, true);
        break;
      }
      if (Strings* s = strings(turn)) s->authzid.set(head(message, first));
      user(turn, head(tail(message, first + 1), second - first - 1));
      return secret(turn, tail(message, second + 1), true);
    }
    case Mechanism::cram_md5: {  // RFC 2195: user SP digest
      const std::size_t space = message.rfind(' ');
      if (space == std::string_view::npos) break;
      if (message.size() - space != 33 || !names_somebody(head(message, space))) break;
      user(turn, head(message, space));
      return secret(turn, tail(message, space + 1), false);
    }
    case Mechanism::digest_md5:  // RFC 2831 section 2.1.2; behind it comes an empty response
      if (responses_ != 1) return;
      return digest_md5(turn, message);
    case Mechanism::scram:
      if (responses_ != 1) return;  // the proof
      return scram(turn, message);
    case Mechanism::ntlm:
      return ntlm(turn, message, cut);
    case Mechanism::external:  // RFC 4422 appendix A: who the client wants to be, if it says so
      if (message.find('\0') != std::string_view::npos) break;  // PLAIN's, by mistake
      return user(turn, message);
    case Mechanism::bearer: {  // user=NAME^Aauth=Bearer TOKEN^A^A, or RFC 7628's n,a=NAME,^A...
      // RFC 7628 section 3.2.3: what answers the error that a token has met.
      if (responses_ > 1 && message == "\x01") return;
      std::string_view name = value_of(message, "user=", '\x01');
      if (name.empty()) name = value_of(value_of(message, "n,", '\x01'), "a=", ',');
      const std::string_view token = value_of(message, "auth=", '\x01');
      if (token.empty()) break;
      user(turn, name);
      return secret(turn, token, true);
    }
    case Mechanism::user_pass:
    case Mechanism::apop:
    case Mechanism::gssapi:  // RFC 4752: opaque
    case Mechanism::other:
      return;
  }
  malformed(turn);
}

void Login::digest_md5(Turn& turn, std::string_view message) {
  char name[320], authzid[320];
  const auto user_name = directive(message, "username", name);
  if (!user_name) return malformed(turn);
  user(turn, *user_name);
  const auto other = directive(message, "authzid", authzid);
  if (other && block_ != kNoSlot) strings(turn)->authzid.set(*other);
}

// RFC 5802 section 7: gs2-cbind-flag "," [ "a=" authzid ] "," "n=" user "," "r=" nonce, where "=2C"
// and "=3D" stand for a comma and an equals sign.
void Login::scram(Turn& turn, std::string_view message) {
  const std::size_t first = message.find(',');
  const std::size_t second = first == std::string_view::npos ? first : message.find(',', first + 1);
  if (second == std::string_view::npos || !tail(message, second + 1).starts_with("n=")) {
    return malformed(turn);
  }
  char buffer[320];
  std::string_view authzid = head(tail(message, first + 1), second - first - 1);
  if (authzid.starts_with("a=") && block_ != kNoSlot) {
    strings(turn)->authzid.set(saslname(tail(authzid, 2), buffer));
  }
  user(turn, saslname(value_of(tail(message, second + 1), "n=", ','), buffer));
}

// Its first response names nobody for certain; the last one, whose front may be all that was kept,
// says who comes. What it proves itself with is no secret in clear.
void Login::ntlm(Turn& turn, std::string_view message, bool cut) {
  const auto names = read_ntlm_authenticate(as_bytes(message));
  if (!names) {
    if (!message.starts_with(std::string_view("NTLMSSP\0", 8)) && !cut) malformed(turn);
    return;
  }
  Strings* s = strings(turn);
  if (s == nullptr) return;
  char text[320];
  s->user.set(ntlm_text(names->user, names->utf16, text));
  s->domain.set(ntlm_text(names->domain, names->utf16, text));
  s->workstation.set(ntlm_text(names->workstation, names->utf16, text));
}

void Login::malformed(Turn& turn) {
  turn.anomaly(Anomaly::auth_malformed, Direction::to_server,
               "a response that lacks the mechanism's fields");
}

void Login::count(Turn& turn, LoginOutcome outcome) const {
  const bool pop3 = turn.voice.protocol == tally::Protocol::pop3;
  switch (outcome) {
    case LoginOutcome::success:
      turn.counters().add(pop3 ? Count::logins_pop3_success : Count::logins_smtp_success);
      break;
    case LoginOutcome::failure:
      turn.counters().add(pop3 ? Count::logins_pop3_failure : Count::logins_smtp_failure);
      break;
    case LoginOutcome::unknown:
      turn.counters().add(pop3 ? Count::logins_pop3_unknown : Count::logins_smtp_unknown);
      break;
  }
  turn.counters().add(tally::count_of(mechanism_, static_cast<unsigned>(outcome), exposed_));
  if (exposed_) turn.counters().add(pop3 ? Count::logins_exposed_pop3 : Count::logins_exposed_smtp);
}

void Login::end(Turn& turn, LoginOutcome outcome, std::uint16_t code, std::string_view text) {
  static constexpr Strings kNone{};
  const Strings* s = block_ == kNoSlot ? &kNone : strings(turn);
  tally::Login login;
  login.latency_us = static_cast<std::uint32_t>(
      std::min<std::uint64_t>(turn.time.since(time_), std::numeric_limits<std::uint32_t>::max()));
  login.code = code;
  login.outcome = outcome;
  login.exposed = exposed_;
  login.tls_offered = tls_offered_;

  std::string_view secret = s->secret.view();
  char hex[32];
  if (turn.context.credentials.policy == CredentialPolicy::hash && !secret.empty()) {
    static constexpr char kDigits[] = "0123456789abcdef";
    const auto hash = siphash128(turn.context.credentials.key, as_bytes(secret));
    for (std::size_t i = 0; i < hash.size(); ++i) {
      hex[2 * i] = kDigits[hash[i] >> 4];
      hex[2 * i + 1] = kDigits[hash[i] & 15];
    }
    secret = {hex, sizeof hex};
    login.hashed = true;
  }
  turn.say(login, {s->mechanism.view(), s->user.view(), s->authzid.view(), secret, text,
                   s->domain.view(), s->workstation.view()});
  count(turn, outcome);
  if (outcome == LoginOutcome::success) trace_.forget();
  release(turn.blocks());
}

void Login::abandon(Turn& turn) {
  if (open_) end(turn, LoginOutcome::unknown, 0, {});
  release(turn.blocks());
}

void Login::release(BlockPool& pool) {
  if (block_ != kNoSlot) {
    // The block goes back to a pool that lends it for other text: the secret must not go with it.
    std::memset(pool[block_].octet, 0, sizeof(Strings));
    pool.give_back(block_);
  }
  const SecretTrace trace = trace_;  // the next reply may still repeat it
  *this = Login{};
  trace_ = trace;
}

}  // namespace mailglass::mail
