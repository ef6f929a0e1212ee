// SPDX-License-Identifier: BSD-3-Clause
#include <string>
#include <utility>

#include "base64.h"
#include "dialogue.h"
#include "message.h"
#include "people.h"

namespace mailglass::generate {

namespace {

constexpr double kMoreMessages = 1.3;      // mean transactions of a session
constexpr double kNullReversePath = 0.02;  // share of transactions that are bounces
constexpr double kRefusedMessage = 0.01;   // share of messages refused at their end
constexpr double kBadPassword = 0.15;

class SmtpDialogue {
 public:
  SmtpDialogue(const Scene& scene, Random& random, SessionRecord& record)
      : scene_(scene),
        random_(random),
        record_(record),
        script_(random),
        pipelining_(random.chance(scene.options.pipelining)),
        submission_(record.server_port == kSubmissionPort) {}

  Script write() &&;

 private:
  // A command and its reply. With pipelining both wait for flush(), so that several commands share
  // a segment and so do their replies (RFC 2920 section 3).
  void exchange(std::string_view verb, const std::string& command, const std::string& reply);
  void flush();
  void note_reply(std::string_view line) { ++record_.replies[std::string(line.substr(0, 3))]; }

  void greet();
  bool log_in();
  bool try_password(const std::string& user, bool accepted);
  void transaction();
  bool envelope(Transaction& transaction, std::uint64_t octets);
  void send(Transaction& transaction, Message message);
  std::string trace(std::string_view recipient);

