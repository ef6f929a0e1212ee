// SPDX-License-Identifier: BSD-3-Clause
// The whole pipeline in a test's hands: frames in, EVE lines, transcript and counters out. The same
// stages, ring and reporter as in the product, on one thread and without an EAL.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "match/pattern_set.h"
#include "pipelines/mail.h"
#include "tests/support/packet_builder.h"

namespace mailglass::test {

struct TimedFrame {
  Octets octets;
  Tick time;
};

// Small tables, so that a test or a fuzzer starts in microseconds.
pipelines::MailLimits small_limits();

// The shipped patterns, compiled once a process.
const match::PatternSet& shipped_patterns();

class Inspection {
 public:
  struct Options {
    pipelines::MailLimits limits = small_limits();
    mail::Credentials credentials;
    wire::LinkType link = wire::LinkType::kEthernet;
    std::size_t burst = 16;
    bool render = true;  // false: records are counted and thrown away, for fuzzers
  };
  Inspection();
  explicit Inspection(const Options& options);
  ~Inspection();

  void take(const std::vector<TimedFrame>& frames);
  void take(const TimedFrame& frame) { take(std::vector<TimedFrame>{frame}); }
  void finish();  // once, at the end

  const tally::Counters& counters() const;
  std::uint64_t count(tally::Count c) const { return counters().get(c); }
  std::uint64_t records() const;

  // After `finish`. Lines of EVE in order; `of_type` those of one event_type.
  std::vector<std::string> eve() const;
  std::vector<std::string> eve_of_type(std::string_view type) const;
  std::string transcript() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

// Frames taken = segments + drops, and events emitted = taken by the reporter + dropped: empty when
// so, else what does not add up.
std::string balance(const tally::Counters& counters);

}  // namespace mailglass::test
