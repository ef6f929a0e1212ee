// SPDX-License-Identifier: BSD-3-Clause
// The message under transfer: DATA up to its lone dot, BDAT by its sizes, and what is answered.
#include "mail/smtp.h"
#include "mail/words.h"

namespace mailglass::mail {

using tally::Anomaly;
using tally::Direction;
using tally::Outcome;
using tally::Phase;
using tally::SmtpVerb;
using tally::Transfer;

// RFC 3030 section 2: BDAT SP chunk-size [SP LAST], and that many octets behind the line.
void Smtp::begin_bdat(Turn& turn, std::string_view argument, Pending& asked) {
  std::uint64_t size = 0;
  std::string_view word = take_word(argument);
  const bool number = take_number(word, size) && word.empty();
  const bool last = equal_words(argument, "LAST");
  if (!number || (!last && !argument.empty())) {
    turn.anomaly(Anomaly::smtp_bdat_malformed, Direction::to_server, {}, current_.tx);
    return;
  }
  if (!message_.open()) begin_message(turn, Transfer::bdat, current_.tx, commands_);
  message_.next_chunk();
  current_.sent = true;
  chunk_left_ = size;
  chunk_last_ = last;
  if (last) asked.phase = Phase::content;
  mode_ = Mode::chunk;
}

// What is still open was never ended: BDAT without LAST.
void Smtp::begin_message(Turn& turn, Transfer transfer, std::uint32_t tx, std::uint32_t command) {
  if (message_.open()) message_.end(turn, false);
  message_.begin(transfer, tx, command, !current_.open || current_.declared_8bit);
  if (transfer == Transfer::bdat && current_.binary) message_.have_no_lines();
}

void Smtp::take_chunk(Turn& turn, Bytes& rest) {
  const auto length = static_cast<std::size_t>(std::min<std::uint64_t>(chunk_left_, rest.size()));
  if (message_.open()) message_.take_chunk(turn, rest.first(length));
  rest = rest.subspan(length);
  chunk_left_ -= length;
  if (chunk_left_ != 0) return;
  mode_ = Mode::command;
  // The server answers the chunk, not its command line.
  Pending* asked = pending_.newest(turn.blocks());
  if (asked != nullptr && asked->index == commands_) asked->time = turn.time;
  if (!chunk_last_ || !message_.open()) return;
  message_.end(turn, !message_.damaged());
  current_.complete = true;
  check_size(turn);
  settle(turn, current_);
}

void Smtp::take_content(Turn& turn, Bytes& rest) {
  if (!message_.take_stuffed(turn, rest)) return;
  end_content(turn, !message_.damaged());
}

// The message is over; its reply comes next, unless it came before the end.
void Smtp::end_content(Turn& turn, bool complete) {
  const std::uint32_t command = message_.message().command;
  mode_ = Mode::command;
  message_.end(turn, complete);
  current_.sent = current_.complete = true;
  if (complete) check_size(turn);
  if (!refused_early_) return expect_content(turn, command);
  refused_early_ = false;
  settle(turn, current_);
}

// RFC 1870 section 6: the declared size is an upper estimate. Some clients count a line end as one.
void Smtp::check_size(Turn& turn) {
  const tally::Message& message = message_.message();
  if (current_.size_declared == 0 || message.bytes_missing != 0 ||
      message.octets <= current_.size_declared + message.lines) {
    return;
  }
  turn.anomaly(Anomaly::smtp_size_exceeded, Direction::to_server, {}, current_.tx);
}

void Smtp::expect_content(Turn& turn, std::uint32_t command) {
  expect(turn, {.time = turn.time,
                .index = command,
                .tx = current_.open ? current_.tx : 0,
                .verb = static_cast<std::uint8_t>(SmtpVerb::DATA),
                .phase = Phase::content});
}

void Smtp::gap_in_content(Turn& turn, std::uint64_t octets) {
  bool& resync = resync_[static_cast<int>(Direction::to_server)];
  switch (mode_) {
    case Mode::command:
      break;
    case Mode::data_asked:
      mode_ = Mode::content;
      begin_message(turn, Transfer::data, current_.tx, commands_);
      [[fallthrough]];
    case Mode::content:
      message_.lose(turn, octets);
      resync = false;
      break;
    case Mode::chunk: {  // the chunk's size says exactly where it ends
      const std::uint64_t inside = std::min(octets, chunk_left_);
      if (message_.open()) message_.lose(turn, inside);
      resync = octets > chunk_left_;
      chunk_left_ -= inside;
      Bytes none;
      if (chunk_left_ == 0) take_chunk(turn, none);
      break;
    }
  }
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
    const bool unseen = damaged_ || turn.flow.midstream;  // RCPT may have been
    if (t != nullptr && t->accepted == 0 && (t->recipients != 0 || !unseen)) {
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
  if (t == nullptr || view.code < 400) return;
  // RFC 5321 section 4.1.1.4: for want of a recipient, which may still be named.
  if (t->accepted == 0 && (view.code == 503 || view.code == 554)) {
    t->content_refused = true;
  } else {
    decide(turn, *t, Outcome::rejected);
  }
}

}  // namespace mailglass::mail
