// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>

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

struct Arity {
  std::uint8_t least, most;
};

// How many words a command takes: RFC 1939, RFC 2449, RFC 5034, RFC 6856. A password may hold
// blanks, and so may the names of many servers' users.
Arity arity_of(Pop3Verb verb) {
  switch (verb) {
    case Pop3Verb::USER:
    case Pop3Verb::PASS:
    case Pop3Verb::XTND:
      return {1, 255};
    case Pop3Verb::APOP:
    case Pop3Verb::TOP:
      return {2, 2};
    case Pop3Verb::RETR:
    case Pop3Verb::DELE:
      return {1, 1};
    case Pop3Verb::LIST:
    case Pop3Verb::UIDL:
    case Pop3Verb::LANG:
      return {0, 1};
    case Pop3Verb::AUTH:
      return {0, 2};
    case Pop3Verb::STAT:
    case Pop3Verb::NOOP:
    case Pop3Verb::RSET:
    case Pop3Verb::LAST:
    case Pop3Verb::CAPA:
    case Pop3Verb::STLS:
    case Pop3Verb::UTF8:
    case Pop3Verb::QUIT:
      return {0, 0};
    case Pop3Verb::unknown:
      break;
  }
  return {0, 255};
}

// RFC 1939 sections 4 and 5, RFC 2595 section 4, RFC 6856 section 2: what belongs before a login,
// what behind one. CAPA, LANG and QUIT belong to both.
bool misplaced(Pop3Verb verb, bool authenticated) {
  switch (verb) {
    case Pop3Verb::USER:
    case Pop3Verb::PASS:
    case Pop3Verb::APOP:
    case Pop3Verb::AUTH:
    case Pop3Verb::STLS:
    case Pop3Verb::UTF8:
      return authenticated;
    case Pop3Verb::CAPA:
    case Pop3Verb::LANG:
    case Pop3Verb::QUIT:
    case Pop3Verb::unknown:
      return false;
    default:
      return !authenticated;
  }
}

}  // namespace

void Pop3::data(Turn& turn, Direction direction, Bytes& octets) {
  if (encrypted_) return;
  if (direction == Direction::to_server) {
    client_data(turn, octets);
    line_[0].settle(turn.blocks(), turn.counters());
  } else {
    server_data(turn, octets);
    line_[1].settle(turn.blocks(), turn.counters());
  }
}

void Pop3::client_data(Turn& turn, Bytes& rest) {
  Gather& partial = line_[static_cast<int>(Direction::to_server)];
  Line line;
  if (answers_lost_) catch_up(turn);
  while (!rest.empty() && !encrypted_) {
    if (stls_asked_ && partial.empty() && behind_stls(turn, rest)) return;
    if (!take_line(partial, turn.blocks(), turn.counters(), rest, line)) return;
    client_line(turn, line);
    partial.clear(turn.blocks());
  }
}

// The client goes on although octets of the server were lost: in a lock-step dialogue it has had
// every answer, and the one under way has ended in what was lost.
void Pop3::catch_up(Turn& turn) {
  answers_lost_ = false;
  if (mode_ != Mode::status && pending_.empty()) {
    end_multi_line(turn, false);
    resync_[static_cast<int>(Direction::to_client)] = false;
  } else if (mode_ == Mode::status) {
    pending_.clear(turn.blocks());
  }
}

// Octets behind STLS, its answer not seen. True when they are TLS.
bool Pop3::behind_stls(Turn& turn, Bytes rest) {
  stls_asked_ = false;
  if (turn.in_the_dark(Direction::to_client, damaged_) &&
      rest.front() == kTlsHandshake) {  // else the answer may be a refusal
    seal(turn);
  } else if (!damaged_ && turn.seen(Direction::to_client)) {
    // CVE-2011-0411, in POP3: what a server keeps of this it takes as sent under TLS.
    turn.anomaly(Anomaly::pop3_pipelined_after_stls, Direction::to_server);
  }
  return encrypted_;
}

// RFC 2595 section 4: what follows is not ours to read.
void Pop3::seal(Turn& turn) {
  login_.abandon(turn);
  turn.say(tally::Encrypted{});
  encrypted_ = true;
}

