// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/format.h>

#include "report/plain_words.h"

namespace mailglass::report {
namespace {

using tally::Pop3Verb;

std::string about(std::string_view argument, std::string_view one, std::string_view all) {
  return argument.empty() ? std::string(all) : fmt::format("{} {}", one, argument);
}

std::string top(std::string_view argument) {  // RFC 1939 section 7: TOP msg n
  const std::size_t space = argument.find(' ');
  if (space == std::string_view::npos) return "asks for the head of a message";
  return fmt::format("asks for the head of message {} and {} lines", argument.substr(0, space),
                     argument.substr(space + 1));
}

std::string stated(const Pop3Exchange& exchange) {
  switch (exchange.verb) {
    case Pop3Verb::STAT:
      if (!exchange.has_stat) break;
      return fmt::format("{}, {}", counted(exchange.stat.number, "message"),
                         counted(exchange.stat.octets, "octet"));
    case Pop3Verb::LIST:
      if (exchange.multi_line || exchange.list.empty()) break;
      return fmt::format("message {}: {}", exchange.list[0].number,
                         counted(exchange.list[0].octets, "octet"));
    case Pop3Verb::UIDL:
      if (exchange.multi_line || exchange.uidl.empty()) break;
      return fmt::format("message {}: {}", exchange.uidl[0].number, exchange.uidl[0].id);
    case Pop3Verb::RETR:
      if (exchange.octets_declared == 0) return "message follows";
      return fmt::format("message of {} follows", counted(exchange.octets_declared, "octet"));
    case Pop3Verb::QUIT:
      if (!exchange.mailbox || exchange.mailbox->retrieved + exchange.mailbox->deleted == 0) break;
      return fmt::format("closes the session: {} retrieved, {} deleted{}",
                         exchange.mailbox->retrieved, exchange.mailbox->deleted,
                         exchange.mailbox->drained ? ", the mailbox is drained" : "");
    default:
      break;
  }
  return {};
}

std::string_view accepted(Pop3Verb verb) {
  switch (verb) {
    case Pop3Verb::PASS:
    case Pop3Verb::APOP:
    case Pop3Verb::AUTH:
      return "login accepted";
    case Pop3Verb::USER:
      return "asks for the password";
    case Pop3Verb::STLS:
      return "TLS follows";
    case Pop3Verb::DELE:
      return "marked as deleted";
    case Pop3Verb::LIST:
      return "sizes follow";
    case Pop3Verb::UIDL:
      return "unique ids follow";
    case Pop3Verb::CAPA:
      return "capabilities follow";
    case Pop3Verb::TOP:
      return "head of the message follows";
    case Pop3Verb::QUIT:
      return "closes the session";
    default:
      return "done";
  }
}

std::string_view refused(Pop3Verb verb) {
  switch (verb) {
    case Pop3Verb::USER:
    case Pop3Verb::PASS:
    case Pop3Verb::APOP:
    case Pop3Verb::AUTH:
      return "login refused";
    case Pop3Verb::STLS:
      return "TLS refused";
    default:
      return "refused";
  }
}

}  // namespace

std::string meaning_of_pop3(const tally::Command& command, std::string_view argument) {
  if (command.continuation) return "answers";
  switch (static_cast<Pop3Verb>(command.verb)) {
    case Pop3Verb::USER:
      return fmt::format("gives the user name {}", argument);
    case Pop3Verb::PASS:
      return "gives the password";
    case Pop3Verb::APOP:
      return fmt::format("logs in as {} with a digest", argument.substr(0, argument.find(' ')));
    case Pop3Verb::AUTH:
      if (argument.empty()) return "asks for the mechanisms";
      return fmt::format("logs in with {}", argument.substr(0, argument.find(' ')));
    case Pop3Verb::STAT:
      return "asks for the mailbox size";
    case Pop3Verb::LIST:
      return about(argument, "asks for the size of message", "asks for the size of each message");
    case Pop3Verb::UIDL:
      return about(argument, "asks for the id of message", "asks for the id of each message");
    case Pop3Verb::RETR:
      return fmt::format("asks for message {}", argument);
    case Pop3Verb::TOP:
      return top(argument);
    case Pop3Verb::DELE:
      return fmt::format("deletes message {}", argument);
    case Pop3Verb::NOOP:
      return "keeps the session alive";
    case Pop3Verb::RSET:
      return "takes deletions back";
    case Pop3Verb::LAST:
      return "asks for the last message read";
    case Pop3Verb::CAPA:
      return "asks for the capabilities";
    case Pop3Verb::STLS:
      return "asks for TLS";
    case Pop3Verb::UTF8:
      return "asks for UTF-8";
    case Pop3Verb::LANG:
      return about(argument, "asks for replies in", "asks for the languages");
    case Pop3Verb::XTND:
      return "asks for an extension";
    case Pop3Verb::QUIT:
      return "ends the session";
    case Pop3Verb::unknown:
      return "not a command of POP3";
  }
  return {};
}

std::string meaning_of_pop3(const tally::Reply& reply, const Pop3Exchange* exchange) {
  if (reply.phase == tally::Phase::unsolicited) return "answers nothing that was asked";
  const auto status = static_cast<Pop3Status>(reply.code);
  if (reply.phase == tally::Phase::banner) {
    return status == Pop3Status::ok ? "server ready" : "no service";
  }
  const auto verb = static_cast<Pop3Verb>(reply.verb);
  switch (status) {
    case Pop3Status::ok:
      if (exchange != nullptr) {
        if (std::string words = stated(*exchange); !words.empty()) return words;
      }
      return std::string(accepted(verb));
    case Pop3Status::err:
      return std::string(refused(verb));
    case Pop3Status::more:
      return "go on";
    case Pop3Status::other:
      break;
  }
  return "not an answer of POP3";
}

}  // namespace mailglass::report
