// SPDX-License-Identifier: BSD-3-Clause
#include "mail/entity.h"

#include "base/parameters.h"
#include "mail/words.h"

namespace mailglass::mail {
namespace {

using tally::Encoding;

MediaType type_of(std::string_view type) {
  if (equal_words(type, "text/plain")) return MediaType::text_plain;
  if (equal_words(type, "text/html")) return MediaType::text_html;
  if (equal_words(type, "multipart/digest")) return MediaType::digest;
  if (starts_with_word(type, "multipart/")) return MediaType::multipart;
  // RFC 2046 section 5.2: the other message types hold no whole message.
  if (equal_words(type, "message/rfc822") || equal_words(type, "message/global")) {
    return MediaType::message;
  }
  return MediaType::other;
}

// The pieces of a value in pieces are taken as they come; senders write them in order.
void keep_boundary(const Parameter& parameter, Entity& entity, std::span<std::uint8_t> room) {
  const auto next = parameter.extended ? Parameters::next_extended_octet : Parameters::next_octet;
  std::string_view value = parameter.value;
  if (parameter.extended && (parameter.section == 0 || parameter.section == Parameter::kWhole)) {
    const std::size_t charset = value.find('\'');
    const std::size_t language = value.find('\'', charset + 1);
    if (charset != value.npos && language != value.npos) value = tail(value, language + 1);
  }
  unsigned octets = entity.boundary;
  for (int octet = next(value); octet >= 0; octet = next(value)) {
    if (octets < room.size()) room[octets] = static_cast<std::uint8_t>(octet);
    if (octets <= kKeptBoundary) ++octets;
  }
  entity.boundary_too_long = octets > kMaxBoundary;
  entity.boundary = static_cast<std::uint8_t>(std::min<std::size_t>(octets, kKeptBoundary));
}

}  // namespace

void read_content_type(std::string_view value, Entity& entity, std::span<std::uint8_t> room) {
  if (entity.typed) return;
  entity.typed = true;
  Parameters parameters(value);
  entity.type = type_of(parameters.first());
  bool whole = false;
  for (Parameter parameter; parameters.next(parameter);) {
    if (equal_words(parameter.name, "name")) entity.attachment = true;
    const bool multipart = entity.type == MediaType::multipart || entity.type == MediaType::digest;
    if (!multipart || whole || !equal_words(parameter.name, "boundary")) continue;
    whole = parameter.section == Parameter::kWhole;
    if (whole) entity.boundary = 0;
    keep_boundary(parameter, entity, room);
  }
  if (entity.boundary > room.size()) {
    entity.boundary_unkept = true;
    entity.boundary = 0;
  }
  // No boundary ends in a blank (RFC 2046 section 5.1.1): it was put there on the way.
  while (entity.boundary != 0 && room[entity.boundary - 1u] == ' ') --entity.boundary;
}

void read_disposition(std::string_view value, Entity& entity) {
  Parameters parameters(value);
  if (equal_words(parameters.first(), "attachment")) entity.attachment = true;
  for (Parameter parameter; parameters.next(parameter);) {
    if (equal_words(parameter.name, "filename")) entity.attachment = true;
  }
}

void read_transfer_encoding(std::string_view value, Entity& entity) {
  if (entity.encoded) return;
  entity.encoded = true;
  struct Word {
    std::string_view word;
    Encoding encoding;
  };
  static constexpr Word kWords[] = {
      {"7bit", Encoding::seven_bit},
      {"8bit", Encoding::eight_bit},
      {"binary", Encoding::binary},
      {"base64", Encoding::base64},
      {"quoted-printable", Encoding::quoted_printable},
      {"x-uuencode", Encoding::uuencode},
      {"x-uue", Encoding::uuencode},
      {"uuencode", Encoding::uuencode},
      {"uue", Encoding::uuencode},
  };
  std::string_view word = trim(value);
  word = trim(head(word, word.find_first_of(";(")));  // a comment, or what does not belong there
  entity.encoding = Encoding::other;
  for (const Word& known : kWords) {
    if (equal_words(word, known.word)) entity.encoding = known.encoding;
  }
}

}  // namespace mailglass::mail
