// SPDX-License-Identifier: BSD-3-Clause
// What the reporter did, countable while it works: one writer, any number of readers.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "report/detect/alert.h"
#include "tally/counters.h"

namespace mailglass::report {

enum class EventType : std::uint8_t {
  smtp,
  pop3,
  login,
  tls,
  fileinfo,
  anomaly,
  alert,
  flow,
  stats,
};
constexpr std::array<std::string_view, 9> kEventTypes = {
    "smtp", "pop3", "login", "tls", "fileinfo", "anomaly", "alert", "flow", "stats"};

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

  std::array<tally::Cell, kAlertKinds> alerts;      // raised
  std::array<tally::Cell, kAlertKinds> suppressed;  // what followed while an alert stood
  std::array<tally::Cell, kAlertKinds> watched;     // sources, users, ... in a detector's table now
  std::array<tally::Cell, kAlertKinds> gave_way;    // ... let go in their window: it was full
  tally::Cell offers_gave_way;                      // servers, of the memory of STARTTLS offers
  tally::Cell clock_set_back;                       // what the detectors had begun was dropped
  tally::Cell starttls_stripped;                    // the one anomaly that spans sessions

  // What the reporter itself has to add to a worker's counter.
  std::uint64_t of(tally::Count count) const {
    return count == tally::Count::anomaly_starttls_stripped ? starttls_stripped.get() : 0;
  }

  void rendered(EventType type) { events[static_cast<std::size_t>(type)].add(1); }
  void refuse(Refused why) { refused[static_cast<std::size_t>(why)].add(1); }
};

}  // namespace mailglass::report
