// SPDX-License-Identifier: BSD-3-Clause
// The transcript: one block a session, for a person. A block is printed when its session ends, so
// that the rows of two sessions never mix; the order is the order of ending.
#pragma once

#include <string>
#include <string_view>

#include "report/dialogue.h"
#include "report/eve.h"
#include "report/line_sink.h"
#include "report/timestamp.h"
#include "report/transcript_rows.h"
#include "tally/event.h"

namespace mailglass::report {

// Colour is for terminals, and only without NO_COLOR in the environment (no-color.org).
bool wants_colour(int fd);

class Transcript {
 public:
  static constexpr std::size_t kReplyLines = 20;  // of a multi-line reply
  static constexpr std::size_t kAnswerRows = 10;  // of LIST, UIDL, CAPA

  Transcript(LineSink& sink, bool colour) : sink_(sink), colour_(colour) {}

  void command(Dialogue&, const tally::Command&, std::string_view argument, std::string_view verb,
               Tick);
  void reply(Dialogue&, const tally::Reply&, std::string_view text, std::string_view queue_id,
             const Pop3Exchange*, Tick);
  void answer_end(Dialogue&, const Pop3Exchange&);
  void message(Dialogue&, const tally::Message&, const Email*, std::string_view excerpt, Tick);
  void login(Dialogue&, const tally::Login&, const LoginTexts&, Tick);
  void proxied(Dialogue&, Tick);
  void gap(Dialogue&, const tally::Gap&, Tick);
  void anomaly(Dialogue&, const tally::AnomalySeen&, std::string_view detail, Tick);
  void alert(Dialogue&, const Evidence&, Tick);
  void encrypted(Dialogue&, const tally::Encrypted&, Tick);
  void tls(Dialogue&, Tick);
  void lost(Dialogue&, std::uint64_t records, Tick);
  // Prints the block. `closed` is null for a session whose end was not seen.
  void closed(Dialogue&, const tally::Closed*, Tick);

 private:
  std::uint64_t since_start(const Dialogue& dialogue, Tick time) const {
    return time.since(dialogue.opened.start);
  }
  std::string head(const Dialogue&);

  LineSink& sink_;
  bool colour_;
  Timestamp timestamp_;
};

}  // namespace mailglass::report
