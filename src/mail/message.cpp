// SPDX-License-Identifier: BSD-3-Clause
#include "mail/message.h"

#include <array>
#include <bit>
#include <new>

#include "base/bulk.h"
#include "mail/words.h"

namespace mailglass::mail {
namespace {

using tally::Count;
using tally::Transfer;

// The fields an `email` object carries. Everything else in a header is skipped unread.
constexpr std::string_view kReported[] = {
    "From",           "To",           "Cc",
    "Subject",        "Date",         "Message-ID",
    "Reply-To",       "In-Reply-To",  "References",
    "Received",       "User-Agent",   "X-Mailer",
    "DKIM-Signature", "Content-Type", "Content-Disposition",
};
// Of a part, the last two.
constexpr unsigned kReportedOfParts = 3u << (std::size(kReported) - 2);

// By length, one bit for each: most names are compared with one, or none.
constexpr auto kOfLength = [] {
  std::array<std::uint16_t, 20> names{};
  for (unsigned i = 0; i < std::size(kReported); ++i) {
    std::uint16_t& of = names[kReported[i].size()];
    of = static_cast<std::uint16_t>(of | 1u << i);
  }
  return names;
}();

bool is_reported(std::string_view name, bool of_part) {
  unsigned alike = name.size() < kOfLength.size() ? kOfLength[name.size()] : 0u;
  if (of_part) alike &= kReportedOfParts;
  for (; alike != 0; alike &= alike - 1) {
    if (equal_words(name, kReported[std::countr_zero(alike)])) return true;
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

void MessageReader::begin(Transfer transfer, std::uint32_t tx, std::uint32_t command,
                          bool may_be_8bit) {
  *this = MessageReader{};
  may_be_8bit_ = may_be_8bit;
  message_.transfer = transfer;
  message_.tx = tx;
  message_.command = command;
  open_ = true;
}

bool MessageReader::take_stuffed(Turn& turn, Bytes& rest) {
  const bool end = dots_.take(rest, [&](Data data) { content(turn, data); });
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
  const bool any_8bit = !may_be_8bit_ && bulk.any_8bit(octets.data(), octets.size());
  Data data{octets, any_8bit, octets.data()};
  content(turn, data);
  field_.settle(turn.blocks(), turn.counters());
  excerpt_.settle(turn.blocks(), turn.counters());
}

void MessageReader::lose(Turn& turn, std::uint64_t octets) {
  message_.bytes_missing += octets;
  dots_.lose_step();
  line_length_.lose();
  // Inside the header the rest of a line is no field of its own; behind it, nobody knows.
  field_.clear(turn.blocks());
  line_start_ = false;
  if (Mime* m = mime(turn)) m->lose(turn, message_);
}

void MessageReader::tell(Turn& turn, tally::Anomaly anomaly) const {
  const bool by_client = message_.transfer <= Transfer::bdat;
  turn.anomaly(anomaly, by_client ? tally::Direction::to_server : tally::Direction::to_client, {},
               message_.tx);
}

void MessageReader::content(Turn& turn, Data& data) {
  message_.octets += data.octets.size();
  if (!may_be_8bit_ && data.any_8bit) {
    may_be_8bit_ = true;  // told once
    tell(turn, tally::Anomaly::smtp_8bit_undeclared);
  }
  if (line_length_.grows_over(data.octets)) tell(turn, tally::Anomaly::message_line_too_long);
  read(turn, data);
}

void MessageReader::read(Turn& turn, Data& data) {
  while (!data.octets.empty()) {
    if (part_ == Part::body) {
      body(turn, data);
    } else {
      header(turn, data.octets);
    }
  }
}

// Takes one line, or what there is of it.
void MessageReader::header(Turn& turn, Bytes& rest) {
  const std::uint8_t first = rest.front();
  if (line_start_ && part_ == Part::header && first != ' ' && first != '\t') {
    if (!field_.empty()) {
      finish_field(turn);
      if (part_ != Part::header || !line_start_) return;
    }
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
  if (Mime* m = mime(turn)) m->pass(static_cast<std::int64_t>(length));
  rest = rest.subspan(length);
  line_start_ = lf != nullptr;
  if (part_ == Part::header_end && line_start_) begin_body(turn);
}

void MessageReader::finish_field(Turn& turn) {
  if (field_.empty()) return;
  Gather line = field_;
  field_ = Gather{};
  const Bytes octets = line.view(turn.blocks());
  const std::string_view name = field_name(as_text(octets));
  Mime* m = mime(turn);
  if (name.empty() || (m != nullptr && m->is_delimiter(octets))) {
    // A line that is no field ends the header (RFC 5322 section 2.1 has none such): body already.
    if (m != nullptr) m->pass(-static_cast<std::int64_t>(octets.size()));
    begin_body(turn);
    if (line.cut() && mime(turn) != nullptr) mime(turn)->lose(turn, message_);
    Data again{octets, false, octets.data()};
    read(turn, again);
    field_.settle(turn.blocks(), turn.counters());
    excerpt_.settle(turn.blocks(), turn.counters());
  } else {
    const std::string_view value =
        tail(as_text(octets), as_text(octets).find(':', name.size()) + 1);
    report_field(turn, name, value, line.cut());
    read_field(turn, name, value);
  }
  line.clear(turn.blocks());
}

void MessageReader::report_field(Turn& turn, std::string_view name, std::string_view value,
                                 bool cut) {
  const bool of_part = message_.parts != 0;
  if (!is_reported(name, of_part) || message_.parts > turn.context.limits.mime_parts) return;
  tally::Header header;
  header.tx = message_.tx;
  header.part = message_.parts;
  if (const Mime* m = mime(turn)) header.depth = m->depth();
  header.truncated = cut || value.size() > tally::kMaxTextOctets;
  turn.say(header, {name, value});
}

// What the body depends on.
void MessageReader::read_field(Turn& turn, std::string_view name, std::string_view value) {
  if (!starts_with_word(name, "Content-")) return;
  if (equal_words(name, "Content-Type")) {
    Mime* const m = starts_with_word(trim(value), "multipart/") ? open_mime(turn) : mime(turn);
    read_content_type(value, entity_,
                      m != nullptr ? m->boundary_room() : std::span<std::uint8_t>{});
  } else if (equal_words(name, "Content-Disposition")) {
    read_disposition(value, entity_);
  } else if (equal_words(name, "Content-Transfer-Encoding")) {
    read_transfer_encoding(value, entity_);
  }
}

Mime* MessageReader::mime(Turn& turn) const {
  return mime_ == kNoSlot ? nullptr : reinterpret_cast<Mime*>(turn.blocks()[mime_].octet);
}

Mime* MessageReader::open_mime(Turn& turn) {
  if (mime_ != kNoSlot) return mime(turn);
  if (turn.context.limits.mime_depth == 0) return nullptr;
  mime_ = turn.blocks().take();
  if (mime_ == kNoSlot) {
    turn.counters().add(Count::mime_refused_blocks);
    return nullptr;
  }
  return new (turn.blocks()[mime_].octet) Mime;
}

void MessageReader::begin_body(Turn& turn) {
  part_ = Part::body;
  const bool asked = entity_.composite() || entity_.attachment ||
                     (turn.context.limits.urls != 0 && entity_.type != MediaType::other);
  Mime* const m = asked ? open_mime(turn) : mime(turn);
  if (m != nullptr && m->begin_body(turn, message_, entity_)) begin_part(turn);
}

void MessageReader::begin_part(Turn& turn) {
  ++message_.parts;
  turn.counters().add(Count::message_parts);
  entity_ = Entity{};
  entity_.type = mime(turn)->default_type();
  part_ = Part::header;
  line_start_ = true;
}

void MessageReader::body(Turn& turn, Data& data) {
  if (message_.parts == 0) excerpt(turn, data.octets);
  Mime* const m = mime(turn);
  if (m == nullptr) {
    data.octets = {};
  } else if (m->take(turn, message_, data)) {
    begin_part(turn);
  }
}

// The beginning of a message that is text as it is.
void MessageReader::excerpt(Turn& turn, Bytes octets) {
  if (excerpt_.octets() >= turn.context.limits.excerpt_octets) return;
  const bool plain =
      entity_.type == MediaType::text_plain && entity_.encoding <= tally::Encoding::eight_bit;
  if (!plain) return;
  const std::size_t wanted = turn.context.limits.excerpt_octets - excerpt_.octets();
  excerpt_.add(turn.blocks(), turn.counters(), octets.first(std::min(wanted, octets.size())));
}

void MessageReader::end(Turn& turn, bool complete) {
  if (part_ == Part::header) finish_field(turn);
  if (part_ != Part::body) begin_body(turn);
  if (Mime* m = mime(turn)) m->end(turn, message_, complete);
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
