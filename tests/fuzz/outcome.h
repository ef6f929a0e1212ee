// SPDX-License-Identifier: BSD-3-Clause
// What must hold after any input, whatever it was; and how fuzzers take their input apart.
#pragma once

#include <rapidjson/document.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "tests/support/inspection.h"

namespace mailglass::test {

[[noreturn]] inline void broken(const std::string& rule) {
  std::fprintf(stderr, "broken rule: %s\n", rule.c_str());
  std::abort();
}

// Compiled before the first input, whose time libFuzzer takes.
inline const match::PatternSet& kPatterns = shipped_patterns();

// Tables so small that a run begins in no time, and that they fill.
inline pipelines::MailLimits tiny_limits() {
  pipelines::MailLimits limits;
  limits.wire.datagrams = 16;
  limits.wire.blocks = 64;
  limits.flow.flows = 16;
  limits.stream.holds = 8;
  limits.stream.blocks = 64;
  limits.mail.blocks = 64;
  limits.mail.sessions = 4;
  return limits;
}

// Frames and records accounted for, pools empty, output lines that are JSON in UTF-8.
inline void check_outcome(const Inspection& inspection) {
  using tally::Count;
  using tally::Level;
  const tally::Counters& counters = inspection.counters();
  if (const std::string b = balance(counters); !b.empty()) broken(b);
  for (const Level l : {Level::flows_used, Level::sessions_used, Level::holds_used,
                        Level::blocks_used, Level::mail_blocks_used}) {
    if (counters.get(l) != 0) broken("a pool is not empty: " + std::to_string(counters.get(l)));
  }
  const std::uint64_t emitted = counters.get(Count::events_emitted);
  if (emitted != inspection.records() + counters.get(Count::events_dropped)) {
    broken(std::to_string(emitted) + " emitted, " + std::to_string(inspection.records()) +
           " taken");
  }
  for (const std::string& line : inspection.eve()) {
    rapidjson::Document document;
    document.Parse<rapidjson::kParseValidateEncodingFlag>(line.data(), line.size());
    if (document.HasParseError() || !document.IsObject()) broken("no JSON: " + line);
  }
}

// Octets taken one after another; zeros once there are no more.
class Input {
 public:
  Input(const std::uint8_t* data, std::size_t size) : rest_(data, size) {}

  bool empty() const { return rest_.empty(); }
  std::uint8_t octet() {
    if (rest_.empty()) return 0;
    const std::uint8_t first = rest_.front();
    rest_ = rest_.subspan(1);
    return first;
  }
  unsigned word() {
    const unsigned high = octet();
    return high << 8 | octet();
  }
  Bytes octets(std::size_t count) {
    const Bytes front = rest_.first(std::min(count, rest_.size()));
    rest_ = rest_.subspan(front.size());
    return front;
  }

 private:
  Bytes rest_;
};

}  // namespace mailglass::test
