// SPDX-License-Identifier: BSD-3-Clause
// The client's side: command lines, AUTH lines, message content.
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

void Smtp::data(Turn& turn, Direction direction, Bytes octets) {
  if (encrypted_) return;
  if (direction == Direction::to_server) {
    client_data(turn, octets);
    line_[0].settle(turn.blocks(), turn.counters());
  } else {
    server_data(turn, octets);
    line_[1].settle(turn.blocks(), turn.counters());
    reply_.settle(turn.blocks(), turn.counters());
  }
}

void Smtp::client_data(Turn& turn, Bytes rest) {
  while (!rest.empty() && !encrypted_) {
    switch (mode_) {
      case Mode::data_asked:
        // RFC 2920 section 3.1: DATA ends a pipelined group, so octets before its answer are
        // illegal; a one-sided capture never shows the answer. Either way they are the message.
        if (turn.seen(Direction::to_client) && !damaged_) {
          turn.anomaly(Anomaly::smtp_pipelined_after_data, Direction::to_server, {}, current_.tx);
        }
        mode_ = Mode::content;
        message_.begin(Transfer::data, current_.tx, commands_);
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

// Octets behind STARTTLS, its answer not seen. True when they are TLS.
bool Smtp::behind_starttls(Turn& turn, Bytes rest) {
  constexpr std::uint8_t kHandshake = 22;  // RFC 8446 section 5.1: no command begins with it
  starttls_asked_ = false;
  if (rest.front() == kHandshake) {
    encrypted_ = true;
    turn.say(tally::Encrypted{});
  } else if (!damaged_) {
    // CVE-2011-0411: what a server keeps of this it takes as sent under TLS.
    turn.anomaly(Anomaly::smtp_pipelined_after_starttls, Direction::to_server);
  }
  return encrypted_;
}

void Smtp::client_line(Turn& turn, const Line& line) {
  constexpr int kSide = static_cast<int>(Direction::to_server);
  // Behind a NOT-yet-answered AUTH in a one-sided capture the exchange can only be guessed at.
  const bool in_auth =
      challenged_ || (login_.open() && !turn.seen(Direction::to_client) && !login_.cancelled());
  const SmtpVerb verb = turn.context.scanner.smtp_verb(line.text);
  if (resync_[kSide]) {
    resync_[kSide] = false;
    if (verb == SmtpVerb::unknown) return;  // the rest of a line whose beginning was lost
  }
  if (line.bare_lf && !bare_lf_told_[kSide]) {
    bare_lf_told_[kSide] = true;
    turn.anomaly(Anomaly::line_bare_lf, Direction::to_server);
  }
  if (line.octets > (in_auth ? kMaxAuthLine : kMaxCommandLine) && !long_line_told_[kSide]) {
    long_line_told_[kSide] = true;
    turn.anomaly(Anomaly::line_too_long, Direction::to_server);
  }
  if (in_auth && (challenged_ || verb == SmtpVerb::unknown)) return auth_line(turn, line);
  command(turn, line, verb);
}

void Smtp::auth_line(Turn& turn, const Line& line) {
  challenged_ = false;
  tally::Command record;
  record.index = commands_;
  record.octets = line.octets;
  record.verb = static_cast<std::uint8_t>(SmtpVerb::AUTH);
  record.continuation = true;
  record.truncated = line.truncated;
  turn.say(record, {login_.response(turn, as_text(line.text)), {}});
  expect(turn, {.time = turn.time, .index = commands_, .verb = record.verb});
}

void Smtp::command(Turn& turn, const Line& line, SmtpVerb verb) {
  std::string_view shown = as_text(line.text);
  std::string_view argument = argument_of(shown, verb);
  std::string_view sent_verb = verb == SmtpVerb::unknown ? take_word(shown) : std::string_view{};

  ++commands_;
  turn.counters().add(tally::count_of(verb));
  tally::Command record;
  record.index = commands_;
  record.octets = line.octets;
  record.verb = static_cast<std::uint8_t>(verb);
  record.pipelined = !pending_.empty();
  record.truncated = line.truncated;
  Pending asked{.time = turn.time, .index = commands_, .verb = record.verb};
  if (!banner_seen_ && !turn.flow.midstream && turn.seen(Direction::to_client)) {
    banner_seen_ = true;  // told once
    turn.anomaly(Anomaly::smtp_command_before_banner, Direction::to_server);
  }
  switch (verb) {
    case SmtpVerb::MAIL:
      begin_transaction(turn);
      break;
    case SmtpVerb::RCPT:
      if (current_.open) asked.recipient = ++current_.recipients;
      break;
    case SmtpVerb::DATA:
      mode_ = Mode::data_asked;
      break;
    case SmtpVerb::BDAT:
      begin_bdat(turn, argument, asked);
      break;
    case SmtpVerb::AUTH:
      argument = begin_auth(turn, argument);
      break;
    case SmtpVerb::STARTTLS:
    case SmtpVerb::XANONYMOUSTLS:
      starttls_asked_ = true;
      turn.counters().add(Count::smtp_starttls_requested);
      break;
    case SmtpVerb::unknown:
      turn.anomaly(Anomaly::smtp_unknown_command, Direction::to_server);
      // Base64 sent on after a refused AUTH looks like a command; it may be the password.
      if (auth_seen_ && turn.context.credentials.policy != CredentialPolicy::reveal) {
        sent_verb = kRedacted;
        argument = {};
      }
      break;
    default:
      break;
  }
  if (current_.open && record.pipelined) current_.pipelined = true;
  record.tx = asked.tx = current_.open ? current_.tx : 0;
  turn.say(record, {argument, sent_verb});
  expect(turn, asked);
}

std::string_view Smtp::begin_auth(Turn& turn, std::string_view argument) {
  auth_seen_ = true;
  std::string_view initial = argument;
  const std::string_view mechanism = take_word(initial);
  login_.begin(turn, mechanism, starttls_offered_);
  if (initial.empty()) return mechanism;
  const std::string_view shown = login_.response(turn, initial);
  if (shown == initial) return argument;
  std::array<char, Block::kOctets>& scratch = turn.context.scratch;
  const std::size_t length = std::min(mechanism.size(), scratch.size() - kRedacted.size() - 1);
  std::memcpy(scratch.data(), mechanism.data(), length);
  scratch[length] = ' ';
  std::memcpy(scratch.data() + length + 1, kRedacted.data(), kRedacted.size());
  return {scratch.data(), length + 1 + kRedacted.size()};
}

// RFC 3030 section 2: BDAT SP chunk-size [SP LAST], and that many octets behind the line.
void Smtp::begin_bdat(Turn& turn, std::string_view argument, Pending& asked) {
  std::uint64_t size = 0;
  const bool number = take_number(argument, size);
  const bool last = equal_words(trim(argument), "LAST");
  if (!number || (!last && !trim(argument).empty())) {
    turn.anomaly(Anomaly::smtp_bdat_malformed, Direction::to_server, {}, current_.tx);
    return;
  }
  if (!message_.open()) message_.begin(Transfer::bdat, current_.tx, commands_);
  message_.next_chunk();
  current_.sent = true;
  chunk_left_ = size;
  chunk_last_ = last;
  if (last) asked.phase = Phase::content;
  mode_ = Mode::chunk;
  if (size == 0) {  // the empty last chunk ends the message here
    Bytes none;
    take_chunk(turn, none);
  }
}

void Smtp::take_chunk(Turn& turn, Bytes& rest) {
  const auto length = static_cast<std::size_t>(std::min<std::uint64_t>(chunk_left_, rest.size()));
  if (message_.open()) message_.take_chunk(turn, rest.first(length));
  rest = rest.subspan(length);
  chunk_left_ -= length;
  if (chunk_left_ != 0) return;
  mode_ = Mode::command;
  if (chunk_last_ && message_.open()) message_.end(turn, !message_.damaged());
}

void Smtp::take_content(Turn& turn, Bytes& rest) {
  if (!message_.take_stuffed(turn, Direction::to_server, rest)) return;
  end_content(turn, true);
}

// The message is over; its reply, or LMTP's one for each accepted recipient, comes next.
void Smtp::end_content(Turn& turn, bool complete) {
  const std::uint32_t command = message_.message().command;
  mode_ = Mode::command;
  message_.end(turn, complete);
  current_.sent = true;
  Pending asked{.time = turn.time,
                .index = command,
                .tx = current_.tx,
                .verb = static_cast<std::uint8_t>(SmtpVerb::DATA),
                .phase = Phase::content};
  if (turn.voice.protocol != tally::Protocol::lmtp || current_.accepted == 0) {
    current_.replies_due = 1;
    return expect(turn, asked);
  }
  current_.replies_due = current_.accepted;
  std::uint64_t accepted = current_.accepted_set;
  for (std::uint16_t i = 0; i < current_.accepted; ++i) {
    asked.recipient = accepted == 0 ? 0 : static_cast<std::uint16_t>(__builtin_ctzll(accepted) + 1);
    accepted &= accepted - 1;
    expect(turn, asked);
  }
}

// A command waits for its reply; where no reply can be seen, nothing waits.
void Smtp::expect(Turn& turn, const Pending& asked) {
  if (!turn.seen(Direction::to_client)) return;
  if (!pending_.push(turn.blocks(), asked)) {
    turn.anomaly(Anomaly::pending_overflow, Direction::to_server);
  }
}

void Smtp::gap(Turn& turn, Direction direction, std::uint64_t octets) {
  if (encrypted_) return;
  turn.say(tally::Gap{octets, direction});
  const auto side = static_cast<int>(direction);
  line_[side].clear(turn.blocks());
  resync_[side] = damaged_ = true;
  if (direction == Direction::to_client) {
    // How many replies were lost is unknown. In a lock-step dialogue all but the newest command
    // have been answered; in a pipelined one pairing is a guess either way.
    reply_.clear(turn.blocks());
    reply_lines_ = 0;
    bool known;
    while (pending_.size() > 1) pending_.pop(turn.blocks(), known);
    return;
  }
  switch (mode_) {
    case Mode::command:
      break;
    case Mode::data_asked:
      mode_ = Mode::content;
      message_.begin(Transfer::data, current_.tx, commands_);
      [[fallthrough]];
    case Mode::content:
      message_.lose(turn, octets);
      resync_[side] = false;
      break;
    case Mode::chunk: {  // the chunk's size says exactly where it ends
      const std::uint64_t inside = std::min(octets, chunk_left_);
      if (message_.open()) message_.lose(turn, inside);
      resync_[side] = octets > chunk_left_;
      chunk_left_ -= inside;
      Bytes none;
      if (chunk_left_ == 0) take_chunk(turn, none);
      break;
    }
  }
}

void Smtp::close(Turn& turn, tally::CloseReason reason) {
  if (!encrypted_) {
    // Gone in the middle of a message, or the capture is: nobody can say what became of it.
    const bool cut = message_.open();
    if (cut) message_.end(turn, false);
    login_.abandon(turn);
    const bool orderly =
        !cut && (reason == tally::CloseReason::fin || reason == tally::CloseReason::rst);
    reset_transaction(turn, orderly ? tally::Outcome::aborted : tally::Outcome::incomplete);
  }
  message_.release(turn.blocks());
  login_.release(turn.blocks());
  pending_.clear(turn.blocks());
  reply_.clear(turn.blocks());
  for (Gather& line : line_) line.clear(turn.blocks());
}

}  // namespace mailglass::mail
