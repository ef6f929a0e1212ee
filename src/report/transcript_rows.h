// SPDX-License-Identifier: BSD-3-Clause
// The layout of a transcript: rows of 100 columns, safe for a terminal whatever they quote.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "report/dialogue.h"

namespace mailglass::report {

enum class Mark : std::uint8_t { client, server, login, anomaly, gap, session };

// What one row says.
struct Step {
  std::uint64_t time_us = 0;  // since the session's first segment
  Mark mark{};
  std::string_view text;     // as it was on the wire
  std::string_view meaning;  // in plain words
  Microseconds latency{};
};

class TranscriptRows {
 public:
  static constexpr std::size_t kBlockOctets = 64 * 1024;  // rows of one session
  static constexpr std::size_t kTextColumns = 200;        // of the wire's text in one step

  TranscriptRows(Dialogue& dialogue, bool colour) : dialogue_(dialogue), colour_(colour) {}

  void step(const Step&);
  // A row that belongs to the step above it, under its text.
  void detail(std::string_view text);
  // "Subject   Merry Christmas": a named part of the step above. Nothing when the value is empty.
  void detail(std::string_view name, std::string_view value);

 private:
  void begin(const Step&);
  void details(std::string_view rest);
  void end();

  Dialogue& dialogue_;
  bool colour_;
  std::string row_;
  std::string visible_;
};

// For the head of a block and for tests.
std::string visible(std::string_view octets, std::size_t columns);

}  // namespace mailglass::report
