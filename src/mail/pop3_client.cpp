// SPDX-License-Identifier: BSD-3-Clause
#include "mail/pop3.h"
#include "mail/words.h"

namespace mailglass::mail {

using tally::Anomaly;
using tally::Count;
using tally::Direction;
using tally::Pop3Verb;

namespace {

constexpr std::uint32_t kMaxCommandLine = 255;  // RFC 2449 section 4, with the line end
constexpr std::uint32_t kMaxAuthLine = 12288;

}  // namespace

void Pop3::data(Turn& turn, Direction direction, Bytes octets) {
  if (encrypted_) return;
  if (direction == Direction::to_server) {
    client_data(turn, octets);
    line_[0].settle(turn.blocks(), turn.counters());
  } else {
    server_data(turn, octets);
    line_[1].settle(turn.blocks(), turn.counters());
  }
}

void Pop3::client_data(Turn& turn, Bytes rest) {
  Gather& partial = line_[static_cast<int>(Direction::to_server)];
  Line line;
  while (!rest.empty() && !encrypted_) {
    if (stls_asked_ && rest.front() == 22) {  // a TLS handshake: STLS was answered unseen
      encrypted_ = true;
      return turn.say(tally::Encrypted{});
    }
    if (!take_line(partial, turn.blocks(), turn.counters(), rest, line)) return;
    client_line(turn, line);
    partial.clear(turn.blocks());
  }
}

void Pop3::client_line(Turn& turn, const Line& line) {
  constexpr int kSide = static_cast<int>(Direction::to_server);
  const bool in_auth =
      challenged_ || (login_.open() && !turn.seen(Direction::to_client) && !login_.cancelled());
  const Pop3Verb verb = turn.context.scanner.pop3_verb(line.text);
  if (resync_[kSide]) {
    resync_[kSide] = false;
    if (verb == Pop3Verb::unknown) return;
  }
  if (line.bare_lf && !bare_lf_told_[kSide]) {
    bare_lf_told_[kSide] = true;
    turn.anomaly(Anomaly::line_bare_lf, Direction::to_server);
  }
  if (line.octets > (in_auth ? kMaxAuthLine : kMaxCommandLine) && !long_line_told_[kSide]) {
    long_line_told_[kSide] = true;
    turn.anomaly(Anomaly::line_too_long, Direction::to_server);
  }
  if (in_auth && (challenged_ || verb == Pop3Verb::unknown)) return auth_line(turn, line);

  std::string_view shown = as_text(line.text);
  const std::string_view word = take_word(shown);
  ++commands_;
  turn.counters().add(tally::count_of(verb));
  tally::Command record;
  record.index = commands_;
  record.octets = line.octets;
  record.verb = static_cast<std::uint8_t>(verb);
  record.pipelined = !pending_.empty();
  record.truncated = line.truncated;
  Pending asked{.time = turn.time, .index = commands_, .verb = record.verb};
  asked.argument = shown.empty() ? 0 : 1;
  const bool secret = verb == Pop3Verb::unknown && login_tried_ && !authenticated_ &&
                      turn.context.credentials.policy != CredentialPolicy::reveal;
  if (verb == Pop3Verb::unknown) turn.anomaly(Anomaly::pop3_unknown_command, Direction::to_server);
  const std::string_view argument = take_command(turn, shown, verb);
  // A mistyped PASS, or base64 sent on after a refused AUTH, is a secret all the same.
  turn.say(record, {secret ? std::string_view{} : argument, secret ? kRedacted
                                                            : verb == Pop3Verb::unknown
                                                                ? word
                                                                : std::string_view{}});
  expect(turn, asked);
}

// Does what the command means to us; returns what may be shown of its argument.
std::string_view Pop3::take_command(Turn& turn, std::string_view argument, Pop3Verb verb) {
  const bool reveal = turn.context.credentials.policy == CredentialPolicy::reveal;
  switch (verb) {
    case Pop3Verb::USER:
      login_tried_ = true;
      login_.begin(turn, "USER/PASS", stls_offered_);
      login_.user(turn, argument);
      return argument;
    case Pop3Verb::PASS:
      login_tried_ = true;
      if (!login_.open()) login_.begin(turn, "USER/PASS", stls_offered_);
      login_.restart_clock(turn.time);
      login_.secret(turn, argument, true);
      return reveal || argument.empty() ? argument : kRedacted;
    case Pop3Verb::APOP: {
      login_tried_ = true;
      std::string_view digest = argument;
      const std::string_view name = take_word(digest);
      login_.begin(turn, "APOP", stls_offered_);
      login_.user(turn, name);
      login_.secret(turn, digest, false);
      return reveal ? argument : name;
    }
    case Pop3Verb::AUTH:
      if (argument.empty()) return argument;  // asks for the list of mechanisms
      return begin_auth(turn, argument);
    case Pop3Verb::STLS:
      stls_asked_ = true;
      turn.counters().add(Count::pop3_stls_requested);
      return argument;
    default:
      return argument;
  }
}

std::string_view Pop3::begin_auth(Turn& turn, std::string_view argument) {
  login_tried_ = true;
  std::string_view initial = argument;
  const std::string_view mechanism = take_word(initial);
  login_.begin(turn, mechanism, stls_offered_);
  if (initial.empty()) return mechanism;
  const std::string_view shown = login_.response(turn, initial);
  return shown == initial ? argument : mechanism;
}

void Pop3::auth_line(Turn& turn, const Line& line) {
  challenged_ = false;
  tally::Command record;
  record.index = commands_;
  record.octets = line.octets;
  record.verb = static_cast<std::uint8_t>(Pop3Verb::AUTH);
  record.continuation = true;
  record.truncated = line.truncated;
  turn.say(record, {login_.response(turn, as_text(line.text)), {}});
  expect(turn, {
                   .time = turn.time,
                   .index = commands_,
                   .verb = record.verb,
               });
}

void Pop3::expect(Turn& turn, const Pending& asked) {
  if (!turn.seen(Direction::to_client)) return;
  if (!pending_.push(turn.blocks(), asked)) {
    turn.anomaly(Anomaly::pending_overflow, Direction::to_server);
  }
}

void Pop3::gap(Turn& turn, Direction direction, std::uint64_t octets) {
  if (encrypted_) return;
  turn.say(tally::Gap{octets, direction});
  const auto side = static_cast<int>(direction);
  line_[side].clear(turn.blocks());
  damaged_ = true;
  if (direction == Direction::to_server || mode_ == Mode::status) {
    resync_[side] = true;
    bool known;
    while (direction == Direction::to_client && pending_.size() > 1) {
      pending_.pop(turn.blocks(), known);
    }
    return;
  }
  if (mode_ == Mode::message) return message_.lose(turn, octets);
  resync_[side] = true;
}

void Pop3::close(Turn& turn, tally::CloseReason) {
  if (!encrypted_) {
    if (mode_ != Mode::status) end_multi_line(turn, false);
    login_.abandon(turn);
  }
  message_.release(turn.blocks());
  login_.release(turn.blocks());
  pending_.clear(turn.blocks());
  for (Gather& line : line_) line.clear(turn.blocks());
}

}  // namespace mailglass::mail
