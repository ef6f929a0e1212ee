// SPDX-License-Identifier: BSD-3-Clause
// The book of open sessions: where the records of a dialogue are put together again.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "report/allowance.h"
#include "report/detect/subject.h"
#include "report/pop3_view.h"
#include "report/smtp_view.h"
#include "report/tls_view.h"
#include "tally/event.h"

namespace mailglass::report {

// The rows of a transcript so far; they are printed when the session ends.
struct TranscriptBlock {
  std::string rows;
  std::uint64_t left_out = 0;  // steps behind the limit
  Kept kept;
};

// What the events of a session have in common, as members of a JSON object.
struct EveMembers {
  std::string identity, ends, around;
};

// One open session.
struct Dialogue {
  Dialogue(std::uint64_t session, Budget& book, std::size_t octets)
      : id(session), allowance(book, octets), smtp(allowance), pop3(allowance), tls(allowance) {}

  // The ends change roles, as TURN asks: events name the client first.
  void turn_round();

  bool is_pop3() const { return protocol == tally::Protocol::pop3; }
  bool is_smtp() const {
    return protocol == tally::Protocol::smtp || protocol == tally::Protocol::lmtp;
  }

  std::uint64_t id;
  std::uint64_t order = 0;  // of opening: sessions left at the end are rendered in this order
  tally::Protocol protocol{};
  tally::Opened opened;
  std::string client, server, community_id;
  std::optional<tally::Proxied> proxied;
  std::string proxy_source, proxy_destination;  // the addresses in it
  std::string tunnel_client, tunnel_server;     // empty without, or where they have no address
  std::shared_ptr<const std::string> capture;   // the file it was read from
  Tick last;                                    // time of the last record
  std::uint64_t lost = 0;
  Allowance allowance;
  SmtpView smtp;
  Pop3View pop3;
  TlsView tls;
  TranscriptBlock transcript;
  EveMembers eve;
  bool turned = false;           // the ends are named the other way round than the connection's
  bool authenticated = false;    // a login was accepted
  ShortName account;             // ... as whom, where that was seen
  bool starttls_missed = false;  // an offer that its server made before, and it was told
};

class Book {
 public:
  struct Limits {
    std::size_t sessions = 65536;
    std::size_t session_octets = 512 * 1024;
    std::size_t octets = std::size_t{512} << 20;
  };

  explicit Book(const Limits& limits) : limits_(limits), budget_{limits.octets} {}

  // Null when the book is full. A session of that number must not be open.
  Dialogue* open(std::uint64_t session);
  Dialogue* find(std::uint64_t session);
  void close(std::uint64_t session) {
    latest_ = nullptr;
    open_.erase(session);
  }
  std::vector<Dialogue*> all();  // in order of opening

  std::size_t size() const { return open_.size(); }
  std::size_t octets() const { return budget_.used; }

 private:
  // Flow ids follow from what clients send; their bits are spread before they choose a bucket.
  struct Spread {
    std::size_t operator()(std::uint64_t id) const {
      id ^= id >> 31;
      id *= 0x9e3779b97f4a7c15;
      return static_cast<std::size_t>(id ^ id >> 32);
    }
  };

  Limits limits_;
  Budget budget_;  // outlives the dialogues, which give back to it
  std::uint64_t opened_ = 0;
  Dialogue* latest_ = nullptr;  // found last: records of a session come several at a time
  std::unordered_map<std::uint64_t, std::unique_ptr<Dialogue>, Spread> open_;
};

}  // namespace mailglass::report