  const Scene& scene_;
  Random& random_;
  SessionRecord& record_;
  Script script_;
  std::string commands_;
  std::string replies_;
  bool pipelining_;
  bool submission_;
  Person sender_;
};

Script SmtpDialogue::write() && {
  sender_ = any_person(random_);
  greet();
  if (!submission_ || log_in()) {
    const std::uint64_t transactions = random_.at_least_one(kMoreMessages, 20);
    for (std::uint64_t i = 0; i < transactions; ++i) {
      // A transaction without a message is still open and has to be given up first.
      if (i > 0 && !record_.transactions.back().sent) exchange("RSET", "RSET", "250 2.0.0 Ok");
      transaction();
    }
  }
  exchange("QUIT", "QUIT", "221 2.0.0 Bye");
  flush();
  return std::move(script_);
}

void SmtpDialogue::exchange(std::string_view verb, const std::string& command,
                            const std::string& reply) {
  ++record_.commands[verb];
  note_reply(reply);
  commands_ += command + "\r\n";
  replies_ += reply + "\r\n";
  if (!pipelining_) flush();
}

void SmtpDialogue::flush() {
  if (commands_.empty()) return;
  script_.client(std::exchange(commands_, {}));
  script_.server(std::exchange(replies_, {}));
}

// RFC 5321 sections 3.1 and 3.2.
void SmtpDialogue::greet() {
  const std::string host = submission_ ? "submit.example.net" : "mx1.example.net";
  const std::string banner = "220 " + host + " ESMTP Postfix (Debian/GNU)";
  note_reply(banner);
  script_.server(banner + "\r\n");
  record_.helo = submission_ ? "[" + std::string(scene_.client_address) + "]"
                             : "relay" + std::to_string(random_.below(20)) + "." + sender_.domain();
  if (submission_ && scene_.client_address.find(':') != std::string_view::npos) {
    record_.helo = "[IPv6:" + std::string(scene_.client_address) + "]";
  }
  std::string extensions =
      "250-" + host + "\r\n250-PIPELINING\r\n250-SIZE 524288000\r\n250-VRFY\r\n250-ETRN\r\n";
  if (submission_) extensions += "250-AUTH PLAIN LOGIN\r\n";
  extensions +=
      "250-ENHANCEDSTATUSCODES\r\n250-8BITMIME\r\n250-DSN\r\n250-SMTPUTF8\r\n250 CHUNKING";
  exchange("EHLO", "EHLO " + record_.helo, extensions);
  flush();  // the extensions are not known before
}

// RFC 4954. False when the server would not have the client's password.
bool SmtpDialogue::log_in() {
  if (try_password(sender_.mailbox, !random_.chance(kBadPassword))) return true;
  return random_.chance(0.5) && try_password(sender_.mailbox, true);
}

bool SmtpDialogue::try_password(const std::string& user, bool accepted) {
  const std::string password = any_password(random_);
  const std::string verdict = accepted ? "235 2.7.0 Authentication successful"
                                       : "535 5.7.8 Error: authentication failed: (reason "
                                         "unavailable)";
  const bool plain = random_.chance(0.6);
  ++record_.commands["AUTH"];
  if (plain) {
    // RFC 4616: authorization identity, NUL, authentication identity, NUL, password.
    const std::string nul(1, '\0');
    script_.client("AUTH PLAIN " + base64(nul + user + nul + password) + "\r\n");
  } else {
    script_.client("AUTH LOGIN\r\n");
    script_.server("334 VXNlcm5hbWU6\r\n");  // "Username:"
    script_.client(base64(user) + "\r\n");
    script_.server("334 UGFzc3dvcmQ6\r\n");  // "Password:"
    script_.client(base64(password) + "\r\n");
    record_.replies["334"] += 2;
  }
  script_.server(verdict + "\r\n");
  note_reply(verdict);
  record_.logins.push_back({plain ? "PLAIN" : "LOGIN", user, accepted});
  return accepted;
}

void SmtpDialogue::transaction() {
  Transaction transaction;
  const bool bounce = !submission_ && random_.chance(kNullReversePath);
  if (!bounce) transaction.mail_from = sender_.mailbox;
  const std::uint64_t recipients = random_.at_least_one(scene_.options.rcpt, 100);
  MessageWish wish;
  wish.from = sender_;
  if (bounce) wish.from = {"Mail Delivery System", "MAILER-DAEMON@" + sender_.domain()};
  for (std::uint64_t i = 0; i < recipients; ++i) {
    const int code = random_.chance(scene_.options.reject) ? 550 : 250;
    transaction.recipients.push_back({any_person(random_).mailbox, code});
    wish.to.push_back(transaction.recipients.back().address);
  }
  if (!submission_) wish.trace = trace(wish.to.front());
  wish.time_us = scene_.time_us;
  wish.attachments = scene_.options.attachments;
  wish.mean_body = scene_.options.body;

  Message message = write_message(wish, scene_.corpus, random_);
  if (envelope(transaction, message.record.octets)) send(transaction, std::move(message));
  record_.transactions.push_back(std::move(transaction));
}

// MAIL, RCPT, DATA: true when the server waits for the message.
bool SmtpDialogue::envelope(Transaction& transaction, std::uint64_t octets) {
  exchange(
      "MAIL",
      "MAIL FROM:<" + transaction.mail_from + "> SIZE=" + std::to_string(octets) + " BODY=8BITMIME",
      "250 2.1.0 Ok");
  bool deliverable = false;
  for (const auto& recipient : transaction.recipients) {
    const bool accepted = recipient.code == 250;
    deliverable = deliverable || accepted;
    exchange("RCPT", "RCPT TO:<" + recipient.address + ">",
             accepted ? "250 2.1.5 Ok"
                      : "550 5.1.1 <" + recipient.address +
                            ">: Recipient address rejected: User unknown in virtual mailbox table");
  }
  // A client that does not pipeline knows by now that nobody wants the message.
  if (!deliverable && !pipelining_) return false;
  exchange(
      "DATA", "DATA",
      deliverable ? "354 End data with <CR><LF>.<CR><LF>" : "554 5.5.1 Error: no valid recipients");
  flush();  // DATA ends a group of commands
  if (!deliverable) transaction.code = 554;
  return deliverable;
}

void SmtpDialogue::send(Transaction& transaction, Message message) {
  message.wire.add(".\r\n");
  script_.client(std::move(message.wire));
  transaction.sent = true;
  transaction.message = std::move(message.record);
  transaction.queue_id = any_queue_id(random_);
  std::string verdict = "250 2.0.0 Ok: queued as " + transaction.queue_id;
  if (random_.chance(kRefusedMessage)) {
    verdict = "554 5.7.1 Service unavailable; message content rejected";
    transaction.queue_id.clear();
  }
  transaction.code = verdict[0] == '2' ? 250 : 554;
  note_reply(verdict);
  script_.server(verdict + "\r\n");
}

// A relay has stamped the message before (RFC 5321 section 4.4).
std::string SmtpDialogue::trace(std::string_view recipient) {
  std::string field = "Received: from client" + std::to_string(random_.below(500));
  field += "." + sender_.domain() + " (unknown [10.1." + std::to_string(random_.below(256));
  field += "." + std::to_string(random_.between(1, 254)) + "])\r\n\tby " + record_.helo;
  field += " (Postfix) with ESMTPS id " + any_queue_id(random_);
  field += "\r\n\tfor <" + std::string(recipient) + ">; " + date_time(scene_.time_us) + "\r\n";
  return field;
}

}  // namespace

Script smtp_dialogue(const Scene& scene, Random& random, SessionRecord& record) {
  return SmtpDialogue(scene, random, record).write();
}

}  // namespace mailglass::generate
