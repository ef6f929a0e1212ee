// SPDX-License-Identifier: BSD-3-Clause
// The `pop3` object.
#include <charconv>

#include "report/eve.h"

namespace mailglass::report {
namespace {

using tally::Pop3Verb;

void write_request(Json& json, const Pop3Exchange& exchange) {
  json.open("request");
  json.text("command", exchange.command);
  json.list("args", exchange.args);
  json.close();
}

void write_response(Json& json, const Pop3Exchange& exchange) {
  if (!exchange.answered) return;
  json.open("response");
  json.flag("success", exchange.status == Pop3Status::ok);
  if (exchange.status == Pop3Status::ok) json.text("status", "OK");
  if (exchange.status == Pop3Status::err) json.text("status", "ERR");
  json.known("header", exchange.header);
  json.list("data", exchange.data);
  json.close();
}

void write_listings(Json& json, const Pop3Exchange& exchange) {
  if (exchange.has_stat) {
    json.open("stat");
    json.number("messages", exchange.stat.number);
    json.number("octets", exchange.stat.octets);
    json.close();
  }
  if (!exchange.list.empty()) {
    json.open_list("list");
    for (const ScanListing& row : exchange.list) {
      json.open();
      json.number("number", row.number);
      json.number("octets", row.octets);
      json.close();
    }
    json.close_list();
  }
  if (!exchange.uidl.empty()) {
    json.open_list("uidl");
    for (const UniqueIdListing& row : exchange.uidl) {
      json.open();
      json.number("number", row.number);
      json.text("id", row.id);
      json.close();
    }
    json.close_list();
  }
}

void write_retr(Json& json, const Pop3Exchange& exchange) {
  if (exchange.verb != Pop3Verb::RETR || exchange.status != Pop3Status::ok) return;
  json.open("retr");
  std::uint64_t number = 0;
  if (!exchange.args.empty()) {
    const std::string& arg = exchange.args[0];
    const auto [at, error] = std::from_chars(arg.data(), arg.data() + arg.size(), number);
    if (error == std::errc()) json.number("number", number);
  }
  if (exchange.octets_declared != 0) json.number("octets_declared", exchange.octets_declared);
  if (exchange.message) json.number("octets", exchange.message->octets);
  json.close();
}

void write_mailbox(Json& json, const tally::Mailbox& mailbox) {
  json.open("mailbox");
  if (mailbox.messages != 0) json.number("messages", mailbox.messages);
  json.number("retrieved", mailbox.retrieved);
  json.number("deleted", mailbox.deleted);
  json.number("octets", mailbox.octets);
  json.flag("drained", mailbox.drained);
  json.close();
}

}  // namespace

void write_pop3(Json& json, const Pop3Exchange& exchange, bool records_lost) {
  json.open("pop3");
  write_request(json, exchange);
  write_response(json, exchange);
  if (exchange.latency) json.milliseconds("latency_ms", *exchange.latency);
  json.known("code", exchange.response_code);
  write_listings(json, exchange);
  write_retr(json, exchange);
  if (exchange.mailbox) write_mailbox(json, *exchange.mailbox);
  if (exchange.kept.truncated || records_lost) json.flag("truncated", true);
  json.close();
}

}  // namespace mailglass::report
