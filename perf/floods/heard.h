// SPDX-License-Identifier: BSD-3-Clause
// What the pipeline said of the honest sessions, in numbers that must be the same whatever else was
// on the wire. Times, and what floods aimed at the sessions do to packet counts, are left out.
#pragma once

#include <unordered_set>
#include <utility>

#include "tally/event_ring.h"

namespace mailglass::perf {

struct Heard {
  std::uint64_t opened = 0, closed = 0;
  std::uint64_t unfinished = 0;  // closed by something else than FINs
  std::uint64_t missing = 0;     // octets, and records that the ring lost
  std::uint64_t commands = 0, transactions = 0;
  std::uint64_t messages = 0, message_octets = 0, whole = 0;
  std::uint64_t records = 0;  // but anomalies
  std::uint64_t texts = 0;    // a sum over all of them, in any order of the sessions
  bool operator==(const Heard&) const = default;
};

class Listener {
 public:
  void take(const tally::EventView& record) {
    using tally::EventKind;
    const tally::MailEvent& head = record.head();
    if (head.kind == EventKind::opened) {
      if (!is_honest(record.body<tally::Opened>().client)) return;
      live_.insert(head.session);
      ++heard_.opened;
    } else if (!live_.contains(head.session)) {
      return;
    }
    if (head.kind == EventKind::anomaly) return;
    ++heard_.records;
    heard_.missing += head.lost;
    if (head.kind == EventKind::closed) close(head.session, record.body<tally::Closed>());
    if (head.kind == EventKind::message) add(record.body<tally::Message>());
    if (head.kind == EventKind::command) add_texts<tally::Command>(record);
    if (head.kind == EventKind::reply) add_texts<tally::Reply>(record);
    if (head.kind == EventKind::header) add_texts<tally::Header>(record);
    if (head.kind == EventKind::login) add_texts<tally::Login>(record);
  }

  // Since the last time it was asked.
  Heard heard() {
    live_.clear();
    return std::exchange(heard_, {});
  }

 private:
  // 198.18.0.0/15, or not IPv4.
  static bool is_honest(const Address& client) {
    return !is_v4(client) || (client.octet[12] == 198 && (client.octet[13] & 0xfe) == 18);
  }

  void close(std::uint64_t session, const tally::Closed& closed) {
    live_.erase(session);
    ++heard_.closed;
    heard_.unfinished += closed.reason != tally::CloseReason::fin;
    heard_.missing += closed.bytes_missing[0] + closed.bytes_missing[1];
    heard_.commands += closed.commands;
    heard_.transactions += closed.transactions;
  }

  void add(const tally::Message& message) {
    ++heard_.messages;
    heard_.message_octets += message.octets;
    heard_.whole += message.complete;
  }

  template <typename Body>
  void add_texts(const tally::EventView& record) {
    std::uint64_t hash = 0xcbf29ce484222325;  // FNV-1a
    for (std::size_t i = 0; i < record.head().texts; ++i) {
      for (const char c : record.text<Body>(i)) {
        hash = (hash ^ static_cast<std::uint8_t>(c)) * 0x100000001b3;
      }
      hash *= 0x100000001b3;
    }
    heard_.texts += hash;
  }

  std::unordered_set<std::uint64_t> live_;
  Heard heard_;
};

}  // namespace mailglass::perf
