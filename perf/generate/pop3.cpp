// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <string>
#include <utility>

#include "dialogue.h"
#include "message.h"
#include "people.h"

namespace mailglass::generate {

namespace {

constexpr double kEmptyMaildrop = 0.1;
constexpr double kMeanMaildrop = 3.0;  // messages waiting, when any
constexpr double kAsksCapabilities = 0.5;
constexpr double kDeletes = 0.4;  // share of retrieved messages deleted at once
constexpr double kBadPassword = 0.1;

class Pop3Dialogue {
 public:
  Pop3Dialogue(const Scene& scene, Random& random, SessionRecord& record)
      : scene_(scene), random_(random), record_(record), script_(random) {}

  Script write() &&;

 private:
  void exchange(std::string_view verb, std::string_view argument, Payload reply);
  void exchange(std::string_view verb, std::string_view argument, const std::string& status) {
    exchange(verb, argument, Payload(status + "\r\n"));
    ++record_.replies[status[0] == '+' ? "+OK" : "-ERR"];
  }
  // RFC 1939 section 3: the status line, lines, and a line with a dot.
  void listing(std::string_view verb, const std::string& status, const std::string& lines);

  bool log_in();
  void fill_maildrop();
  void look_over();
  void retrieve();

  const Scene& scene_;
  Random& random_;
  SessionRecord& record_;
  Script script_;
  Person owner_;
  std::vector<Message> maildrop_;
};

Script Pop3Dialogue::write() && {
  owner_ = any_person(random_);
  ++record_.replies["+OK"];
  script_.server("+OK Dovecot (Debian) ready.\r\n");
  if (random_.chance(kAsksCapabilities)) {
    listing("CAPA", "+OK",
            "CAPA\r\nTOP\r\nUIDL\r\nRESP-CODES\r\nPIPELINING\r\nAUTH-RESP-CODE\r\nUSER\r\n"
            "SASL PLAIN LOGIN\r\n");
  }
  if (log_in()) {
    fill_maildrop();
    look_over();
    retrieve();
    exchange("QUIT", "",
             record_.deleted > 0 ? "+OK Logging out, messages deleted." : "+OK Logging out.");
  } else {
    exchange("QUIT", "", "+OK Logging out");
  }
  return std::move(script_);
}

void Pop3Dialogue::exchange(std::string_view verb, std::string_view argument, Payload reply) {
  ++record_.commands[verb];
  std::string command(verb);
  if (!argument.empty()) command += " " + std::string(argument);
  script_.client(command + "\r\n");
  script_.server(std::move(reply));
}

void Pop3Dialogue::listing(std::string_view verb, const std::string& status,
                           const std::string& lines) {
  ++record_.replies["+OK"];
  exchange(verb, "", Payload(status + "\r\n" + lines + ".\r\n"));
}

bool Pop3Dialogue::log_in() {
  bool accepted = !random_.chance(kBadPassword);
  for (int attempt = 0; attempt < 2; ++attempt) {
    exchange("USER", owner_.mailbox, "+OK");
    // RFC 3206 names the reason in brackets.
    exchange("PASS", any_password(random_),
             accepted ? "+OK Logged in." : "-ERR [AUTH] Authentication failed.");
    record_.logins.push_back({"USER", owner_.mailbox, accepted});
    if (accepted || random_.chance(0.5)) break;
    accepted = true;  // the second try, with the right password
  }
  return accepted;
}

void Pop3Dialogue::fill_maildrop() {
  if (random_.chance(kEmptyMaildrop)) return;
  const std::uint64_t messages = random_.at_least_one(kMeanMaildrop, 50);
  for (std::uint64_t i = 0; i < messages; ++i) {
    MessageWish wish;
    wish.from = any_person(random_);
    wish.to.push_back(owner_.mailbox);
    // Written up to three days ago, delivered at once.
    wish.time_us = scene_.time_us - random_.below(3ULL * 86'400 * 1'000'000);
    wish.trace = "Return-Path: <" + wish.from.mailbox + ">\r\nDelivered-To: " + owner_.mailbox +
                 "\r\nReceived: from mx1.example.net (mx1.example.net [192.0.2.10])\r\n\tby "
                 "store.example.net with LMTP id " +
                 any_queue_id(random_) + "\r\n\tfor <" + owner_.mailbox + ">; " +
                 date_time(wish.time_us) + "\r\n";
    wish.attachments = scene_.options.attachments;
    wish.mean_body = scene_.options.body;
    maildrop_.push_back(write_message(wish, scene_.corpus, random_));
  }
}

void Pop3Dialogue::look_over() {
  std::uint64_t octets = 0;
  std::string sizes;
  std::string names;
  for (std::size_t i = 0; i < maildrop_.size(); ++i) {
    const MessageRecord& message = maildrop_[i].record;
    octets += message.octets;
    sizes += std::to_string(i + 1) + " " + std::to_string(message.octets) + "\r\n";
    // RFC 1939 section 7: 1 to 70 printing characters, the same for ever.
    names += std::to_string(i + 1) + " " + message.message_id.substr(0, 12) + "\r\n";
  }
  const std::string count = std::to_string(maildrop_.size());
  exchange("STAT", "", "+OK " + count + " " + std::to_string(octets));
  if (maildrop_.empty()) return;
  listing("LIST", "+OK " + count + " messages:", sizes);
  listing("UIDL", "+OK", names);
}

// The newest ones are new to this client; it takes them in order.
void Pop3Dialogue::retrieve() {
  if (maildrop_.empty()) return;
  for (std::size_t i = random_.below(maildrop_.size()); i < maildrop_.size(); ++i) {
    Message& message = maildrop_[i];
    const std::string number = std::to_string(i + 1);
    Payload reply("+OK " + std::to_string(message.record.octets) + " octets\r\n");
    reply.add(std::move(message.wire));
    reply.add(".\r\n");
    ++record_.replies["+OK"];
    exchange("RETR", number, std::move(reply));
    record_.retrieved.push_back(std::move(message.record));
    if (random_.chance(kDeletes)) {
      exchange("DELE", number, "+OK Marked to be deleted.");
      ++record_.deleted;
    }
  }
}

}  // namespace

Script pop3_dialogue(const Scene& scene, Random& random, SessionRecord& record) {
  return Pop3Dialogue(scene, random, record).write();
}

}  // namespace mailglass::generate
