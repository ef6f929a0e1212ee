// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <utility>

#include "base/bytes.h"
#include "match/hints.h"
#include "match/pattern_set.h"
#include "tally/counters.h"

struct hs_scratch;

namespace mailglass::match {

// One core's means to ask the patterns about a line. Matches are collected, then judged: no
// callback acts. Lines longer than kMaxScan octets are judged by their first kMaxScan.
class Scanner {
 public:
  static constexpr std::size_t kMaxScan = 512;

  // `patterns` outlives the scanner. Throws std::bad_alloc.
  explicit Scanner(const PatternSet& patterns);
  ~Scanner();
  Scanner(const Scanner&) = delete;
  Scanner& operator=(const Scanner&) = delete;

  // Exchanges patterns and scratch; allocates and frees nothing.
  void swap(Scanner& other) noexcept {
    std::swap(databases_, other.databases_);
    std::swap(scratch_, other.scratch_);
  }

  Hints<ProtocolHint> protocol(Bytes line) const;
  tally::SmtpVerb smtp_verb(Bytes line) const;
  tally::Pop3Verb pop3_verb(Bytes line) const;
  Hints<SmtpReplyHint> smtp_reply(Bytes line) const;
  Hints<Pop3ReplyHint> pop3_reply(Bytes line) const;

 private:
  const PatternSet::Databases* databases_;
  hs_scratch* scratch_ = nullptr;
};

}  // namespace mailglass::match
