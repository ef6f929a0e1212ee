// SPDX-License-Identifier: BSD-3-Clause
// One POP3 session as its records tell it: commands waiting for their answers, in order.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "report/allowance.h"
#include "report/email.h"
#include "report/smtp_view.h"
#include "tally/event.h"

namespace mailglass::report {

enum class Pop3Status : std::uint16_t { other, ok, err, more };  // tally::Reply::code

struct ScanListing {  // RFC 1939 section 5, LIST
  std::uint64_t number = 0, octets = 0;
};

struct UniqueIdListing {  // RFC 1939 section 7, UIDL
  std::uint64_t number = 0;
  std::string id;
};

struct Pop3Exchange {
  std::uint32_t index = 0;  // of the command
  tally::Pop3Verb verb{};
  std::string command;  // the keyword as sent
  std::vector<std::string> args;
  bool answered = false;
  Pop3Status status{};
  std::string header;         // the first line of the answer without its status indicator
  std::string response_code;  // RFC 2449 section 8, without brackets
  Microseconds latency;
  bool multi_line = false;
  std::vector<std::string> data;
  std::vector<ScanListing> list;
  std::vector<UniqueIdListing> uidl;
  std::uint64_t lines = 0;  // of the multi-line answer, those not kept included
  bool has_stat = false;
  ScanListing stat;  // STAT: messages and octets
  std::uint64_t octets_declared = 0;
  std::optional<tally::Message> message;
  std::optional<tally::Mailbox> mailbox;  // QUIT
  Email email;
  std::string excerpt;  // of the body, where the policy allows it; for transcripts only
  Kept kept;
};

class Pop3View {
 public:
  static constexpr std::size_t kPending = 256;  // beyond: the oldest is let go, unanswered
  static constexpr std::size_t kRows = 1000;    // of one multi-line answer

  explicit Pop3View(Allowance& allowance) : allowance_(allowance) {}

  void command(const tally::Command&, std::string_view argument, std::string_view verb);
  // Each returns the exchange that is complete now, or null. The caller renders and forgets it.
  Pop3Exchange* reply(const tally::Reply&, std::string_view text);
  Pop3Exchange* answer_end(const tally::AnswerEnd&);
  Pop3Exchange* message(const tally::Message&);
  void answer(const tally::Answer&, std::string_view lines);
  void header(const tally::Header&, std::string_view name, std::string_view value, Charsets&);
  void mailbox(const tally::Mailbox& mailbox) { mailbox_ = mailbox; }
  // The attachment, or null when it is not kept.
  const Attachment* part(const tally::Part&);
  void url(const tally::Url&, std::string_view url);
  void excerpt(const tally::BodyExcerpt&, std::string_view text);

  Pop3Exchange* oldest() { return pending_.empty() ? nullptr : &pending_.front(); }
  Pop3Exchange* find(std::uint32_t index);
  bool crowded() const { return pending_.size() > kPending; }
  void forget(Pop3Exchange&);

 private:
  Pop3Exchange* in_transfer();  // the RETR or TOP whose message is on the wire
  void listing(Pop3Exchange&, std::string_view line);
  void numbers(Pop3Exchange&, const tally::Reply&);

  Allowance& allowance_;
  std::deque<Pop3Exchange> pending_;
  std::optional<tally::Mailbox> mailbox_;
  std::uint32_t dialogue_ = 0;  // the AUTH command whose continuation lines follow
};

}  // namespace mailglass::report
