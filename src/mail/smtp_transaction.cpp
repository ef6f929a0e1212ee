// SPDX-License-Identifier: BSD-3-Clause
// Mail transactions: when one begins, what decides it, when it is reported.
#include <utility>

#include "mail/smtp.h"
#include "mail/words.h"

namespace mailglass::mail {

using tally::Count;
using tally::Outcome;

namespace {

// RFC 6152 section 3, RFC 3030 section 3; and RFC 6531 section 3.1, under which header fields may
// hold such octets as well.
bool declares_8bit(std::string_view mail) {
  while (!mail.empty()) {
    const std::string_view word = take_word(mail);
    if (equal_words(word, "BODY=8BITMIME") || equal_words(word, "BODY=BINARYMIME") ||
        equal_words(word, "SMTPUTF8")) {
      return true;
    }
  }
  return false;
}

}  // namespace

// MAIL was sent. A second one inside an undecided transaction is refused by any server (RFC 5321
// section 4.1.4), so it belongs to the same; behind transferred content a new one begins, and
// where octets were lost, since they may have been that content. Behind a refused DATA some servers
// have forgotten the transaction: the answer will tell (answer_mail).
void Smtp::begin_transaction(Turn& turn, std::string_view argument) {
  if (current_.open && !current_.sent && !current_.decided && !current_.left && !damaged_ &&
      !current_.content_refused) {
    return;
  }
  if (previous_.open) finish_transaction(turn, previous_);
  if (message_.open()) message_.end(turn, false);  // BDAT without LAST
  if (current_.open) previous_ = current_;
  if (previous_.open) settle(turn, previous_);
  current_ = SmtpTransaction{};
  current_.tx = ++transactions_;
  current_.open = true;
  current_.declared_8bit = declares_8bit(argument);
}

void Smtp::answer_mail(Turn& turn, const ReplyView& view, const Pending& asked) {
  SmtpTransaction* t = transaction(asked.tx);
  if (t == nullptr) return;
  const bool doubt = t == &current_ && previous_.open && previous_.content_refused;
  if (positive(view.code)) {
    t->begun = true;
    if (doubt) decide(turn, previous_, Outcome::rejected);
  } else if (view.code >= 400 && doubt && view.code == 503) {
    std::swap(current_, previous_);  // the first one stands
    decide(turn, previous_, Outcome::rejected);
  } else if (view.code >= 400 && !t->begun && (t->recipients == 0 || view.code != 503)) {
    decide(turn, *t, Outcome::rejected);
  }
}

SmtpTransaction* Smtp::transaction(std::uint32_t tx) {
  if (current_.open && current_.tx == tx) return &current_;
  if (previous_.open && previous_.tx == tx) return &previous_;
  return nullptr;
}

void Smtp::decide(Turn& turn, SmtpTransaction& t, Outcome outcome) {
  if (!t.decided) {
    t.decided = true;
    t.outcome = outcome;
  }
  settle(turn, t);
}

// Reports a decided transaction unless some of its pipelined commands still wait for replies, or
// its message still comes.
void Smtp::settle(Turn& turn, SmtpTransaction& t) {
  if (!t.open || !t.decided || pending_.any_of(turn.blocks(), t.tx)) return;
  if (message_.open() && message_.message().tx == t.tx) return;
  finish_transaction(turn, t);
}

// RSET, a new greeting, or the end of the session. Where every recipient had been refused, that
// was the outcome; what the client did then does not matter.
void Smtp::reset(Turn& turn, SmtpTransaction& t, Outcome outcome) {
  if (message_.open() && message_.message().tx == t.tx && mode_ == Mode::command) {
    message_.end(turn, false);  // BDAT without LAST
  }
  if (!t.decided) {
    const bool refused = t.accepted == 0 && (t.refused != 0 || t.content_refused) && !t.sent;
    // Sent to its end, and the answer was not seen: nobody can say.
    t.outcome = refused ? Outcome::rejected : t.complete ? Outcome::incomplete : outcome;
  }
  finish_transaction(turn, t);
}

void Smtp::reset_all(Turn& turn, Outcome outcome) {
  if (previous_.open) reset(turn, previous_, outcome);
  if (current_.open) reset(turn, current_, outcome);
}

void Smtp::finish_transaction(Turn& turn, SmtpTransaction& t) {
  t.open = false;
  t.accepted_set.clear(turn.blocks());
  static constexpr Count kRow[] = {Count::smtp_transactions_accepted,
                                   Count::smtp_transactions_rejected,
                                   Count::smtp_transactions_aborted, Count::smtp_transactions_reset,
                                   Count::smtp_transactions_incomplete};
  turn.counters().add(kRow[static_cast<std::size_t>(t.outcome)]);
  turn.say(tally::Transaction{t.tx, t.recipients, t.accepted, t.outcome, t.pipelined});
}

}  // namespace mailglass::mail
