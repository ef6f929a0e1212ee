// SPDX-License-Identifier: BSD-3-Clause
// What the records of dialogues mean to the detectors.
#pragma once

#include <string_view>

#include "report/detect/detectors.h"
#include "report/dialogue.h"
#include "tally/event.h"

namespace mailglass::report {

class Watch {
 public:
  // The dialogue is null for what is told when a case is over.
  using Tell = std::function<void(Dialogue*, const Evidence&, Tick)>;

  Watch(const DetectSettings& settings, Totals& totals, Tell tell);

  // Before any other, with the time of each record.
  void advance(Tick time);
  // After the dialogue has taken the record.
  void command(Dialogue&, const tally::Command&, std::string_view argument);
  void reply(Dialogue&, const tally::Reply&);
  void login(Dialogue&, const tally::Login&, std::string_view user, std::string_view text);
  void mailbox(Dialogue&, const tally::Mailbox&);
  void transaction(Dialogue&, const SmtpTransaction&);
  void finish() { detectors_.finish(); }

 private:
  Address client(const Dialogue&) const;
  bool ignored(const Dialogue&) const;
  bool relays(const Dialogue&, std::string_view recipient) const;
  void recipient_answered(Dialogue&, const tally::Reply&);

  DetectSettings settings_;
  Subjects subjects_;
  Dialogue* dialogue_ = nullptr;  // whose record is being looked at
  Detectors detectors_;
};

}  // namespace mailglass::report
