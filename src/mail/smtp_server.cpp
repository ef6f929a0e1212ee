// SPDX-License-Identifier: BSD-3-Clause
// The server's side: replies, and what each means to the command it answers.
#include <limits>

#include "mail/smtp.h"
#include "mail/words.h"

namespace mailglass::mail {

using match::SmtpReplyHint;
using tally::Anomaly;
using tally::Count;
using tally::Direction;
using tally::Latency;
using tally::LoginOutcome;
using tally::Outcome;
using tally::Phase;
using tally::SmtpVerb;
using tally::Transfer;

namespace {

constexpr std::uint32_t kMaxReplyLine = 1000;  // twice RFC 5321 section 4.5.3.1.5: seen in the wild

bool positive(std::uint16_t code) { return code >= 200 && code < 300; }

Latency latency_row(SmtpVerb verb, Phase phase) {
  if (phase == Phase::banner) return Latency::smtp_banner;
  if (phase == Phase::content) return Latency::smtp_end_of_data;
  switch (verb) {
    case SmtpVerb::HELO:
    case SmtpVerb::EHLO:
    case SmtpVerb::LHLO:
      return Latency::smtp_greeting;
    case SmtpVerb::AUTH:
      return Latency::smtp_auth;
    case SmtpVerb::MAIL:
      return Latency::smtp_mail;
    case SmtpVerb::RCPT:
      return Latency::smtp_rcpt;
    case SmtpVerb::DATA:
      return Latency::smtp_data;
    default:
      return Latency::smtp_other;
  }
}

Count class_row(std::uint16_t code) {
  const unsigned digit = code / 100;
  if (digit < 1 || digit > 5) return Count::smtp_replies_other;
  return static_cast<Count>(static_cast<unsigned>(Count::smtp_replies_1xx) + digit - 1);
}

std::uint16_t code_of(std::string_view line) {  // of a line that is a reply
  return static_cast<std::uint16_t>((line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0'));
}

// class.subject.detail of RFC 3463 at the front of `text`, cut off with the blank behind it.
void take_enhanced(std::string_view& text, std::uint16_t (&enhanced)[3]) {
  std::string_view rest = text;
  for (int i = 0; i < 3; ++i) {
    std::uint64_t number = 0;
    if (i != 0) {
      if (!rest.starts_with('.')) return;
      rest.remove_prefix(1);
    }
    if (!take_number(rest, number) || number > 999) return;
    enhanced[i] = static_cast<std::uint16_t>(number);
  }
  text = rest.starts_with(' ') ? tail(rest, 1) : rest;
}

}  // namespace

void Smtp::server_data(Turn& turn, Bytes& rest) {
  Gather& partial = line_[static_cast<int>(Direction::to_client)];
  Line line;
  // A reply never begins so: STARTTLS was accepted where we could not see it.
  const bool in_the_dark = damaged_ || turn.flow.midstream || !turn.seen(Direction::to_server);
  while (!rest.empty() && !encrypted_) {
    if (in_the_dark && partial.empty() && rest.front() == kTlsHandshake) return seal(turn);
    if (!take_line(partial, turn.blocks(), turn.counters(), rest, line)) return;
    server_line(turn, line);
    partial.clear(turn.blocks());
  }
}

// Collects the lines of one reply (RFC 5321 section 4.2.1): "250-" goes on, "250 " is the last.
void Smtp::server_line(Turn& turn, const Line& line) {
  constexpr int kSide = static_cast<int>(Direction::to_client);
  const auto hints = turn.context.scanner.smtp_reply(line.text);
  const bool is_reply = hints.has(SmtpReplyHint::reply);
  const bool stray = resync_[kSide] || (turn.flow.midstream && !banner_seen_ && reply_lines_ == 0);
  resync_[kSide] = false;
  if (stray && !is_reply) return;
  if (line.bare_lf && !bare_lf_told_[kSide]) {
    bare_lf_told_[kSide] = true;
    turn.anomaly(Anomaly::line_bare_lf, Direction::to_client);
  }
  if (line.octets > kMaxReplyLine && !long_line_told_[kSide]) {
    long_line_told_[kSide] = true;
    turn.anomaly(Anomaly::line_too_long, Direction::to_client);
  }
  if (!is_reply) {
    turn.counters().add(Count::smtp_replies_other);
    // Some servers break a long text without repeating the code; it stays part of the reply.
    if (reply_lines_ == 0) return turn.anomaly(Anomaly::smtp_invalid_reply, Direction::to_client);
  }
  if (is_reply) reply_code_ = code_of(as_text(line.text));
  reply_starttls_ = reply_starttls_ || hints.has(SmtpReplyHint::starttls);
  replies_lost_ = false;
  static constexpr std::uint8_t kLineEnd[] = {'\n'};
  reply_.add(turn.blocks(), turn.counters(), line.text);
  if (reply_lines_ != std::numeric_limits<std::uint16_t>::max()) ++reply_lines_;
  const bool more = !is_reply || (line.text.size() > 3 && line.text[3] == '-');
  if (more) {
    reply_.settle(turn.blocks(), turn.counters());  // the line's own place may be lent out again
    reply_.add(turn.blocks(), turn.counters(), kLineEnd);
    reply_.settle(turn.blocks(), turn.counters());
    return;
  }
  reply(turn, parse_reply(turn, reply_.view(turn.blocks())));
  forget_reply(turn);
}

void Smtp::forget_reply(Turn& turn) {
  reply_.clear(turn.blocks());
  reply_lines_ = 0;
  reply_starttls_ = false;
}

Smtp::ReplyView Smtp::parse_reply(Turn& turn, Bytes raw) {
  // One worker, one reply at a time: the joined text has its place here while it is read.
  ReplyView view;
  view.code = reply_code_;
  view.lines = reply_lines_;
  view.truncated = reply_.cut();
  std::size_t written = 0;
  bool first = true;
  std::string_view rest = as_text(raw);
  while (first || !rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    std::string_view text = head(rest, end);
    rest = end < rest.size() ? tail(rest, end + 1) : std::string_view{};
    const auto hints = turn.context.scanner.smtp_reply(as_bytes(text));
    if (hints.has(SmtpReplyHint::reply)) {
      text = text.size() > 4 ? tail(text, 4) : std::string_view{};
      if (hints.has(SmtpReplyHint::enhanced)) take_enhanced(text, view.enhanced);
    }
    std::array<char, Block::kOctets>& scratch = turn.context.scratch;
    if (!first && written < scratch.size()) scratch[written++] = '\n';
    const std::size_t length = std::min(text.size(), scratch.size() - written);
    if (length != 0) std::memcpy(scratch.data() + written, text.data(), length);
    written += length;
    first = false;
  }
  view.text = {turn.context.scratch.data(), written};
  return view;
}

void Smtp::reply(Turn& turn, const ReplyView& view) {
  turn.counters().add(class_row(view.code));
  if (mode_ == Mode::content && pending_.empty() && view.code != 354) reply_in_content(turn, view);
  tally::Reply record;
  record.code = view.code;
  record.lines = view.lines;
  record.truncated = view.truncated;
  for (int i = 0; i < 3; ++i) record.enhanced[i] = view.enhanced[i];

  Pending asked;
  bool known = false;
  if (!banner_seen_ && !turn.flow.midstream) {  // commands sent before it wait for what follows it
    asked.phase = record.phase = Phase::banner;
    const std::uint64_t connected = turn.flow.handshake_us;
    asked.time = {turn.flow.first.us + static_cast<std::int64_t>(connected)};
    known = connected != 0;
  } else if (!pending_.empty()) {
    asked = take_pending(turn, view.code, known);
    record.phase = Phase::unsolicited;  // unless the command is known
  } else {
    record.phase = Phase::unsolicited;
    unsolicited(turn, view);
  }
  banner_seen_ = true;
  if (known) {
    record.command = asked.index;
    record.tx = asked.tx;
    record.recipient = asked.recipient;
    record.phase = asked.phase;
    record.verb = asked.verb;
    record.has_latency = true;
    record.latency_us = static_cast<std::uint32_t>(std::min<std::uint64_t>(
        turn.time.since(asked.time), std::numeric_limits<std::uint32_t>::max()));
    turn.counters().observe(latency_row(static_cast<SmtpVerb>(asked.verb), asked.phase),
                            record.latency_us);
  }
  ReplyView shown = view;
  if (hides_text(turn, asked, view.code)) shown.text = kRedacted;
  turn.say(record, {shown.text});
  if (known && record.phase != Phase::banner) answer(turn, shown, asked);
}

// Whether the text may hold a secret, or what betrays one.
bool Smtp::hides_text(Turn& turn, const Pending& asked, std::uint16_t code) const {
  if (turn.context.credentials.policy == CredentialPolicy::reveal) return false;
  if (code == 334) return login_.proof_follows() || !asked.secret;
  return asked.secret && code / 10 == 50;  // "501 cannot decode ...": servers repeat it
}

// A reply while a message is under way. A negative one refuses it before its end, and the rest of
// it still comes. Any other means that the server has seen the end: we have lost it, or read it
// differently; what follows is commands again.
void Smtp::reply_in_content(Turn& turn, const ReplyView& view) {
  if (view.code >= 400 && !message_.damaged() && !refused_early_) {
    refused_early_ = true;
    expect_content(turn, message_.message().command);
  } else {
    end_content(turn, false);
    resync_[static_cast<int>(Direction::to_server)] = true;
  }
}

// The command that waited longest. LMTP answers the end of a message once for each recipient it
// has accepted (RFC 2033 section 4.2).
Pending Smtp::take_pending(Turn& turn, std::uint16_t code, bool& known) {
  const Pending* oldest = pending_.oldest(turn.blocks());
  if (damaged_ && code == 354 && mode_ == Mode::data_asked) {  // nothing else is answered so
    while (oldest != nullptr && static_cast<SmtpVerb>(oldest->verb) != SmtpVerb::DATA &&
           pending_.size() > 1) {
      pending_.pop(turn.blocks(), known);
      oldest = pending_.oldest(turn.blocks());
    }
  }
  SmtpTransaction* t = oldest != nullptr ? transaction(oldest->tx) : nullptr;
  if (t == nullptr || oldest->phase != Phase::content ||
      turn.voice.protocol != tally::Protocol::lmtp) {
    return pending_.pop(turn.blocks(), known);
  }
  Pending asked = *oldest;
  known = true;
  if (t->replies_due == 0) t->replies_due = std::max(1u, t->accepted);
  if (t->accepted_set != 0) {
    asked.recipient = static_cast<std::uint16_t>(__builtin_ctzll(t->accepted_set) + 1);
  }
  t->accepted_set &= t->accepted_set - 1;
  return t->replies_due > 1 ? asked : (pending_.pop(turn.blocks(), known), asked);
}

// A reply that nobody we know of has asked for.
void Smtp::unsolicited(Turn& turn, const ReplyView& view) {
  const bool both_whole = turn.seen(Direction::to_server) && !turn.flow.midstream && !damaged_;
  if (!both_whole) {
    // What only one command can have asked for says where we are.
    if (view.code == 354 && mode_ == Mode::command) {
      mode_ = Mode::content;
      begin_message(turn, Transfer::data, current_.open ? current_.tx : 0, commands_);
      current_.sent = true;
    } else if (view.code == 334) {
      auth_seen_ = challenged_ = true;
      if (!login_.open()) login_.begin(turn, {}, commands_, starttls_offered_);
    }
  } else if (view.code != 421) {  // which may come at any time (RFC 5321 section 3.8)
    turn.anomaly(Anomaly::smtp_reply_without_command, Direction::to_client);
  }
}

void Smtp::answer(Turn& turn, const ReplyView& view, const Pending& asked) {
  if (asked.phase == Phase::content) {
    answer_data(turn, view, asked);
    return;
  }
  switch (static_cast<SmtpVerb>(asked.verb)) {
    case SmtpVerb::HELO:
    case SmtpVerb::EHLO:
    case SmtpVerb::LHLO:
      answer_greeting(turn, view, asked);
      break;
    case SmtpVerb::MAIL:
      if (SmtpTransaction* t = transaction(asked.tx); t != nullptr && view.code >= 400) {
        // A nested MAIL is refused without harm to the transaction it stands in.
        if (t->recipients == 0 || view.code != 503) decide(turn, *t, Outcome::rejected);
      }
      break;
    case SmtpVerb::RCPT:
      answer_recipient(turn, view, asked);
      break;
    case SmtpVerb::DATA:
    case SmtpVerb::BDAT:
      answer_data(turn, view, asked);
      break;
    case SmtpVerb::RSET:
      if (SmtpTransaction* t = transaction(asked.tx); t != nullptr && positive(view.code)) {
        reset(turn, *t, Outcome::reset);
      }
      break;
    case SmtpVerb::AUTH:
      answer_auth(turn, view, asked);
      break;
    case SmtpVerb::STARTTLS:
    case SmtpVerb::XANONYMOUSTLS:
      answer_starttls(turn, view);
      break;
    default:
      break;
  }
  if (SmtpTransaction* t = transaction(asked.tx)) settle(turn, *t);
}

void Smtp::answer_greeting(Turn& turn, const ReplyView& view, const Pending& asked) {
  if (!positive(view.code)) return;
  // RFC 5321 section 4.1.4: a greeting clears the transaction, as RSET does.
  if (SmtpTransaction* t = transaction(asked.tx); t != nullptr && !t->sent) {
    reset(turn, *t, Outcome::reset);
  }
  if (reply_starttls_ && !starttls_offered_) {
    starttls_offered_ = true;
    turn.counters().add(Count::smtp_starttls_offered);
  }
}

void Smtp::answer_recipient(Turn& turn, const ReplyView& view, const Pending& asked) {
  turn.counters().add(positive(view.code)    ? Count::smtp_recipients_accepted
                      : view.code / 100 == 4 ? Count::smtp_recipients_deferred
                                             : Count::smtp_recipients_rejected);
  SmtpTransaction* t = transaction(asked.tx);
  if (t == nullptr) return;
  if (!positive(view.code)) {
    ++t->refused;
    return;
  }
  ++t->accepted;
  if (asked.recipient >= 1 && asked.recipient <= 64) {
    t->accepted_set |= std::uint64_t{1} << (asked.recipient - 1);
  }
}

void Smtp::answer_data(Turn& turn, const ReplyView& view, const Pending& asked) {
  SmtpTransaction* t = transaction(asked.tx);
  if (asked.phase == Phase::content) {
    if (t == nullptr) return;
    if (positive(view.code)) ++t->delivered;
    if (t->replies_due > 1) {
      --t->replies_due;  // LMTP: one for each recipient, the last decides
      return;
    }
    return decide(turn, *t, t->delivered != 0 ? Outcome::accepted : Outcome::rejected);
  }
  if (static_cast<SmtpVerb>(asked.verb) == SmtpVerb::BDAT) {
    if (view.code >= 400 && t != nullptr) decide(turn, *t, Outcome::rejected);
    return;
  }
  if (view.code == 354) {
    if (t != nullptr && t->accepted == 0 && t->recipients != 0) {
      turn.anomaly(Anomaly::smtp_data_without_recipient, Direction::to_server, {}, asked.tx);
    }
    if (mode_ != Mode::data_asked) return;
    mode_ = Mode::content;
    begin_message(turn, Transfer::data, asked.tx, asked.index);
    current_.sent = true;
    return;
  }
  // Refused. If the message has already begun, its lines are commands to this server.
  if (mode_ == Mode::content && message_.open()) {
    message_.end(turn, false);
    resync_[static_cast<int>(Direction::to_server)] = true;
  }
  mode_ = Mode::command;
  if (t != nullptr && view.code >= 400) decide(turn, *t, Outcome::rejected);
}

void Smtp::answer_auth(Turn& turn, const ReplyView& view, const Pending& asked) {
  // A client that does not wait has sent its response already.
  challenged_ = view.code == 334 && pending_.empty();
  if (view.code == 334 || !login_.open_for(asked.index)) return;
  login_.end(turn, positive(view.code) ? LoginOutcome::success : LoginOutcome::failure, view.code,
             view.text);
}

void Smtp::answer_starttls(Turn& turn, const ReplyView& view) {
  starttls_asked_ = false;
  if (view.code != 220) {
    turn.counters().add(Count::smtp_starttls_refused);
    turn.anomaly(Anomaly::starttls_refused, Direction::to_client);
    return;
  }
  turn.counters().add(Count::smtp_starttls_accepted);
  seal(turn);
}

}  // namespace mailglass::mail
