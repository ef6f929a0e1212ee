// SPDX-License-Identifier: BSD-3-Clause
#include "report/email.h"

#include <array>

#include "report/address_list.h"
#include "report/envelope.h"
#include "report/rfc2047.h"

namespace mailglass::report {
namespace {

// Everything a field's reader needs beside the value.
struct Context {
  Charsets& charsets;
  Allowance& allowance;
  Kept& kept;

  void keep_decoded(std::string& to, std::string_view text) {
    std::string decoded;
    decoded.reserve(text.size());
    append_decoded(decoded, text, charsets);
    allowance.keep_text(kept, to, std::move(decoded));
  }
  // A new entry of a list, or null when the list is full.
  std::string* entry(std::vector<std::string>& list) {
    if (list.size() >= Email::kListEntries || !allowance.take(kept, sizeof(std::string))) {
      kept.truncated = true;
      return nullptr;
    }
    return &list.emplace_back();
  }
};

using Reader = void (*)(Email&, std::string_view value, Context&);

template <std::string Email::*field>
void text(Email& email, std::string_view value, Context& context) {
  if ((email.*field).empty()) context.keep_decoded(email.*field, value);
}

// Addresses are separated first and decoded then: an encoded-word may hold a comma.
template <std::vector<std::string> Email::*field>
void addresses(Email& email, std::string_view value, Context& context) {
  while (!value.empty()) {
    const std::string_view address = next_address(value);
    if (address.empty()) continue;
    std::string* entry = context.entry(email.*field);
    if (entry == nullptr) return;
    context.keep_decoded(*entry, address);
  }
}

void received(Email& email, std::string_view value, Context& context) {
  std::string* entry = context.entry(email.received);
  if (entry != nullptr) context.keep_decoded(*entry, value);
}

void references(Email& email, std::string_view value, Context& context) {
  for (;;) {  // commas: some write them between identifiers
    const std::size_t start = value.find_first_not_of(" \t,");
    if (start == std::string_view::npos) return;
    value.remove_prefix(start);
    const bool bracketed = value.front() == '<';
    std::string_view id = value.substr(0, value.find_first_of(bracketed ? " \t" : " \t,"));
    const std::size_t close = bracketed ? id.find('>') : std::string_view::npos;
    if (close != std::string_view::npos) id = id.substr(0, close + 1);
    value.remove_prefix(id.size());
    std::string* entry = context.entry(email.references);
    if (entry == nullptr) return;
    context.keep_decoded(*entry, id);
  }
}

// The d= tag of a signature (RFC 6376 section 3.5), each domain once.
void dkim_signature(Email& email, std::string_view value, Context& context) {
  while (!value.empty()) {
    std::string_view tag = value.substr(0, value.find(';'));
    value.remove_prefix(tag.size() < value.size() ? tag.size() + 1 : tag.size());
    const std::size_t start = tag.find_first_not_of(" \t");
    if (start == std::string_view::npos) continue;
    tag.remove_prefix(start);
    const std::size_t equals = tag.find('=');
    if (equals == std::string_view::npos || tag[0] != 'd') continue;
    if (tag.substr(1, equals - 1).find_first_not_of(" \t") != std::string_view::npos) continue;
    std::string_view domain = tag.substr(equals + 1);
    domain.remove_prefix(std::min(domain.find_first_not_of(" \t"), domain.size()));
    domain = domain.substr(0, domain.find_first_of(" \t"));
    for (const std::string& known : email.dkim_domains) {
      if (same_domain(known, domain)) return;
    }
    std::string* entry = context.entry(email.dkim_domains);
    if (entry != nullptr) context.keep_decoded(*entry, domain);
    return;
  }
}

struct Field {
  std::string_view name;
  Reader read;
};

constexpr std::array kFields = {
    Field{"From", text<&Email::from>},
    Field{"To", addresses<&Email::to>},
    Field{"Cc", addresses<&Email::cc>},
    Field{"Subject", text<&Email::subject>},
    Field{"Date", text<&Email::date>},
    Field{"Message-ID", text<&Email::message_id>},
    Field{"Received", received},
    Field{"Reply-To", text<&Email::reply_to>},
    Field{"In-Reply-To", text<&Email::in_reply_to>},
    Field{"References", references},
    Field{"X-Mailer", text<&Email::x_mailer>},
    Field{"User-Agent", text<&Email::user_agent>},
    Field{"Content-Type", text<&Email::content_type>},
    Field{"DKIM-Signature", dkim_signature},
};

}  // namespace

void Email::take(std::string_view name, std::string_view value, Charsets& charsets,
                 Allowance& allowance, Kept& kept) {
  present = true;
  for (const Field& field : kFields) {
    if (!same_word(field.name, name)) continue;
    std::string unfolded;
    unfolded.reserve(value.size());
    append_unfolded(unfolded, value);
    Context context{charsets, allowance, kept};
    field.read(*this, unfolded, context);
    return;
  }
}

}  // namespace mailglass::report
