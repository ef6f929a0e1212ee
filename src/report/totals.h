// SPDX-License-Identifier: BSD-3-Clause
// What the reporter did, countable while it works: one writer, any number of readers.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "tally/counters.h"

namespace mailglass::report {

enum class EventType : std::uint8_t { smtp, pop3, login, tls, fileinfo, anomaly, flow, stats };
constexpr std::array<std::string_view, 8> kEventTypes = {"smtp",     "pop3",    "login", "tls",
                                                         "fileinfo", "anomaly", "flow",  "stats"};

// Why a record of a worker told nobody anything.
enum class Refused : std::uint8_t {
  book_full,        // a session began while the book held as many as it may
  unknown_session,  // a record of a session that is not in the book
};
constexpr std::array<std::string_view, 2> kRefused = {"book_full", "unknown_session"};

struct Totals {
  std::array<tally::Cell, kEventTypes.size()> events;  // rendered, by type
  tally::Cell written;                                 // lines of events that reached their file
  tally::Cell dropped;                                 // ... that did not: the file failed
  tally::Cell socket_written, socket_dropped;          // likewise, of the Unix socket
  std::array<tally::Cell, kRefused.size()> refused;    // records
  tally::Cell lost;         // records that workers' rings had no room for, as sessions noticed
  tally::Cell unfinished;   // transactions and commands let go because a session had too many
  tally::Cell sessions;     // in the book now
  tally::Cell kept_octets;  // text the book holds now

  void rendered(EventType type) { events[static_cast<std::size_t>(type)].add(1); }
  void refuse(Refused why) { refused[static_cast<std::size_t>(why)].add(1); }
};

}  // namespace mailglass::report
