// SPDX-License-Identifier: BSD-3-Clause
#include "report/pop3_view.h"

#include <algorithm>
#include <charconv>

namespace mailglass::report {
namespace {

using tally::Pop3Verb;

bool transfers(Pop3Verb verb) { return verb == Pop3Verb::RETR || verb == Pop3Verb::TOP; }

std::string_view next_word(std::string_view& s) {
  s.remove_prefix(std::min(s.find_first_not_of(' '), s.size()));
  const std::string_view word = s.substr(0, s.find(' '));
  s.remove_prefix(word.size());
  return word;
}

bool next_number(std::string_view& s, std::uint64_t& number) {
  const std::string_view word = next_word(s);
  const auto [at, error] = std::from_chars(word.data(), word.data() + word.size(), number);
  return error == std::errc() && at == word.data() + word.size();
}

// "[IN-USE] Do you have another POP session running?" (RFC 2449 section 8).
std::string_view response_code_of(std::string_view header) {
  if (!header.starts_with('[')) return {};
  const std::size_t end = header.find(']');
  return end == std::string_view::npos ? std::string_view{} : header.substr(1, end - 1);
}

}  // namespace

Pop3Exchange* Pop3View::find(std::uint32_t index) {
  const auto at = std::lower_bound(
      pending_.begin(), pending_.end(), index,
      [](const Pop3Exchange& exchange, std::uint32_t i) { return exchange.index < i; });
  return at != pending_.end() && at->index == index ? &*at : nullptr;
}

void Pop3View::forget(Pop3Exchange& exchange) {
  allowance_.give_back(exchange.kept);
  const auto at = std::find_if(pending_.begin(), pending_.end(),
                               [&](const Pop3Exchange& e) { return &e == &exchange; });
  if (at != pending_.end()) pending_.erase(at);
}

void Pop3View::command(const tally::Command& command, std::string_view argument,
                       std::string_view verb) {
  if (command.continuation) return;
  if (!pending_.empty() && pending_.back().index >= command.index) return;  // never so, but bounded
  Pop3Exchange& exchange = pending_.emplace_back();
  allowance_.take(exchange.kept, sizeof exchange);
  exchange.index = command.index;
  exchange.verb = static_cast<Pop3Verb>(command.verb);
  exchange.kept.truncated = exchange.kept.truncated || command.truncated;
  if (exchange.verb == Pop3Verb::AUTH) dialogue_ = command.index;
  allowance_.keep(exchange.kept, exchange.command,
                  verb.empty() ? tally::name_of(exchange.verb) : verb);
  // PASS takes the rest of its line, spaces included (RFC 1939 section 7).
  if (exchange.verb == Pop3Verb::PASS && !argument.empty()) {
    allowance_.keep(exchange.kept, exchange.args.emplace_back(), argument);
    return;
  }
  constexpr std::size_t kArguments = 16;
  for (std::string_view word = next_word(argument); !word.empty(); word = next_word(argument)) {
    if (exchange.args.size() == kArguments) {
      exchange.kept.truncated = true;
      break;
    }
    allowance_.keep(exchange.kept, exchange.args.emplace_back(), word);
  }
}

Pop3Exchange* Pop3View::reply(const tally::Reply& reply, std::string_view text) {
  if (reply.phase == tally::Phase::banner || reply.phase == tally::Phase::unsolicited) {
    return nullptr;
  }
  const auto status = static_cast<Pop3Status>(reply.code);
  Pop3Exchange* exchange = find(reply.command);
  // The answer to a line inside AUTH may bear that line's number.
  if (exchange == nullptr && static_cast<Pop3Verb>(reply.verb) == Pop3Verb::AUTH) {
    exchange = find(dialogue_);
  }
  if (exchange == nullptr || status == Pop3Status::more) return nullptr;

  exchange->answered = true;
  if (exchange->verb == Pop3Verb::QUIT) exchange->mailbox = mailbox_;
  exchange->status = status;
  exchange->multi_line = reply.multi_line;
  exchange->kept.truncated = exchange->kept.truncated || reply.truncated;
  if (reply.has_latency) exchange->latency = reply.latency_us;
  std::string_view line;
  Lines(text).next(line);
  line = without_code(line, reply.code);
  allowance_.keep(exchange->kept, exchange->header, line);
  allowance_.keep(exchange->kept, exchange->response_code, response_code_of(line));
  if (status == Pop3Status::ok) numbers(*exchange, reply);
  const bool more = reply.multi_line || (status == Pop3Status::ok && transfers(exchange->verb));
  return more ? nullptr : exchange;
}

// What the first line states, by command. LIST and UIDL state it only when asked for one message.
void Pop3View::numbers(Pop3Exchange& exchange, const tally::Reply& reply) {
  std::string_view rest = exchange.header;
  ScanListing stated;
  if (exchange.verb == Pop3Verb::STAT) {
    exchange.has_stat = next_number(rest, stated.number) && next_number(rest, stated.octets);
    if (!exchange.has_stat && reply.has_numbers) {
      stated = {reply.number[0], reply.number[1]};
      exchange.has_stat = true;
    }
    exchange.stat = stated;
  } else if (exchange.verb == Pop3Verb::RETR) {
    if (next_number(rest, stated.octets)) exchange.octets_declared = stated.octets;
  } else if (!reply.multi_line &&
             (exchange.verb == Pop3Verb::LIST || exchange.verb == Pop3Verb::UIDL)) {
    listing(exchange, rest);
  }
}

void Pop3View::listing(Pop3Exchange& exchange, std::string_view line) {
  if (exchange.verb == Pop3Verb::LIST) {
    ScanListing row;
    if (next_number(line, row.number) && next_number(line, row.octets) &&
        allowance_.take(exchange.kept, sizeof row)) {
      exchange.list.push_back(row);
    }
  } else if (exchange.verb == Pop3Verb::UIDL) {
    UniqueIdListing row;
    if (next_number(line, row.number) && allowance_.take(exchange.kept, sizeof row)) {
      allowance_.keep(exchange.kept, row.id, next_word(line));
      exchange.uidl.push_back(std::move(row));
    }
  }
}

void Pop3View::answer(const tally::Answer& answer, std::string_view lines) {
  Pop3Exchange* exchange = find(answer.command);
  if (exchange == nullptr) return;
  if (answer.truncated) exchange->kept.truncated = true;
  std::string_view line;
  for (Lines each(lines); each.next(line);) {
    ++exchange->lines;
    if (exchange->data.size() >= kRows || !allowance_.take(exchange->kept, sizeof(std::string))) {
      exchange->kept.truncated = true;
      continue;
    }
    allowance_.keep(exchange->kept, exchange->data.emplace_back(), line);
    listing(*exchange, line);
  }
}

Pop3Exchange* Pop3View::answer_end(const tally::AnswerEnd& end) {
  Pop3Exchange* exchange = find(end.command);
  if (exchange == nullptr || transfers(exchange->verb)) return nullptr;  // `message` ends those
  exchange->lines = std::max<std::uint64_t>(exchange->lines, end.lines);
  return exchange;
}

Pop3Exchange* Pop3View::in_transfer() {
  for (Pop3Exchange& exchange : pending_) {
    if (exchange.answered && transfers(exchange.verb)) return &exchange;
  }
  return nullptr;
}

void Pop3View::header(const tally::Header& header, std::string_view name, std::string_view value,
                      Charsets& charsets) {
  Pop3Exchange* exchange = in_transfer();
  if (exchange == nullptr) return;
  if (header.truncated) exchange->kept.truncated = true;
  Email& email = exchange->email;
  email.contents.field(header, name, value, charsets, allowance_, exchange->kept);
  if (header.part == 0) email.take(name, value, charsets, allowance_, exchange->kept);
}

const Attachment* Pop3View::part(const tally::Part& part) {
  Pop3Exchange* exchange = find(part.command);
  if (exchange == nullptr) return nullptr;
  return exchange->email.contents.end(part, allowance_, exchange->kept);
}

void Pop3View::url(const tally::Url& found, std::string_view url) {
  Pop3Exchange* exchange = find(found.command);
  if (exchange == nullptr) return;
  exchange->email.contents.url(url, found.truncated, allowance_, exchange->kept);
}

void Pop3View::excerpt(const tally::BodyExcerpt& body, std::string_view text) {
  Pop3Exchange* exchange = find(body.command);
  if (exchange == nullptr) exchange = in_transfer();
  if (exchange != nullptr) allowance_.keep(exchange->kept, exchange->excerpt, text);
}

Pop3Exchange* Pop3View::message(const tally::Message& message) {
  Pop3Exchange* exchange = find(message.command);
  if (exchange == nullptr) return nullptr;
  exchange->message = message;
  if (message.octets_declared != 0) exchange->octets_declared = message.octets_declared;
  return exchange;
}

}  // namespace mailglass::report
