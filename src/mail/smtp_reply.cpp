// SPDX-License-Identifier: BSD-3-Clause
// The form of the server's replies (RFC 5321 section 4.2): lines in, one reply out.
#include <limits>

#include "mail/smtp.h"
#include "mail/words.h"

namespace mailglass::mail {

using match::SmtpReplyHint;
using tally::Anomaly;
using tally::Count;
using tally::Direction;

namespace {

constexpr std::uint32_t kMaxReplyLine = 1000;  // twice RFC 5321 section 4.5.3.1.5: seen in the wild

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
  const bool in_the_dark = turn.in_the_dark(Direction::to_server, damaged_);
  while (!rest.empty() && !encrypted_ && !turn_due_) {
    if (in_the_dark && partial.empty() && rest.front() == kTlsHandshake) return seal(turn);
    if (!take_line(partial, turn.blocks(), turn.counters(), rest, line)) return;
    server_line(turn, line);
    partial.clear(turn.blocks());
  }
}

void Smtp::server_line(Turn& turn, const Line& line) {
  constexpr int kSide = static_cast<int>(Direction::to_client);
  const auto hints = turn.context.scanner.smtp_reply(line.text);
  const bool is_reply = hints.has(SmtpReplyHint::reply);
  const bool stray = resync_[kSide] || (turn.flow.midstream && !banner_seen_ && head_.lines == 0);
  resync_[kSide] = false;
  if (stray && !is_reply) return;
  watch_[kSide].look(turn, Direction::to_client, line, kMaxReplyLine);
  if (!is_reply) {
    turn.counters().add(Count::smtp_replies_other);
    // Some servers break a long text without repeating the code; it stays part of the reply.
    if (head_.lines == 0) return no_reply(turn, line);
  }
  replies_lost_ = false;
  reply_line(turn, line, hints);
}

// Collects the lines of one reply (RFC 5321 section 4.2.1): "250-" goes on, "250 " is the last.
void Smtp::reply_line(Turn& turn, const Line& line, match::Hints<SmtpReplyHint> hints) {
  reply_hints_.add(hints);
  if (hints.has(SmtpReplyHint::size)) {  // RFC 1870 section 3
    std::string_view size = trim(tail(as_text(line.text), std::string_view("250-SIZE").size()));
    if (!take_number(size, reply_size_)) reply_size_ = 0;
  }
  if (head_.lines != 0) {
    static constexpr std::uint8_t kLineEnd[] = {'\n'};
    reply_.add(turn.blocks(), turn.counters(), kLineEnd);
    reply_.settle(turn.blocks(), turn.counters());
  }
  if (head_.lines != std::numeric_limits<std::uint16_t>::max()) ++head_.lines;
  std::string_view text = as_text(line.text);
  const bool is_reply = hints.has(SmtpReplyHint::reply);
  if (is_reply) {
    head_.code = code_of(text);
    text = text.size() > 4 ? tail(text, 4) : std::string_view{};
    if (hints.has(SmtpReplyHint::enhanced)) take_enhanced(text, head_.enhanced);
  }
  reply_.add(turn.blocks(), turn.counters(), as_bytes(text));
  head_.truncated |= line.truncated || reply_.cut();
  if (!is_reply || (line.text.size() > 3 && line.text[3] == '-')) {
    reply_.settle(turn.blocks(), turn.counters());  // the line's own place may be lent out again
    return;
  }
  reply(turn, {head_, as_text(reply_.view(turn.blocks()))});
  forget_reply(turn);
}

// A line that begins no reply.
void Smtp::no_reply(Turn& turn, const Line& line) {
  bool& told = roles_told_[static_cast<int>(Direction::to_client)];
  if (turn.context.scanner.smtp_verb(line.text) == tally::SmtpVerb::unknown) {
    turn.anomaly(Anomaly::smtp_invalid_reply, Direction::to_client);
  } else if (!told) {
    told = true;
    turn.anomaly(Anomaly::server_sends_commands, Direction::to_client);
  }
}

void Smtp::forget_reply(Turn& turn) {
  reply_.clear(turn.blocks());
  head_ = {};
  reply_hints_ = {};
  reply_size_ = 0;
}

}  // namespace mailglass::mail