void Pop3::client_line(Turn& turn, const Line& line) {
  constexpr int kSide = static_cast<int>(Direction::to_server);
  // While an AUTH exchange lasts, what is no command belongs to it, also when the challenge it
  // answers was not waited for or not captured.
  const bool in_auth = challenged_ || (login_.exchanges() && !login_.cancelled());
  const Pop3Verb verb = turn.context.scanner.pop3_verb(line.text);
  // The rest of a line whose beginning was lost; or, picked up in the middle, anything.
  const bool stray = resync_[kSide] || (turn.flow.midstream && commands_ == 0);
  resync_[kSide] = false;
  if (stray && verb == Pop3Verb::unknown && !challenged_) return;
  watch_[kSide].look(turn, Direction::to_server, line, in_auth ? kMaxAuthLine : kMaxCommandLine);
  if (in_auth && (challenged_ || verb == Pop3Verb::unknown)) return auth_line(turn, line);
  command(turn, line, verb);
}

void Pop3::command(Turn& turn, const Line& line, Pop3Verb verb) {
  std::string_view argument = as_text(line.text);
  std::string_view word;
  if (verb == Pop3Verb::unknown) {
    word = take_word(argument);
  } else {  // a secret may stand behind the keyword without a blank
    argument = trim(tail(argument, tally::name_of(verb).size()));
  }
  ++commands_;
  turn.counters().add(tally::count_of(verb));
  tally::Command record;
  record.index = commands_;
  record.octets = line.octets;
  record.verb = static_cast<std::uint8_t>(verb);
  record.pipelined = !pending_.empty() || mode_ != Mode::status;
  record.truncated = line.truncated;
  Pending asked{.time = turn.time, .index = commands_, .verb = record.verb};
  asked.argument = !argument.empty();
  const bool fits = judge(turn, verb, argument, record.pipelined);
  if (verb == Pop3Verb::unknown) {
    unknown_command(turn, line);
    // A mistyped PASS, or base64 sent on after a refused AUTH, is a secret all the same.
    const bool login = mentions_login(as_text(line.text)) || begins_login(word);
    const bool odd = login || looks_secret(word);
    login_typed_ = login_typed_ || odd;
    asked.secret =
        (!authenticated_ || login) && turn.context.credentials.policy != CredentialPolicy::reveal;
    if (asked.secret) argument = {};
    if (odd || ((login_tried_ || login_typed_) && !authenticated_)) {
      word = login_.withheld(turn, word);
    }
  } else {
    // Words that do not belong there are a login, perhaps, before which the line was not ended.
    const bool login = verb == Pop3Verb::USER || begins_login(tally::name_of(verb));
    const bool odd = (!fits && !authenticated_) || holds_login(argument);
    if (odd && !login) argument = login_.withheld(turn, argument);
    argument = take_command(turn, line, argument, verb);
  }
  turn.say(record, {argument, word});
  expect(turn, asked);
}

bool Pop3::judge(Turn& turn, Pop3Verb verb, std::string_view argument, bool waiting) {
  const bool certain = turn.seen(Direction::to_client) && !turn.flow.midstream && !damaged_;
  if (certain && !banner_seen_ && !early_told_) {
    early_told_ = true;
    turn.anomaly(Anomaly::pop3_command_before_banner, Direction::to_server);
  }
  if (certain && waiting && capabilities_ && !pipelining_ && !pipelining_told_) {
    pipelining_told_ = true;
    turn.anomaly(Anomaly::pipelining_not_offered, Direction::to_server);
  }
  // Only a client that has read every answer knows where it is.
  if (certain && !waiting && !order_told_ && misplaced(verb, authenticated_)) {
    order_told_ = true;
    turn.anomaly(Anomaly::pop3_bad_sequence, Direction::to_server, tally::name_of(verb));
  }
  const Arity wanted = arity_of(verb);
  std::uint8_t words = 0;
  while (!argument.empty() && words != 255) {
    take_word(argument);
    ++words;
  }
  if (words >= wanted.least && words <= wanted.most) return true;
  turn.anomaly(Anomaly::pop3_wrong_arguments, Direction::to_server, tally::name_of(verb));
  return false;
}

void Pop3::unknown_command(Turn& turn, const Line& line) {
  bool& told = roles_told_[static_cast<int>(Direction::to_server)];
  const auto hints = turn.context.scanner.pop3_reply(line.text);
  if (!hints.has(match::Pop3ReplyHint::ok) && !hints.has(match::Pop3ReplyHint::err)) {
    turn.anomaly(Anomaly::pop3_unknown_command, Direction::to_server);
  } else if (!told) {
    told = true;
    turn.anomaly(Anomaly::client_sends_replies, Direction::to_server);
  }
}

