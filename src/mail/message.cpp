// SPDX-License-Identifier: BSD-3-Clause
#include "mail/message.h"

#include "mail/words.h"

namespace mailglass::mail {
namespace {

using tally::Count;
using tally::Transfer;

// The fields an `email` object carries. Everything else in a header is skipped unread.
constexpr std::string_view kReported[] = {
    "From",       "To",       "Cc",           "Subject",        "Date",
    "Message-ID", "Reply-To", "In-Reply-To",  "References",     "Received",
    "User-Agent", "X-Mailer", "Content-Type", "DKIM-Signature",
};

bool is_reported(std::string_view name) {
  for (const std::string_view reported : kReported) {
    if (equal_words(name, reported)) return true;
  }
  return false;
}

// RFC 5322 section 2.2: printable US-ASCII without the colon; obsolete syntax allows blanks before.
std::string_view field_name(std::string_view field) {
  std::size_t length = 0;
  while (length < field.size() && field[length] > ' ' && field[length] < 127 &&
         field[length] != ':') {
    ++length;
  }
  const std::size_t colon = field.find_first_not_of(" \t", length);
  if (length == 0 || colon == std::string_view::npos || field[colon] != ':') return {};
  return head(field, length);
}

}  // namespace

void MessageReader::begin(Transfer transfer, std::uint32_t tx, std::uint32_t command) {
  *this = MessageReader{};
  message_.transfer = transfer;
  message_.tx = tx;
  message_.command = command;
  open_ = true;
}

bool MessageReader::take_stuffed(Turn& turn, Bytes& rest) {
  const bool end = dots_.take(rest, [&](Bytes octets) { content(turn, octets); });
  message_.lines = dots_.lines();
  field_.settle(turn.blocks(), turn.counters());
  excerpt_.settle(turn.blocks(), turn.counters());
  return end;
}

// Of a message on its way to a server, each kind once.
void MessageReader::tell_false_ends(Turn& turn) const {
  using tally::Anomaly;
  const FalseEnds& ends = dots_.false_ends();
  const auto tell = [&](Anomaly anomaly, std::string_view detail = {}) {
    turn.anomaly(anomaly, tally::Direction::to_server, detail, message_.tx);
  };
  ends.each([&](FalseEnds::Kind kind, std::string_view text) {
    tell(kind == FalseEnds::Kind::nul  ? Anomaly::smtp_nul_end_of_data
         : kind == FalseEnds::Kind::cr ? Anomaly::smtp_bare_cr_end_of_data
                                       : Anomaly::smtp_bare_lf_end_of_data,
         text);
  });
  if (!ends.none()) return;
  if (ends.bare_lf()) tell(Anomaly::smtp_bare_lf_in_data);
  if (ends.bare_cr()) tell(Anomaly::smtp_bare_cr_in_data);
}

void MessageReader::take_chunk(Turn& turn, Bytes octets) {
  Bytes rest = octets;
  while (!rest.empty()) {
    const void* lf = std::memchr(rest.data(), '\n', rest.size());
    if (lf == nullptr) break;
    ++message_.lines;
    rest = rest.subspan(
        static_cast<std::size_t>(static_cast<const std::uint8_t*>(lf) - rest.data()) + 1);
  }
  content(turn, octets);
  field_.settle(turn.blocks(), turn.counters());
  excerpt_.settle(turn.blocks(), turn.counters());
}

void MessageReader::lose(Turn& turn, std::uint64_t octets) {
  message_.bytes_missing += octets;
  dots_.lose_step();
  // Inside the header the rest of a line is no field of its own; behind it, nobody knows.
  field_.clear(turn.blocks());
  line_start_ = false;
}

void MessageReader::content(Turn& turn, Bytes octets) {
  message_.octets += octets.size();
  while (!octets.empty() && part_ != Part::body) header(turn, octets);
  if (!octets.empty()) body(turn, octets);
}

// Takes one line, or what there is of it.
void MessageReader::header(Turn& turn, Bytes& rest) {
  const std::uint8_t first = rest.front();
  if (line_start_ && part_ == Part::header && first != ' ' && first != '\t') {
    finish_field(turn);
    if (part_ == Part::body) return;
    if (first == '\r' || first == '\n') part_ = Part::header_end;
  }
  const void* lf = std::memchr(rest.data(), '\n', rest.size());
  const std::size_t length =
      lf == nullptr
          ? rest.size()
          : static_cast<std::size_t>(static_cast<const std::uint8_t*>(lf) - rest.data()) + 1;
  // A line that continues a field whose beginning was lost is no field of its own.
  const bool orphan = damaged() && field_.empty() && (first == ' ' || first == '\t');
  const bool continues = (line_start_ && !orphan) || !field_.empty();
  if (part_ == Part::header && continues) {
    field_.add(turn.blocks(), turn.counters(), rest.first(length));
  }
  rest = rest.subspan(length);
  line_start_ = lf != nullptr;
  if (part_ == Part::header_end && line_start_) part_ = Part::body;
}

void MessageReader::finish_field(Turn& turn) {
  if (field_.empty()) return;
  const std::string_view field = as_text(field_.view(turn.blocks()));
  const std::string_view name = field_name(field);
  if (name.empty()) {
    // A line that is no field ends the header (RFC 5322 section 2.1 has none such): body already.
    part_ = Part::body;
    body(turn, as_bytes(field));
  } else if (is_reported(name)) {
    const std::string_view value = tail(field, field.find(':', name.size()) + 1);
    tally::Header header;
    header.tx = message_.tx;
    header.truncated = field_.cut() || value.size() > tally::kMaxTextOctets;
    turn.say(header, {name, value});
    if (equal_words(name, "Content-Type")) plain_ = starts_with_word(trim(value), "text/plain");
  } else if (equal_words(name, "Content-Transfer-Encoding")) {
    const std::string_view encoding = trim(tail(field, field.find(':', name.size()) + 1));
    plain_ = plain_ && (starts_with_word(encoding, "7bit") || starts_with_word(encoding, "8bit"));
  }
  field_.clear(turn.blocks());
}

void MessageReader::body(Turn& turn, Bytes octets) {
  if (excerpt_.octets() >= turn.context.limits.excerpt_octets || !plain_) return;
  const std::size_t wanted = turn.context.limits.excerpt_octets - excerpt_.octets();
  excerpt_.add(turn.blocks(), turn.counters(), octets.first(std::min(wanted, octets.size())));
}

void MessageReader::end(Turn& turn, bool complete) {
  if (part_ == Part::header) finish_field(turn);
  if (!excerpt_.empty()) {
    tally::BodyExcerpt excerpt;
    excerpt.tx = message_.tx;
    excerpt.command = message_.command;
    excerpt.truncated = excerpt_.octets() >= turn.context.limits.excerpt_octets;
    turn.say(excerpt, {as_text(excerpt_.view(turn.blocks()))});
  }
  if (message_.transfer == Transfer::data) tell_false_ends(turn);
  message_.complete = complete;
  turn.say(message_);
  const auto way = static_cast<unsigned>(message_.transfer);
  const auto row = [way](Count first) {
    return static_cast<Count>(static_cast<unsigned>(first) + way);
  };
  turn.counters().add(row(Count::messages_data));
  turn.counters().add(row(Count::message_octets_data), message_.octets);
  turn.counters().observe(
      message_.transfer <= Transfer::bdat ? tally::Size::octets_smtp : tally::Size::octets_pop3,
      message_.octets);
  release(turn.blocks());
  open_ = false;
}

}  // namespace mailglass::mail
