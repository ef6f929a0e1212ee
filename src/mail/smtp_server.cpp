// SPDX-License-Identifier: BSD-3-Clause
// What each reply means to the command it answers.
#include <limits>

#include "mail/blocklist.h"
#include "mail/smtp.h"
#include "mail/words.h"

namespace mailglass::mail {

using match::SmtpReplyHint;
using tally::Anomaly;
using tally::Count;
using tally::Direction;
using tally::Latency;
using tally::Outcome;
using tally::Phase;
using tally::SmtpVerb;
using tally::Transfer;

namespace {

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

}  // namespace

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
  if (!banner_seen_ && (turned_ || !turn.flow.midstream)) {
    asked.phase = record.phase = Phase::banner;  // commands sent before it wait for what follows it
    asked.time = turn.flow.detail().connected();
    known = turn.flow.detail().handshake_us != 0 && !turned_;
  } else if (answers_header(turn, view.code)) {
    record.phase = Phase::unsolicited;
    turn.anomaly(Anomaly::smtp_reply_without_command, Direction::to_client,
                 "the PROXY header was taken for a command");
  } else if (!pending_.empty()) {
    asked = take_pending(turn, view.code, known);
    record.phase = Phase::unsolicited;  // unless the command is known
  } else {
    record.phase = Phase::unsolicited;
    unsolicited(turn, view);
  }
  if (record.phase == Phase::banner && view.code < 400 && view.code != 220) {
    turn.anomaly(Anomaly::smtp_no_banner, Direction::to_client);
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
  login_typed_ = login_typed_ || view.code == 334;  // whatever it answers
  ReplyView shown = view;
  if (hides_text(turn, asked, view.code, view.text)) shown.text = kRedacted;
  turn.say(record, {shown.text});
  if (view.code >= 400 && !blocklist_told_) refused(turn, view, record.tx);
  if (known && record.phase != Phase::banner) answer(turn, shown, asked);
}

// Whether the reply is the one more: it refuses as unknown what every server knows, or comes where
// none is due. Lines that may be refused so are answered in their turn before.
bool Smtp::answers_header(Turn& turn, std::uint16_t code) {
  if (!header_in_doubt_) return false;
  const Pending* oldest = pending_.oldest(turn.blocks());
  if (oldest != nullptr && !oldest->known_to_all) return false;
  header_in_doubt_ = false;
  return code == 500 || code == 502;
}

// The name is ours, not the reply's: nothing that a policy hides is told with it.
void Smtp::refused(Turn& turn, const ReplyView& view, std::uint32_t tx) {
  const std::string_view name = blocklist_in(view.text);
  if (name.empty()) return;
  blocklist_told_ = true;
  turn.anomaly(Anomaly::smtp_blocklisted, Direction::to_client, name, tx);
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
  asked.recipient = t->accepted_set.take_first(turn.blocks());
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
      login_.challenge(view.text);
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
      answer_mail(turn, view, asked);
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
    case SmtpVerb::TURN:
    case SmtpVerb::ATRN:
      turn_due_ = positive(view.code) && mode_ == Mode::command;
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
  if (static_cast<SmtpVerb>(asked.verb) == SmtpVerb::HELO) {
    order_.greeted(false, 0);
  } else {
    // RFC 2033 section 4.4: an LMTP server has it, said or not.
    const bool pipelining = reply_hints_.has(SmtpReplyHint::pipelining) ||
                            static_cast<SmtpVerb>(asked.verb) == SmtpVerb::LHLO;
    order_.greeted(pipelining, reply_size_);
  }
  if (reply_hints_.has(SmtpReplyHint::starttls) && !starttls_offered_) {
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
  remember_recipient(turn, *t, asked.recipient);
}

// For LMTP's replies at the end of data. The session may yet turn out to be LMTP, but that is no
// reason to take a block.
void Smtp::remember_recipient(Turn& turn, SmtpTransaction& t, std::uint32_t ordinal) {
  if (turn.voice.protocol != tally::Protocol::lmtp && ordinal > RecipientSet::kAtHand) return;
  switch (t.accepted_set.add(turn.blocks(), ordinal)) {
    case RecipientSet::Kept::yes:
      break;
    case RecipientSet::Kept::no_block:
      turn.counters().add(Count::lmtp_recipients_refused_blocks);
      break;
    case RecipientSet::Kept::too_many:
      turn.counters().add(Count::lmtp_recipients_refused_most);
      break;
  }
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

// RFC 2645 section 4.3, RFC 5321 appendix F.1: from here the server is the client, and waits for a
// banner. Of before nothing holds.
void Smtp::turn_round(Turn& turn) {
  if (message_.open()) message_.end(turn, false);  // BDAT without LAST
  login_.abandon(turn);
  reset_all(turn, Outcome::reset);
  turn.anomaly(Anomaly::smtp_turned, Direction::to_client);
  turn_due_ = false;
  turned_ = true;
  pending_.clear(turn.blocks());
  for (Gather& line : line_) line.clear(turn.blocks());
  std::swap(watch_[0], watch_[1]);
  std::swap(resync_[0], resync_[1]);
  std::swap(roles_told_[0], roles_told_[1]);
  order_ = {};
  banner_seen_ = auth_seen_ = challenged_ = starttls_offered_ = starttls_asked_ = false;
}

}  // namespace mailglass::mail
