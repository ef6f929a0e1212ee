// SPDX-License-Identifier: BSD-3-Clause
// The `smtp` object.
#include <array>
#include <string>

#include "report/address_list.h"
#include "report/eve.h"

namespace mailglass::report {
namespace {

using tally::Transfer;

void write_status(Json& json, const Status& status) {
  if (status.code == 0) return;
  json.number("code", status.code);
  json.known("enhanced", status.enhanced.text());
  json.known("text", status.text);
}

void write_esmtp(Json& json, const SmtpTransaction& t) {
  const bool any = t.size_declared || t.smtputf8 || t.requiretls || !t.body.empty() ||
                   !t.ret.empty() || !t.envid.empty();
  if (!any) return;
  json.open("esmtp");
  if (t.size_declared) json.number("size_declared", *t.size_declared);
  json.known("body", t.body);
  if (t.smtputf8) json.flag("smtputf8", true);
  json.known("ret", t.ret);
  json.known("envid", t.envid);
  if (t.requiretls) json.flag("requiretls", true);
  json.close();
}

void write_recipients(Json& json, const SmtpTransaction& t) {
  if (t.recipients.empty()) return;
  json.open_list("recipients");
  for (const Recipient& recipient : t.recipients) {
    json.open();
    json.text("address", recipient.address);
    write_status(json, recipient.status);
    json.known("notify", recipient.notify);
    json.known("orcpt", recipient.orcpt);
    json.close();
  }
  json.close_list();
}

void write_result(Json& json, const SmtpTransaction& t) {
  if (t.result.code == 0) return;
  json.open("result");
  write_status(json, t.result);
  json.known("queue_id", t.queue_id);
  json.close();
}

void write_envelope(Json& json, const SmtpTransaction& t) {
  if (t.has_sender) {
    json.key("mail_from");
    json.path(t.sender);
  }
  if (t.recipients.empty()) return;
  json.open_list("rcpt_to");
  for (const Recipient& recipient : t.recipients) json.path(recipient.address);
  json.close_list();
}

void write_transfer(Json& json, const SmtpTransaction& t) {
  if (!t.message) return;
  const bool bdat = t.message->transfer == Transfer::bdat;
  json.text("transfer", bdat ? "BDAT" : "DATA");
  json.number("octets", t.message->octets);
  if (bdat) json.number("chunks", t.message->chunks);
}

void write_latencies(Json& json, const SmtpView& session, const SmtpTransaction* t) {
  struct Named {
    std::string_view name;
    const Microseconds* latency;
  };
  const std::array phases = {
      Named{"banner", &session.banner_latency},
      Named{"greeting", &session.greeting_latency},
      Named{"auth", &session.auth_latency},
      Named{"mail", t == nullptr ? nullptr : &t->mail},
      Named{"rcpt", t == nullptr ? nullptr : &t->rcpt},
      Named{"data", t == nullptr ? nullptr : &t->data},
      Named{"end_of_data", t == nullptr ? nullptr : &t->end_of_data},
  };
  bool opened = false;
  for (const auto& [name, latency] : phases) {
    if (latency == nullptr || !latency->has_value()) continue;
    if (!opened) json.open("latency_ms");
    opened = true;
    json.milliseconds(name, **latency);
  }
  if (opened) json.close();
}

void write_attributes(Json& json, std::string_view name, const SmtpView::Attributes& attributes) {
  if (attributes.empty()) return;
  json.open(name);
  for (const auto& [attribute, value] : attributes) json.text(attribute, value);
  json.close();
}

std::string_view name_of(tally::Outcome outcome) {
  constexpr std::array<std::string_view, 5> kNames = {"accepted", "rejected", "aborted", "reset",
                                                      "incomplete"};
  return kNames.at(static_cast<std::size_t>(outcome));
}

}  // namespace

void write_smtp(Json& json, const SmtpView& session, const SmtpTransaction* t, bool records_lost) {
  json.open("smtp");
  json.known("helo", session.helo);
  if (t != nullptr) write_envelope(json, *t);
  json.known("greeting", session.greeting);
  json.known("banner", session.banner);
  json.list("extensions", session.extensions);
  json.flag("tls", session.tls);
  write_attributes(json, "xclient", session.xclient);
  write_attributes(json, "xforward", session.xforward);
  if (t != nullptr) {
    write_esmtp(json, *t);
    write_recipients(json, *t);
    write_result(json, *t);
    write_transfer(json, *t);
    json.flag("pipelined", t->end.pipelined);
    json.text("outcome", name_of(t->end.outcome));
  }
  write_latencies(json, session, t);
  json.open("starttls");
  json.flag("offered", session.starttls_offered);
  json.flag("requested", session.starttls_requested);
  json.flag("accepted", session.starttls_accepted);
  json.close();
  const bool cut = session.kept.truncated || (t != nullptr && t->kept.truncated);
  if (cut || records_lost) json.flag("truncated", true);
  json.close();
}

void write_from_matches_envelope(Json& json, const Email& email, const SmtpTransaction& t) {
  const std::string_view envelope = domain_of(t.sender);
  bool any = false, all = true;  // readers show which author they like
  for (std::string_view list = email.from; !list.empty();) {
    const std::string_view author = domain_of(next_address(list));
    any = any || !author.empty();
    all = all && (author.empty() || same_domain(envelope, author));
  }
  if (envelope.empty() || !any) return;  // <> has no domain to compare with
  json.flag("from_domain_matches_envelope", all);
}

}  // namespace mailglass::report
