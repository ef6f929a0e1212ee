// SPDX-License-Identifier: BSD-3-Clause
// AUTH (RFC 4954): its lines, its replies, and what may be shown of either.
#include "mail/smtp.h"
#include "mail/words.h"

namespace mailglass::mail {

using tally::Anomaly;
using tally::Direction;
using tally::LoginOutcome;
using tally::SmtpVerb;

void Smtp::auth_line(Turn& turn, const Line& line) {
  if (!challenged_ && turn.in_the_dark(Direction::to_client, damaged_)) login_.lose();
  challenged_ = false;
  tally::Command record;
  record.index = commands_;
  record.octets = line.octets;
  record.verb = static_cast<std::uint8_t>(SmtpVerb::AUTH);
  record.pipelined = !pending_.empty();
  record.continuation = true;
  record.truncated = line.truncated;
  turn.say(record, {login_.response(turn, as_text(line.text), line.truncated), {}});
  expect(turn, {.time = turn.time, .index = commands_, .verb = record.verb, .secret = true});
}

std::string_view Smtp::begin_auth(Turn& turn, const Line& line, std::string_view argument) {
  if (starttls_offered_ && !auth_seen_) {
    turn.anomaly(Anomaly::login_without_offered_tls, Direction::to_server);
  }
  auth_seen_ = true;
  std::string_view initial = argument;
  const std::string_view named = take_word(initial);
  const std::string_view mechanism = login_.begin(turn, named, commands_, starttls_offered_);
  if (initial.empty()) return mechanism;
  const std::string_view shown = login_.response(turn, initial, line.truncated);
  if (shown == initial && mechanism == named) return argument;
  return redacted_behind(turn, mechanism);
}

// A line that is no command. Base64 sent on after a refused AUTH looks so; it may be the password.
bool Smtp::may_be_secret(Turn& turn, const Line& line) {
  login_typed_ = login_typed_ || mentions_login(as_text(line.text));
  return turn.context.credentials.policy != CredentialPolicy::reveal &&
         (auth_seen_ || damaged_ || login_typed_);
}

// Whether the text may hold a secret, or what betrays one.
bool Smtp::hides_text(Turn& turn, const Pending& asked, std::uint16_t code,
                      std::string_view text) const {
  if (turn.context.credentials.policy == CredentialPolicy::reveal) return false;
  if (login_.betrayed_by(turn, text)) return true;
  if (code == 334) return login_.proof_follows() || !asked.secret;
  // "501 cannot decode ...": servers repeat it, and what they repeat may not have been captured.
  if (login_.proves(text)) return true;
  const bool misread = code / 10 == 50;
  if (asked.secret && misread) return true;
  return (misread || code / 10 == 53) && turn.in_the_dark(Direction::to_server, damaged_) &&
         (mentions_login(text) || may_quote_secret(text));
}

void Smtp::answer_auth(Turn& turn, const ReplyView& view, const Pending& asked) {
  // A client that does not wait has sent its response already.
  challenged_ = view.code == 334 && pending_.empty();
  if (challenged_) login_.challenge(view.text);
  if (view.code == 334 || !login_.open_for(asked.index)) return;
  login_.end(turn, positive(view.code) ? LoginOutcome::success : LoginOutcome::failure, view.code,
             view.text);
}

}  // namespace mailglass::mail
