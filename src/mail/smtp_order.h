// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "mail/turn.h"

namespace mailglass::mail {

// What the standards say of the order of SMTP commands, and of what their parameters promise: RFC
// 5321 section 4.1.4, RFC 2920 section 3.1, RFC 3030 section 2, RFC 1870. A rule that is broken is
// told once a session. It changes nothing in how the dialogue is read.
class SmtpOrder {
 public:
  // What a command finds.
  struct Scene {
    bool certain = false;      // both sides were seen whole: what we miss was not said
    bool waiting = false;      // an earlier command is not answered yet
    bool transaction = false;  // MAIL was sent, and nothing has ended it
    bool undecided = false;    // and neither content nor a refusal has come of it
    bool chunks = false;       // its content has begun by BDAT, and no LAST has come
    bool complete = false;     // its content was sent to the end
    bool binary = false;       // BODY=BINARYMIME
    std::uint32_t recipients = 0;
    tally::SmtpVerb newest{};  // of the commands that wait
    std::uint32_t tx = 0;
  };

  void command(Turn& turn, tally::SmtpVerb verb, std::string_view argument, const Scene& scene);

  // A greeting was accepted. `octets`: the largest message the server takes, 0 where it says none.
  void greeted(bool pipelining, std::uint64_t octets) {
    greeted_ = true;
    pipelining_ = pipelining;
    largest_ = octets;
  }

 private:
  enum class Rule : std::uint8_t { group, offer, greeting, rcpt, data, after_last, mixed, path };

  void pipelined(Turn& turn, const Scene& scene);
  void in_turn(Turn& turn, tally::SmtpVerb verb, const Scene& scene);
  void content(Turn& turn, tally::SmtpVerb verb, const Scene& scene);
  void tell(Turn& turn, Rule rule, tally::Anomaly anomaly, std::string_view detail,
            std::uint32_t tx = 0);

  std::uint64_t largest_ = 0;
  std::uint16_t told_ = 0;  // a set of Rule
  bool greeting_sent_ = false;
  bool greeted_ = false;
  bool pipelining_ = false;
};

// The value of an ESMTP parameter of MAIL or RCPT (RFC 5321 section 4.1.2), "SIZE=" as `keyword`;
// empty where there is none.
std::string_view esmtp_parameter(std::string_view argument, std::string_view keyword);

}  // namespace mailglass::mail
