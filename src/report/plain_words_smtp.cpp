// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/format.h>

#include "report/envelope.h"
#include "report/plain_words.h"
#include "report/reply_text.h"
#include "report/rfc2047.h"

namespace mailglass::report {
namespace {

using tally::Phase;
using tally::SmtpVerb;

std::string first_word(std::string_view s) { return std::string(s.substr(0, s.find(' '))); }

std::string sender(std::string_view argument) {
  EnvelopeArgument mail(argument);
  if (mail.path().empty()) return "null sender <>: a notification";
  std::string words = fmt::format("sender <{}>", mail.path());
  EsmtpParameter parameter;
  while (mail.next(parameter)) {
    if (same_word(parameter.keyword, "SIZE")) {
      words += fmt::format(", {} octets declared", parameter.value);
    }
  }
  return words;
}

std::string chunk(std::string_view argument) {  // RFC 3030 section 2
  const std::string_view size = argument.substr(0, argument.find(' '));
  const bool last = size.size() < argument.size();
  return fmt::format("a chunk of {} octets{}", size, last ? ", the last" : "");
}

// The server's question within AUTH (RFC 4954 section 4): base64, and with LOGIN a known one.
std::string question(std::string_view text) {
  std::string asked;
  std::string_view line;
  Lines(text).next(line);
  line = without_code(line, 334);
  if (!append_base64(asked, line) || asked.empty()) return "asks for the credentials";
  if (same_word(asked, "Username:")) return "asks for the user name";
  if (same_word(asked, "Password:")) return "asks for the password";
  return fmt::format("asks: {}", asked);
}

std::string greeting_reply(const tally::Reply& reply) {
  if (reply.code != 250) return "greeting refused";
  if (static_cast<SmtpVerb>(reply.verb) == SmtpVerb::HELO || reply.lines < 2) return "accepted";
  return "offers " + counted(reply.lines - 1u, "extension");
}

// By class of the code (RFC 5321 section 4.2.1), with the subject's own words.
std::string judged(std::uint16_t code, std::string_view subject) {
  switch (code / 100) {
    case 2:
      return fmt::format("{} accepted", subject);
    case 4:
      return fmt::format("{} deferred: try again later", subject);
    case 5:
      return fmt::format("{} refused", subject);
    default:
      return {};
  }
}

// Codes that say the same whatever was asked (RFC 5321 section 4.2.3).
std::string_view meaning_of_code(std::uint16_t code) {
  switch (code) {
    case 214:
      return "help";
    case 220:
      return "ready";
    case 221:
      return "closes the session";
    case 235:
      return "login accepted";
    case 354:
      return "go ahead, end with a dot";
    case 421:
      return "not available, closes the session";
    case 454:
      return "temporary failure";
    case 500:
    case 502:
      return "command not known";
    case 501:
      return "bad argument";
    case 503:
      return "wrong order of commands";
    case 530:
      return "login required first";
    case 534:
      return "mechanism too weak";
    case 535:
      return "login refused";
    case 538:
      return "TLS required first";
    default:
      return {};
  }
}

std::string_view meaning_of_class(std::uint16_t code) {
  switch (code / 100) {
    case 2:
      return "done";
    case 3:
      return "go on";
    case 4:
      return "not now: try again later";
    case 5:
      return "refused";
    default:
      return "a code no RFC defines";
  }
}

std::string meaning_of_answer(const tally::Reply& reply, std::string_view text) {
  switch (static_cast<SmtpVerb>(reply.verb)) {
    case SmtpVerb::HELO:
    case SmtpVerb::EHLO:
    case SmtpVerb::LHLO:
      return greeting_reply(reply);
    case SmtpVerb::MAIL:
      return judged(reply.code, "sender");
    case SmtpVerb::RCPT:
      if (reply.code == 251) return "recipient accepted, will be forwarded";
      if (reply.code == 252) return "recipient not verified, but accepted";
      return judged(reply.code, "recipient");
    case SmtpVerb::BDAT:
      return judged(reply.code, "chunk");
    case SmtpVerb::AUTH:
      if (reply.code == 334) return question(text);
      break;
    case SmtpVerb::STARTTLS:
    case SmtpVerb::XANONYMOUSTLS:
      if (reply.code == 220) return "TLS follows";
      break;
    default:
      break;
  }
  return {};
}

}  // namespace

std::string counted(std::uint64_t number, std::string_view noun) {
  return fmt::format("{} {}{}", number, noun, number == 1 ? "" : "s");
}

std::string meaning_of_smtp(const tally::Command& command, std::string_view argument) {
  if (command.continuation) return "answers";
  switch (static_cast<SmtpVerb>(command.verb)) {
    case SmtpVerb::HELO:
    case SmtpVerb::EHLO:
    case SmtpVerb::LHLO:
      return fmt::format("says it is {}", argument);
    case SmtpVerb::MAIL:
      return sender(argument);
    case SmtpVerb::RCPT:
      return fmt::format("recipient <{}>", EnvelopeArgument(argument).path());
    case SmtpVerb::DATA:
      return "announces the message";
    case SmtpVerb::BDAT:
      return chunk(argument);
    case SmtpVerb::RSET:
      return "starts over";
    case SmtpVerb::NOOP:
      return "keeps the session alive";
    case SmtpVerb::QUIT:
      return "ends the session";
    case SmtpVerb::VRFY:
      return fmt::format("asks whether {} exists", argument);
    case SmtpVerb::EXPN:
      return fmt::format("asks who is on the list {}", argument);
    case SmtpVerb::HELP:
      return "asks for help";
    case SmtpVerb::AUTH:
      return fmt::format("logs in with {}", first_word(argument));
    case SmtpVerb::STARTTLS:
    case SmtpVerb::XANONYMOUSTLS:
      return "asks for TLS";
    case SmtpVerb::ETRN:
    case SmtpVerb::ATRN:
      return fmt::format("asks for the queued mail of {}", argument);
    case SmtpVerb::TURN:
      return "asks to change roles";
    case SmtpVerb::XCLIENT:
    case SmtpVerb::XFORWARD:
      return "a proxy says whom it speaks for";
    case SmtpVerb::unknown:
      return "not a command of SMTP";
  }
  return {};
}

std::string meaning_of_smtp(const tally::Reply& reply, std::string_view text,
                            std::string_view queue_id) {
  if (reply.phase == Phase::unsolicited) return "answers nothing that was asked";
  if (reply.phase == Phase::banner && reply.code == 220) return "server ready";
  if (reply.phase == Phase::content && reply.code / 100 != 3) {
    std::string words = judged(reply.code, "message");
    if (reply.recipient > 0) words += fmt::format(" for recipient {}", reply.recipient);
    if (reply.code / 100 != 2) return words;
    if (queue_id.empty()) queue_id = report::queue_id(text);
    return queue_id.empty() ? words : fmt::format("{} as {}", words, queue_id);
  }
  if (reply.phase == Phase::command) {
    if (std::string words = meaning_of_answer(reply, text); !words.empty()) return words;
  }
  const std::string_view words = meaning_of_code(reply.code);
  return std::string(words.empty() ? meaning_of_class(reply.code) : words);
}

}  // namespace mailglass::report