// Does what the command means to us; returns what may be shown of its argument.
std::string_view Pop3::take_command(Turn& turn, const Line& line, std::string_view argument,
                                    Pop3Verb verb) {
  const bool reveal = turn.context.credentials.policy == CredentialPolicy::reveal;
  switch (verb) {
    case Pop3Verb::USER: {
      try_login(turn);
      login_.begin(turn, "USER/PASS", commands_, stls_offered_);
      const auto end = std::find_if(argument.begin(), argument.end(), is_blank_or_control);
      const std::string_view front =
          head(argument, static_cast<std::size_t>(end - argument.begin()));
      const std::string_view more = tail(argument, front.size());
      // Some servers' names hold blanks; some clients send name and secret in one.
      if (login_.withheld(turn, more) != more) argument = redacted_behind(turn, front);
      login_.user(turn, argument);
      return argument;
    }
    case Pop3Verb::PASS:
      try_login(turn);
      if (!login_.awaits_pass()) login_.begin(turn, "USER/PASS", commands_, stls_offered_);
      login_.decided_by(commands_, turn.time);
      login_.secret(turn, argument, true);
      return reveal || argument.empty() ? argument : kRedacted;
    case Pop3Verb::APOP: {
      try_login(turn);
      std::string_view digest = argument;
      std::string_view name = take_word(digest);
      if (digest.empty() || is_digest(name)) {  // which of the two is it?
        name = login_.withheld(turn, name);
      }
      login_.begin(turn, "APOP", commands_, stls_offered_);
      login_.user(turn, name);
      login_.secret(turn, digest, false);
      return reveal ? argument : name;
    }
    case Pop3Verb::AUTH:
      if (argument.empty()) return argument;  // asks for the list of mechanisms
      return begin_auth(turn, line, argument);
    case Pop3Verb::STLS:
      stls_asked_ = true;
      turn.counters().add(Count::pop3_stls_requested);
      return argument;
    default:
      return argument;
  }
}

void Pop3::try_login(Turn& turn) {
  if (stls_offered_ && !login_tried_) {
    turn.anomaly(Anomaly::login_without_offered_tls, Direction::to_server);
  }
  login_tried_ = true;
}

std::string_view Pop3::begin_auth(Turn& turn, const Line& line, std::string_view argument) {
  try_login(turn);
  std::string_view initial = argument;
  const std::string_view named = take_word(initial);
  const std::string_view mechanism = login_.begin(turn, named, commands_, stls_offered_);
  if (initial.empty()) return mechanism;
  const std::string_view shown = login_.response(turn, initial, line.truncated);
  return shown == initial && mechanism == named ? argument : mechanism;
}

void Pop3::auth_line(Turn& turn, const Line& line) {
  if (!challenged_ && turn.in_the_dark(Direction::to_client, damaged_)) login_.lose();
  challenged_ = false;
  tally::Command record;
  record.index = commands_;
  record.octets = line.octets;
  record.verb = static_cast<std::uint8_t>(Pop3Verb::AUTH);
  record.pipelined = !pending_.empty();
  record.continuation = true;
  record.truncated = line.truncated;
  turn.say(record, {login_.response(turn, as_text(line.text), line.truncated), {}});
  Pending asked{.time = turn.time, .index = commands_, .verb = record.verb};
  asked.argument = true;  // it is no request for the list of mechanisms
  expect(turn, asked);
}

void Pop3::expect(Turn& turn, const Pending& asked) {
  if (!turn.seen(Direction::to_client)) return;
  if (pending_.push(turn.blocks(), asked) || overflow_told_) return;
  overflow_told_ = true;
  turn.anomaly(Anomaly::pending_overflow, Direction::to_server);
}

void Pop3::gap(Turn& turn, Direction direction, std::uint64_t octets) {
  if (encrypted_) return;
  turn.say(tally::Gap{octets, direction});
  const auto side = static_cast<int>(direction);
  line_[side].clear(turn.blocks());
  resync_[side] = damaged_ = true;
  if (direction == Direction::to_server) {
    challenged_ = false;  // its answer may be what was lost
    login_.lose();
    return;
  }
  banner_seen_ = true;
  answers_lost_ = true;
  if (mode_ == Mode::message) {
    message_.lose(turn, octets);
    resync_[side] = false;
  }
  if (mode_ != Mode::status) return;
  // If the server goes on, all but the newest command have been answered: as good a guess as any.
  lost_octets_ = octets;
  bool known;
  while (pending_.size() > 1) pending_.pop(turn.blocks(), known);
}

void Pop3::close(Turn& turn, tally::CloseReason) {
  if (!encrypted_ && mode_ != Mode::status) end_multi_line(turn, false);
  login_.abandon(turn);
  message_.release(turn.blocks());
  login_.release(turn.blocks());
  pending_.clear(turn.blocks());
  for (Gather& line : line_) line.clear(turn.blocks());
}

}  // namespace mailglass::mail
