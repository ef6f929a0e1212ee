// SPDX-License-Identifier: BSD-3-Clause
// One SMTP or LMTP session as its records tell it: the session's own facts, and the mail
// transactions under way. Pipelining can keep several of those open at one time.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "report/allowance.h"
#include "report/email.h"
#include "report/reply_text.h"
#include "tally/event.h"

namespace mailglass::report {

using Microseconds = std::optional<std::uint32_t>;  // empty: not seen

struct Status {
  std::uint16_t code = 0;  // 0: no reply seen
  EnhancedCode enhanced;
  std::string text;
};

struct Recipient {
  std::uint32_t command = 0;
  std::string address, notify, orcpt;
  Status status;  // of RCPT; in LMTP, at the end, of the delivery to this recipient (RFC 2033)
};

struct SmtpTransaction {
  std::uint32_t tx = 0;
  bool has_sender = false;
  std::uint32_t mail_command = 0;  // the index of the MAIL that began it
  std::string sender;              // without brackets, "" for the null path
  std::optional<std::uint64_t> size_declared;
  std::string body, ret, envid;
  bool smtputf8 = false, requiretls = false;
  std::vector<Recipient> recipients;
  Status result;
  std::string queue_id;
  std::optional<tally::Message> message;
  tally::Transaction end{.outcome = tally::Outcome::incomplete};
  bool ended = false;
  Microseconds mail, rcpt, data, end_of_data;
  Email email;
  std::string excerpt;  // of the body, where the policy allows it; for transcripts only
  Kept kept;
};

class SmtpView {
 public:
  static constexpr std::size_t kRecipients = 1000;
  static constexpr std::size_t kOpenTransactions = 16;  // beyond: the oldest is let go, unfinished
  static constexpr std::size_t kExtensions = 100;
  static constexpr std::size_t kAttributes = 16;

  explicit SmtpView(Allowance& allowance) : allowance_(allowance) {}

  void command(const tally::Command&, std::string_view argument);
  void reply(const tally::Reply&, std::string_view text, std::string_view queue_id);
  void header(const tally::Header&, std::string_view name, std::string_view value, Charsets&);
  // The attachment, or null when it is not kept.
  const Attachment* part(const tally::Part&);
  void url(const tally::Url&, std::string_view url);
  void excerpt(const tally::BodyExcerpt&, std::string_view text);
  void message(const tally::Message&);
  void encrypted() { starttls_accepted = tls = true; }
  void turned();  // the next banner and greeting are the other side's

  // Ends a transaction. Null when it was never seen to begin and never rendered before.
  SmtpTransaction* end(const tally::Transaction&);
  SmtpTransaction* oldest() { return open_.empty() ? nullptr : &open_.front(); }
  SmtpTransaction* find(std::uint32_t tx);
  bool crowded() const { return open_.size() > kOpenTransactions; }
  void forget(SmtpTransaction&);  // after it was rendered

  bool held_a_transaction() const { return forgotten_ != 0 || !open_.empty(); }

  // Facts of the session, in the order of their appearance.
  std::string banner, greeting, helo;
  std::vector<std::string> extensions;
  bool starttls_offered = false, starttls_requested = false, starttls_accepted = false;
  bool tls = false;
  // What a relay in front says of the client: attribute names in lower case, values decoded.
  using Attributes = std::vector<std::pair<std::string, std::string>>;
  Attributes xclient, xforward;
  Microseconds banner_latency, greeting_latency, auth_latency;
  Kept kept;

 private:
  SmtpTransaction* open(std::uint32_t tx);  // found or begun; null for one rendered already
  void relayed(Attributes&, std::string_view argument);
  void sender(SmtpTransaction&, std::string_view argument);
  void recipient(SmtpTransaction&, std::uint32_t command, std::string_view argument);
  void session_reply(const tally::Reply&, std::string_view text);
  void offered(std::string_view text, std::uint16_t code);
  void set(Status&, Kept&, const tally::Reply&, std::string_view text);

  Allowance& allowance_;
  std::deque<SmtpTransaction> open_;  // in order of their numbers
  std::uint32_t forgotten_ = 0;       // the highest number rendered so far
};

}  // namespace mailglass::report
