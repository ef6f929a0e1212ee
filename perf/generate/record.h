// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace mailglass::generate {

enum class Protocol { kSmtp, kPop3, kHttp, kTls, kConnection };
inline constexpr std::size_t kProtocols = 5;
inline constexpr std::array<std::string_view, kProtocols> kProtocolNames{"smtp", "pop3", "http",
                                                                         "tls", "connection"};

struct Login {
  std::string_view mechanism;  // PLAIN, LOGIN; USER for POP3's USER and PASS
  std::string user;
  bool accepted;
};

struct Recipient {
  std::string address;
  int code;  // the reply to RCPT
};

// What a reader of the capture should find out about one message.
struct MessageRecord {
  std::uint64_t octets =
      0;                // RFC 1870 section 5: CRLFs count, stuffed dots and the final dot do not
  std::string subject;  // decoded, UTF-8
  std::string message_id;
  std::string attachment;  // file name, or empty
};

struct Transaction {
  std::string mail_from;  // empty for the null reverse-path
  std::vector<Recipient> recipients;
  bool sent = false;  // the message followed DATA
  int code = 0;       // reply to the end of the message; else to DATA; 0 if DATA was never said
  std::string queue_id;
  MessageRecord message;  // only when sent
};

// How the flow's segments were mistreated.
struct Wear {
  std::uint64_t reordered = 0;
  std::uint64_t duplicated = 0;
  std::uint64_t lost_segments = 0;
  std::uint64_t lost_octets = 0;
};

struct SessionRecord {
  std::uint64_t number = 0;
  Protocol protocol = Protocol::kConnection;
  std::string client;
  std::string server;
  std::uint16_t client_port = 0;
  std::uint16_t server_port = 0;

  std::string helo;
  std::vector<Login> logins;
  std::vector<Transaction> transactions;  // SMTP
  std::vector<MessageRecord> retrieved;   // POP3
  std::uint64_t deleted = 0;              // POP3: messages marked by DELE
  std::map<std::string_view, std::uint64_t> commands;
  std::map<std::string, std::uint64_t> replies;  // by SMTP code, or +OK and -ERR

  std::uint64_t packets = 0;  // written to the capture
  Wear wear;
};

}  // namespace mailglass::generate
