// SPDX-License-Identifier: BSD-3-Clause
// The client's side: command lines, AUTH lines, message content.
#include <algorithm>
#include <limits>

#include "mail/smtp.h"
#include "mail/words.h"

namespace mailglass::mail {

using tally::Anomaly;
using tally::Count;
using tally::Direction;
using tally::Phase;
using tally::SmtpVerb;
using tally::Transfer;

namespace {

// RFC 5321 section 4.5.3.1.4, and RFC 4954 section 4 for lines of an AUTH exchange.
constexpr std::uint32_t kMaxCommandLine = 512;
constexpr std::uint32_t kMaxAuthLine = 12288;

bool greets(SmtpVerb verb) {
  return verb == SmtpVerb::HELO || verb == SmtpVerb::EHLO || verb == SmtpVerb::LHLO;
}

// A greeting, MAIL or RCPT as RFC 5321 has them: whatever the answer, it is not 500 or 502. To
// lines that are too long, or not of US-ASCII, it may be.
bool known_to_all(const match::Scanner& scanner, const Line& line) {
  const auto plain = [](std::uint8_t octet) { return octet >= ' ' && octet <= '~'; };
  const auto hints = scanner.protocol(line.text);
  return (hints.has(match::ProtocolHint::smtp_greeting) ||
          hints.has(match::ProtocolHint::smtp_command)) &&
         scanner.smtp_verb(line.text) != SmtpVerb::BDAT && line.octets <= kMaxCommandLine &&
         std::all_of(line.text.begin(), line.text.end(), plain);
}

// What a command line shows besides its verb. "MAIL FROM:" and "RCPT TO:" keep their keyword.
std::string_view argument_of(std::string_view line, SmtpVerb verb) {
  if (verb == SmtpVerb::unknown) {
    take_word(line);
    return line;
  }
  const std::size_t word = tally::name_of(verb).size();
  return line.size() > word ? trim(tail(line, word)) : std::string_view{};
}

}  // namespace

void Smtp::data(Turn& turn, Direction direction, Bytes& octets) {
  if (encrypted_) return;
  if (direction == Direction::to_server) {
    client_data(turn, octets);
    line_[0].settle(turn.blocks(), turn.counters());
  } else {
    server_data(turn, octets);
    line_[1].settle(turn.blocks(), turn.counters());
  }
}

void Smtp::client_data(Turn& turn, Bytes& rest) {
  if (replies_lost_) drop_answered(turn);
  while (!rest.empty() && !encrypted_) {
    switch (mode_) {
      case Mode::data_asked:
        if (refusals_lost_ && begins_with_command(turn, rest)) {
          mode_ = Mode::command;  // DATA was refused, and the refusal lost
          break;
        }
        // RFC 2920 section 3.1: DATA ends a pipelined group, so octets before its answer are
        // illegal; a one-sided capture never shows the answer. Either way they are the message.
        if (turn.seen(Direction::to_client) && !damaged_) {
          turn.anomaly(Anomaly::smtp_pipelined_after_data, Direction::to_server, {}, current_.tx);
        }
        mode_ = Mode::content;
        begin_message(turn, Transfer::data, current_.tx, commands_);
        break;
      case Mode::content:
        take_content(turn, rest);
        break;
      case Mode::chunk:
        take_chunk(turn, rest);
        break;
      case Mode::command: {
        if (starttls_asked_ && behind_starttls(turn, rest)) return;
        Line line;
        Gather& partial = line_[static_cast<int>(Direction::to_server)];
        if (!take_line(partial, turn.blocks(), turn.counters(), rest, line)) return;
        client_line(turn, line);
        partial.clear(turn.blocks());
        break;
      }
    }
  }
}

// No message begins with a whole line that is a command; its first line is a header field.
bool Smtp::begins_with_command(Turn& turn, Bytes rest) const {
  const void* lf = std::memchr(rest.data(), '\n', rest.size());
  if (lf == nullptr) return false;
  const auto length = static_cast<std::size_t>(static_cast<const std::uint8_t*>(lf) - rest.data());
  return turn.context.scanner.smtp_verb(rest.first(length)) != SmtpVerb::unknown;
}

// The client goes on although replies were lost: in a lock-step dialogue it has had them all.
void Smtp::drop_answered(Turn& turn) {
  replies_lost_ = false;
  pending_.clear(turn.blocks());
  forget_reply(turn);
  for (SmtpTransaction* t : {&previous_, &current_}) {
    if (t->open && (t->complete || t->decided)) finish_transaction(turn, *t);
  }
}

// Octets behind STARTTLS, its answer not seen. True when they are TLS: not where the answer is yet
// to come, since it may be a refusal, and no octet may hide what follows.
bool Smtp::behind_starttls(Turn& turn, Bytes rest) {
  starttls_asked_ = false;
  if (turn.in_the_dark(Direction::to_client, damaged_) && rest.front() == kTlsHandshake) {
    seal(turn);
  } else if (!damaged_) {
    // CVE-2011-0411: what a server keeps of this it takes as sent under TLS.
    turn.anomaly(Anomaly::smtp_pipelined_after_starttls, Direction::to_server);
  }
  return encrypted_;
}

// RFC 3207 section 4.2: both sides forget what was said before; the rest is not ours to read.
void Smtp::seal(Turn& turn) {
  login_.abandon(turn);
  reset_all(turn, tally::Outcome::reset);
  turn.say(tally::Encrypted{});
  encrypted_ = true;
}

void Smtp::client_line(Turn& turn, const Line& line) {
  constexpr int kSide = static_cast<int>(Direction::to_server);
  // While an exchange lasts, what is no command belongs to it, also when the challenge it answers
  // was not waited for or not captured.
  const bool in_auth = challenged_ || (login_.open() && !login_.cancelled());
  const SmtpVerb verb = turn.context.scanner.smtp_verb(line.text);
  // The rest of a line whose beginning was lost; or, picked up in the middle, anything.
  const bool stray = resync_[kSide] || (turn.flow.midstream && commands_ == 0);
  resync_[kSide] = false;
  if (stray && verb == SmtpVerb::unknown && !challenged_) return;
  watch_[kSide].look(turn, Direction::to_server, line,
                     in_auth || verb == SmtpVerb::AUTH ? kMaxAuthLine : kMaxCommandLine);
  if (in_auth && (challenged_ || verb == SmtpVerb::unknown)) return auth_line(turn, line);
  command(turn, line, verb);
}

void Smtp::command(Turn& turn, const Line& line, SmtpVerb verb) {
  std::string_view shown = as_text(line.text);
  std::string_view argument = argument_of(shown, verb);
  std::string_view sent_verb = verb == SmtpVerb::unknown ? take_word(shown) : std::string_view{};

  // A command ends an exchange whose last reply was lost, or that was only seen from one side.
  if (login_.open() && pending_.empty()) login_.abandon(turn);
  ++commands_;
  turn.counters().add(tally::count_of(verb));
  tally::Command record;
  record.index = commands_;
  record.octets = line.octets;
  record.verb = static_cast<std::uint8_t>(verb);
  record.pipelined = !pending_.empty();
  record.truncated = line.truncated;
  Pending asked{.time = turn.time, .index = commands_, .verb = record.verb};
  if (!banner_seen_ && !early_told_ && !turn.flow.midstream && turn.seen(Direction::to_client)) {
    early_told_ = true;
    turn.anomaly(Anomaly::smtp_command_before_banner, Direction::to_server);
  }
  asked.known_to_all = header_in_doubt_ && turn.voice.protocol == tally::Protocol::smtp &&
                       known_to_all(turn.context.scanner, line);
  judge(turn, verb, argument);
  argument = take_command(turn, line, argument, asked);
  const bool odd = looks_secret(sent_verb);
  login_typed_ = login_typed_ || odd;
  if (asked.secret || odd) sent_verb = login_.withheld(turn, sent_verb);
  if (current_.open && record.pipelined) current_.pipelined = true;
  record.tx = asked.tx = current_.open ? current_.tx : 0;
  turn.say(record, {argument, sent_verb});
  expect(turn, asked);
  if (verb == SmtpVerb::RSET || greets(verb)) {
    current_.left = true;
    if (!turn.seen(Direction::to_client)) reset_all(turn, tally::Outcome::reset);
  }
  Bytes none;
  if (mode_ == Mode::chunk && chunk_left_ == 0) take_chunk(turn, none);  // BDAT 0
}

// What the rules of order say to it.
void Smtp::judge(Turn& turn, SmtpVerb verb, std::string_view argument) {
  SmtpOrder::Scene scene;
  scene.certain = turn.seen(Direction::to_client) && !damaged_ && !turn.flow.midstream;
  scene.waiting = !pending_.empty();
  if (const Pending* newest = pending_.newest(turn.blocks())) {
    scene.newest = static_cast<SmtpVerb>(newest->verb);
  } else {
    scene.newest = SmtpVerb::unknown;
  }
  scene.transaction = current_.open && !current_.left;
  scene.undecided = scene.transaction && !current_.sent && !current_.decided;
  scene.chunks = message_.open() && message_.message().transfer == tally::Transfer::bdat;
  scene.complete = current_.complete;
  scene.binary = scene.transaction && current_.binary;
  scene.recipients = current_.recipients;
  scene.tx = current_.open ? current_.tx : 0;
  order_.command(turn, verb, argument, scene);
}

// Does what the command means to us; returns what may be shown of its argument.
std::string_view Smtp::take_command(Turn& turn, const Line& line, std::string_view argument,
                                    Pending& asked) {
  switch (static_cast<SmtpVerb>(asked.verb)) {
    case SmtpVerb::LHLO:
      turn.voice.protocol = tally::Protocol::lmtp;  // RFC 2033: no SMTP client says so
      break;
    case SmtpVerb::MAIL: {
      begin_transaction(turn, argument);
      std::string_view size = esmtp_parameter(argument, "SIZE=");
      if (!take_number(size, current_.size_declared)) current_.size_declared = 0;
      current_.binary = equal_words(esmtp_parameter(argument, "BODY="), "BINARYMIME");
      break;
    }
    case SmtpVerb::RCPT:
      if (current_.open && ++current_.recipients <= std::numeric_limits<std::uint16_t>::max()) {
        asked.recipient = static_cast<std::uint16_t>(current_.recipients);
      }
      break;
    case SmtpVerb::DATA:
      mode_ = Mode::data_asked;
      break;
    case SmtpVerb::BDAT:
      begin_bdat(turn, argument, asked);
      break;
    case SmtpVerb::AUTH:
      asked.secret = true;
      return begin_auth(turn, line, argument);
    case SmtpVerb::STARTTLS:
    case SmtpVerb::XANONYMOUSTLS:
      starttls_asked_ = true;
      turn.counters().add(Count::smtp_starttls_requested);
      break;
    case SmtpVerb::XCLIENT:  // LOGIN= is a name
    case SmtpVerb::XFORWARD:
      return argument;
    case SmtpVerb::unknown:
      unknown_command(turn, line);
      asked.secret = may_be_secret(turn, line);
      return asked.secret ? std::string_view{} : argument;
    default:
      break;
  }
  if (!holds_login(argument)) return argument;
  login_typed_ = true;
  std::string_view more = argument;
  const std::string_view front = take_word(more);
  return login_.withheld(turn, more) == more ? argument : redacted_behind(turn, front);
}

void Smtp::unknown_command(Turn& turn, const Line& line) {
  bool& told = roles_told_[static_cast<int>(Direction::to_server)];
  if (as_text(line.text) == ".") {
    turn.anomaly(Anomaly::smtp_unmatched_end_of_data, Direction::to_server);
  } else if (!turn.context.scanner.smtp_reply(line.text).has(match::SmtpReplyHint::reply)) {
    turn.anomaly(Anomaly::smtp_unknown_command, Direction::to_server);
  } else if (!told) {
    told = true;
    turn.anomaly(Anomaly::client_sends_replies, Direction::to_server);
  }
}

// A command waits for its reply; where no reply can be seen, nothing waits.
void Smtp::expect(Turn& turn, const Pending& asked) {
  if (!turn.seen(Direction::to_client)) return;
  if (pending_.push(turn.blocks(), asked) || overflow_told_) return;
  overflow_told_ = true;
  turn.anomaly(Anomaly::pending_overflow, Direction::to_server);
}

void Smtp::gap(Turn& turn, Direction direction, std::uint64_t octets) {
  if (encrypted_) return;
  turn.say(tally::Gap{octets, direction});
  const auto side = static_cast<int>(direction);
  line_[side].clear(turn.blocks());
  resync_[side] = damaged_ = true;
  if (direction == Direction::to_server) {
    challenged_ = false;  // its answer may be what was lost
    login_.lose();
    return gap_in_content(turn, octets);
  }
  // How many replies were lost is unknown. If the server goes on, all but the newest command have
  // been answered; if the client does, that one too. In a pipelined dialogue it is a guess.
  banner_seen_ = true;
  replies_lost_ = refusals_lost_ = true;
  forget_reply(turn);
  bool known;
  while (pending_.size() > 1) pending_.pop(turn.blocks(), known);
}

void Smtp::close(Turn& turn, tally::CloseReason reason) {
  // Gone in the middle of a message, or the capture is: nobody can say what became of it.
  const bool cut = message_.open();
  if (mode_ == Mode::chunk && reason == tally::CloseReason::fin && !damaged_) {
    turn.anomaly(Anomaly::smtp_bdat_cut_short, Direction::to_server, {}, message_.message().tx);
  }
  if (cut) message_.end(turn, false);
  login_.abandon(turn);
  const bool orderly =
      !cut && (reason == tally::CloseReason::fin || reason == tally::CloseReason::rst);
  reset_all(turn, orderly ? tally::Outcome::aborted : tally::Outcome::incomplete);
  message_.release(turn.blocks());
  login_.release(turn.blocks());
  pending_.clear(turn.blocks());
  reply_.clear(turn.blocks());
  for (Gather& line : line_) line.clear(turn.blocks());
}

}  // namespace mailglass::mail
