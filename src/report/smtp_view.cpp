// SPDX-License-Identifier: BSD-3-Clause
#include "report/smtp_view.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "report/envelope.h"

namespace mailglass::report {
namespace {

using tally::Phase;
using tally::SmtpVerb;

// A name for what has no place of its own but must be charged for.
constexpr std::size_t kRecipientOctets = sizeof(Recipient);
constexpr std::size_t kTransactionOctets = sizeof(SmtpTransaction);

bool greets(SmtpVerb verb) {
  return verb == SmtpVerb::HELO || verb == SmtpVerb::EHLO || verb == SmtpVerb::LHLO;
}

bool starts_tls(SmtpVerb verb) {
  return verb == SmtpVerb::STARTTLS || verb == SmtpVerb::XANONYMOUSTLS;
}

void slowest(Microseconds& so_far, const tally::Reply& reply) {
  if (reply.has_latency) so_far = std::max(so_far.value_or(0), reply.latency_us);
}

}  // namespace

SmtpTransaction* SmtpView::find(std::uint32_t tx) {
  for (SmtpTransaction& transaction : open_) {
    if (transaction.tx == tx) return &transaction;
  }
  return nullptr;
}

SmtpTransaction* SmtpView::open(std::uint32_t tx) {
  if (SmtpTransaction* known = find(tx)) return known;
  if (tx <= forgotten_) return nullptr;
  SmtpTransaction& fresh = open_.emplace_back();
  fresh.tx = tx;
  allowance_.take(fresh.kept, kTransactionOctets);
  return &fresh;
}

void SmtpView::forget(SmtpTransaction& transaction) {
  forgotten_ = std::max(forgotten_, transaction.tx);
  allowance_.give_back(transaction.kept);
  const auto at = std::find_if(open_.begin(), open_.end(),
                               [&](const SmtpTransaction& t) { return &t == &transaction; });
  if (at != open_.end()) open_.erase(at);
}

void SmtpView::command(const tally::Command& command, std::string_view argument) {
  if (command.continuation) return;
  const auto verb = static_cast<SmtpVerb>(command.verb);
  if (greets(verb)) {
    allowance_.keep(kept, helo, argument);
    greeting = tally::name_of(verb);
  } else if (starts_tls(verb)) {
    starttls_requested = true;
  } else if (verb == SmtpVerb::XCLIENT) {
    relayed(xclient, argument);
  } else if (verb == SmtpVerb::XFORWARD) {
    relayed(xforward, argument);
  }
  SmtpTransaction* transaction = open(command.tx);
  if (transaction == nullptr) return;
  if (command.truncated) transaction->kept.truncated = true;
  // A second MAIL inside a transaction is refused (RFC 5321 section 4.1.4): the first one counts.
  if (verb == SmtpVerb::MAIL && !transaction->has_sender) {
    transaction->mail_command = command.index;
    sender(*transaction, argument);
  }
  if (verb == SmtpVerb::RCPT) recipient(*transaction, command.index, argument);
}

// Postfix's XCLIENT and XFORWARD: "NAME=spike.example ADDR=IPV6:2001:db8::1 LOGIN=[UNAVAILABLE]",
// over as many commands as it takes. The last value of an attribute counts.
void SmtpView::relayed(Attributes& attributes, std::string_view argument) {
  while (!argument.empty()) {
    const std::string_view word = argument.substr(0, argument.find(' '));
    argument.remove_prefix(std::min(argument.size(), word.size() + 1));
    const std::size_t equals = word.find('=');
    if (equals == std::string_view::npos || equals == 0) continue;
    std::string name(word.substr(0, equals)), value = decode_xtext(word.substr(equals + 1));
    for (char& c : name) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    std::erase_if(attributes, [&](const auto& known) { return known.first == name; });
    if (value.empty() || value == "[UNAVAILABLE]" || value == "[TEMPUNAVAIL]") continue;
    if (value.starts_with("IPV6:")) value.erase(0, 5);
    if (attributes.size() == kAttributes || !allowance_.take(kept, sizeof attributes[0])) {
      kept.truncated = true;
      return;
    }
    auto& added = attributes.emplace_back();
    allowance_.keep(kept, added.first, name);
    allowance_.keep(kept, added.second, value);
  }
}

void SmtpView::sender(SmtpTransaction& transaction, std::string_view argument) {
  EnvelopeArgument mail(argument);
  if (!mail.named()) return;  // "MAIL from <a@b": no server takes it
  transaction.has_sender = true;
  allowance_.keep(transaction.kept, transaction.sender, mail.path());
  EsmtpParameter parameter;
  while (mail.next(parameter)) {
    const auto is = [&](std::string_view keyword) { return same_word(parameter.keyword, keyword); };
    if (is("SIZE")) {  // RFC 1870
      std::uint64_t size = 0;
      const char* end = parameter.value.data() + parameter.value.size();
      const auto [at, error] = std::from_chars(parameter.value.data(), end, size);
      if (error == std::errc() && at == end) transaction.size_declared = size;
    } else if (is("BODY")) {  // RFC 6152, RFC 3030
      allowance_.keep(transaction.kept, transaction.body, parameter.value);
    } else if (is("SMTPUTF8")) {  // RFC 6531
      transaction.smtputf8 = true;
    } else if (is("REQUIRETLS")) {  // RFC 8689
      transaction.requiretls = true;
    } else if (is("RET")) {  // RFC 3461
      allowance_.keep(transaction.kept, transaction.ret, parameter.value);
    } else if (is("ENVID")) {
      allowance_.keep(transaction.kept, transaction.envid, decode_xtext(parameter.value));
    }
  }
}

void SmtpView::recipient(SmtpTransaction& transaction, std::uint32_t command,
                         std::string_view argument) {
  if (transaction.recipients.size() >= kRecipients ||
      !allowance_.take(transaction.kept, kRecipientOctets)) {
    transaction.kept.truncated = true;
    return;
  }
  EnvelopeArgument rcpt(argument);
  Recipient& added = transaction.recipients.emplace_back();
  added.command = command;
  allowance_.keep(transaction.kept, added.address, rcpt.path());
  EsmtpParameter parameter;
  while (rcpt.next(parameter)) {
    if (same_word(parameter.keyword, "NOTIFY")) {  // RFC 3461
      allowance_.keep(transaction.kept, added.notify, parameter.value);
    } else if (same_word(parameter.keyword, "ORCPT")) {
      allowance_.keep(transaction.kept, added.orcpt, decode_xtext(parameter.value));
    }
  }
}

void SmtpView::set(Status& status, Kept& part, const tally::Reply& reply, std::string_view text) {
  status.code = reply.code;
  std::copy(std::begin(reply.enhanced), std::end(reply.enhanced), status.enhanced.part.begin());
  std::string plain;
  append_reply(plain, text, reply.code, status.enhanced);
  allowance_.keep(part, status.text, plain);
  if (reply.truncated) part.truncated = true;
}

void SmtpView::reply(const tally::Reply& reply, std::string_view text, std::string_view queue_id) {
  if (reply.phase == Phase::unsolicited) return;
  session_reply(reply, text);
  SmtpTransaction* transaction = open(reply.tx);
  if (transaction == nullptr) return;
  const auto verb = static_cast<SmtpVerb>(reply.verb);
  const bool negative = reply.code >= 400;
  const std::size_t ordinal = reply.recipient;
  auto& recipients = transaction->recipients;

  if (reply.phase == Phase::content) {
    slowest(transaction->end_of_data, reply);
    if (ordinal > 0 && ordinal <= recipients.size()) {
      set(recipients[ordinal - 1].status, transaction->kept, reply, text);
    }
    set(transaction->result, transaction->kept, reply, text);
    if (queue_id.empty() && !negative) queue_id = report::queue_id(text);
    if (!queue_id.empty()) allowance_.keep(transaction->kept, transaction->queue_id, queue_id);
  } else if (verb == SmtpVerb::MAIL) {
    slowest(transaction->mail, reply);
    if (negative && reply.command == transaction->mail_command)
      set(transaction->result, transaction->kept, reply, text);
  } else if (verb == SmtpVerb::RCPT) {
    slowest(transaction->rcpt, reply);
    const auto asked =
        std::lower_bound(recipients.begin(), recipients.end(), reply.command,
                         [](const Recipient& r, std::uint32_t index) { return r.command < index; });
    if (asked != recipients.end() && asked->command == reply.command) {
      set(asked->status, transaction->kept, reply, text);
    }
  } else if (verb == SmtpVerb::DATA || verb == SmtpVerb::BDAT) {
    slowest(transaction->data, reply);
    if (negative) set(transaction->result, transaction->kept, reply, text);
  }
}

void SmtpView::turned() {
  for (std::string* said : {&banner, &greeting, &helo}) said->clear();
  extensions.clear();
  banner_latency = greeting_latency = {};
}

void SmtpView::session_reply(const tally::Reply& reply, std::string_view text) {
  const auto verb = static_cast<SmtpVerb>(reply.verb);
  if (reply.phase == Phase::banner) {
    if (!banner.empty()) return;
    std::string plain;
    append_reply(plain, text, reply.code, {});
    allowance_.keep(kept, banner, plain);
    slowest(banner_latency, reply);
  } else if (reply.phase == Phase::command && greets(verb)) {
    if (reply.has_latency) greeting_latency = reply.latency_us;
    if (verb != SmtpVerb::HELO && reply.code == 250) offered(text, reply.code);
  } else if (reply.phase == Phase::command && verb == SmtpVerb::AUTH) {
    slowest(auth_latency, reply);
  } else if (starts_tls(verb) && reply.code == 220) {
    starttls_accepted = true;
  }
}

// The lines of an EHLO reply behind the first, which names the server (RFC 5321 section 4.1.1.1).
void SmtpView::offered(std::string_view text, std::uint16_t code) {
  extensions.clear();
  std::string_view line;
  Lines lines(text);
  lines.next(line);
  while (lines.next(line)) {
    if (extensions.size() >= kExtensions || !allowance_.take(kept, sizeof(std::string))) {
      kept.truncated = true;
      return;
    }
    line = without_code(line, code);
    allowance_.keep(kept, extensions.emplace_back(), line);
    const std::string_view keyword = line.substr(0, line.find(' '));
    if (same_word(keyword, "STARTTLS") || same_word(keyword, "X-ANONYMOUSTLS")) {
      starttls_offered = true;
    }
  }
}

void SmtpView::header(const tally::Header& header, std::string_view name, std::string_view value,
                      Charsets& charsets) {
  SmtpTransaction* transaction = open(header.tx);
  if (transaction == nullptr) return;
  if (header.truncated) transaction->kept.truncated = true;
  Email& email = transaction->email;
  email.contents.field(header, name, value, charsets, allowance_, transaction->kept);
  if (header.part == 0) email.take(name, value, charsets, allowance_, transaction->kept);
}

const Attachment* SmtpView::part(const tally::Part& part) {
  SmtpTransaction* transaction = open(part.tx);
  if (transaction == nullptr) return nullptr;
  return transaction->email.contents.end(part, allowance_, transaction->kept);
}

void SmtpView::url(const tally::Url& found, std::string_view url) {
  SmtpTransaction* transaction = open(found.tx);
  if (transaction == nullptr) return;
  transaction->email.contents.url(url, found.truncated, allowance_, transaction->kept);
}

void SmtpView::excerpt(const tally::BodyExcerpt& body, std::string_view text) {
  SmtpTransaction* transaction = open(body.tx);
  if (transaction != nullptr) allowance_.keep(transaction->kept, transaction->excerpt, text);
}

void SmtpView::message(const tally::Message& message) {
  if (SmtpTransaction* transaction = open(message.tx)) transaction->message = message;
}

SmtpTransaction* SmtpView::end(const tally::Transaction& end) {
  SmtpTransaction* transaction = open(end.tx);
  if (transaction == nullptr) return nullptr;
  transaction->end = end;
  transaction->ended = true;
  return transaction;
}

}  // namespace mailglass::report
