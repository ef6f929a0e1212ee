// SPDX-License-Identifier: BSD-3-Clause
#include "report/attachment.h"

#include <algorithm>
#include <array>

#include "base/parameters.h"
#include "report/envelope.h"
#include "report/rfc2047.h"
#include "report/utf8.h"

namespace mailglass::report {
namespace {

using Next = int (*)(std::string_view&);

void append_octets(std::string& out, const Parameter& piece) {
  const Next next = piece.extended ? Parameters::next_extended_octet : Parameters::next_octet;
  std::string_view value = piece.value;
  for (int octet = next(value); octet >= 0; octet = next(value)) {
    out.push_back(static_cast<char>(octet));
  }
}

// Cuts "utf-8'en'" off the first piece of an extended value (RFC 2231 section 4).
std::string_view take_charset(std::string_view& value) {
  const std::size_t charset = value.find('\'');
  const std::size_t language = charset == value.npos ? charset : value.find('\'', charset + 1);
  if (language == value.npos) return {};
  const std::string_view name = value.substr(0, charset);
  value.remove_prefix(language + 1);
  return name;
}

// The value of a parameter, whole or in pieces, as UTF-8. An extended one is preferred: senders
// give the other for readers that know no better (RFC 6266 section 4.3).
std::string value_of(std::string_view field, std::string_view name, Charsets& charsets) {
  constexpr std::size_t kPieces = 100;
  std::vector<Parameter> pieces;
  std::string plain, whole;
  std::string_view charset;
  Parameters parameters(field);
  for (Parameter parameter; parameters.next(parameter);) {
    if (!same_word(parameter.name, name)) continue;
    if (parameter.section != Parameter::kWhole) {
      if (pieces.size() < kPieces) pieces.push_back(parameter);
    } else if (parameter.extended && whole.empty()) {
      charset = take_charset(parameter.value);
      append_octets(whole, parameter);
    } else if (plain.empty()) {
      append_octets(plain, parameter);
    }
  }
  if (whole.empty() && !pieces.empty()) {
    std::stable_sort(pieces.begin(), pieces.end(),
                     [](const Parameter& a, const Parameter& b) { return a.section < b.section; });
    if (pieces.front().extended) charset = take_charset(pieces.front().value);
    for (const Parameter& piece : pieces) append_octets(whole, piece);
  }
  std::string text;
  if (!whole.empty()) {
    charsets.append(text, charset, whole);
  } else {
    append_decoded(text, plain, charsets);  // not what RFC 2047 section 5 allows, but common
  }
  return text;
}

}  // namespace

std::string_view name_of(tally::Encoding encoding) {
  static constexpr std::array<std::string_view, 7> kNames = {
      "7bit", "8bit", "binary", "base64", "quoted-printable", "uuencode", "other"};
  return kNames.at(static_cast<std::size_t>(encoding));
}

Contents::Fields& Contents::fields_of(std::uint32_t part, std::uint8_t depth) {
  // What is not outside this part is over.
  while (!open_.empty() && open_.back().depth >= depth && open_.back().part != part) {
    open_.pop_back();
  }
  if (open_.empty() || open_.back().part != part) {
    Fields& fresh = open_.emplace_back();
    fresh.part = part;
    fresh.depth = depth;
  }
  return open_.back();
}

void Contents::field(const tally::Header& header, std::string_view name, std::string_view value,
                     Charsets& charsets, Allowance& allowance, Kept& kept) {
  const bool type = same_word(name, "Content-Type");
  if (!type && !same_word(name, "Content-Disposition")) return;
  Fields& fields = fields_of(header.part, header.depth);
  if (!type) {
    if (!fields.filename.empty()) return;
    allowance.keep_text(kept, fields.filename, value_of(value, "filename", charsets));
  } else if (fields.content_type.empty()) {
    allowance.keep(kept, fields.content_type, Parameters(value).first());
    allowance.keep_text(kept, fields.name, value_of(value, "name", charsets));
  }
}

const Attachment* Contents::end(const tally::Part& part, Allowance& allowance, Kept& kept) {
  if (attachments_.size() >= kAttachments || !allowance.take(kept, sizeof(Attachment))) {
    kept.truncated = true;
    return nullptr;
  }
  Fields& fields = fields_of(part.part, part.depth);
  Attachment& attachment = attachments_.emplace_back();
  attachment.part = part;
  attachment.filename = std::move(fields.filename.empty() ? fields.name : fields.filename);
  attachment.content_type = std::move(fields.content_type);
  open_.pop_back();
  return &attachment;
}

void Contents::url(std::string_view url, bool truncated, Allowance& allowance, Kept& kept) {
  if (truncated) kept.truncated = true;
  if (!allowance.take(kept, sizeof(std::string))) return;
  allowance.keep(kept, urls_.emplace_back(), url);
}

}  // namespace mailglass::report
