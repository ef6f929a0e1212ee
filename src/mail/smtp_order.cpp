// SPDX-License-Identifier: BSD-3-Clause
#include "mail/smtp_order.h"

#include "mail/words.h"

namespace mailglass::mail {

using tally::Anomaly;
using tally::Direction;
using tally::SmtpVerb;

namespace {

constexpr std::size_t kMaxPath = 256;  // RFC 5321 section 4.5.3.1.3, brackets included

// RFC 2920 section 3.1, RFC 4954 section 4. DATA and STARTTLS have anomalies of their own: what is
// behind them is read otherwise.
bool ends_group(SmtpVerb verb) {
  switch (verb) {
    case SmtpVerb::HELO:
    case SmtpVerb::EHLO:
    case SmtpVerb::LHLO:
    case SmtpVerb::VRFY:
    case SmtpVerb::EXPN:
    case SmtpVerb::TURN:
    case SmtpVerb::ATRN:
    case SmtpVerb::NOOP:
    case SmtpVerb::QUIT:
    case SmtpVerb::AUTH:
      return true;
    default:
      return false;
  }
}

bool greets(SmtpVerb verb) {
  return verb == SmtpVerb::HELO || verb == SmtpVerb::EHLO || verb == SmtpVerb::LHLO;
}

// "FROM:<path> ..." with its brackets.
std::size_t path_octets(std::string_view argument) {
  const std::size_t open = argument.find('<');
  if (open == std::string_view::npos) return 0;
  const std::size_t close = argument.find('>', open);
  return (close == std::string_view::npos ? argument.size() - 1 : close) - open + 1;
}

}  // namespace

std::string_view esmtp_parameter(std::string_view argument, std::string_view keyword) {
  const std::size_t close = argument.find('>');
  if (close == std::string_view::npos) return {};
  std::string_view rest = tail(argument, close + 1);
  while (!rest.empty()) {
    const std::string_view word = take_word(rest);
    if (starts_with_word(word, keyword)) return tail(word, keyword.size());
  }
  return {};
}

void SmtpOrder::command(Turn& turn, SmtpVerb verb, std::string_view argument, const Scene& scene) {
  if (scene.certain) {
    if (scene.waiting) {
      pipelined(turn, scene);
    } else {
      in_turn(turn, verb, scene);
    }
    content(turn, verb, scene);
  }
  greeting_sent_ = greeting_sent_ || greets(verb);
  if (verb != SmtpVerb::MAIL && verb != SmtpVerb::RCPT) return;
  if (path_octets(argument) > kMaxPath) {
    tell(turn, Rule::path, Anomaly::smtp_path_too_long, {}, scene.tx);
  }
  std::uint64_t declared = 0;
  std::string_view size = esmtp_parameter(argument, "SIZE=");
  if (verb == SmtpVerb::MAIL && largest_ != 0 && take_number(size, declared) &&
      declared > largest_) {
    turn.anomaly(Anomaly::smtp_size_over_limit, Direction::to_server, {}, scene.tx);
  }
}

void SmtpOrder::pipelined(Turn& turn, const Scene& scene) {
  if (ends_group(scene.newest)) {
    tell(turn, Rule::group, Anomaly::smtp_pipelining_illegal, tally::name_of(scene.newest));
  } else if (greeted_ && !pipelining_) {
    tell(turn, Rule::offer, Anomaly::pipelining_not_offered, {});
  }
}

// What only a client that has read every reply can be blamed for.
void SmtpOrder::in_turn(Turn& turn, SmtpVerb verb, const Scene& scene) {
  const auto misplaced = [&](Rule rule, std::string_view detail) {
    tell(turn, rule, Anomaly::smtp_bad_sequence, detail, scene.tx);
  };
  if (verb == SmtpVerb::MAIL && !greeting_sent_) {
    misplaced(Rule::greeting, "MAIL before a greeting");
  } else if (verb == SmtpVerb::RCPT && !scene.transaction) {
    misplaced(Rule::rcpt, "RCPT outside of a transaction");
  } else if (verb == SmtpVerb::DATA || verb == SmtpVerb::BDAT) {
    if (!scene.transaction) {
      misplaced(Rule::data, "content outside of a transaction");
    } else if (scene.recipients == 0) {
      misplaced(Rule::data, "content before a recipient");
    }
  }
}

void SmtpOrder::content(Turn& turn, SmtpVerb verb, const Scene& scene) {
  const auto here = [&](Anomaly anomaly) {
    turn.anomaly(anomaly, Direction::to_server, {}, scene.tx);
  };
  if (verb == SmtpVerb::MAIL && scene.undecided) here(Anomaly::smtp_nested_mail);
  if (verb == SmtpVerb::BDAT && scene.transaction && scene.complete) {
    tell(turn, Rule::after_last, Anomaly::smtp_bad_sequence, "BDAT behind the end of the message",
         scene.tx);
  }
  if (verb == SmtpVerb::DATA && scene.chunks) {
    tell(turn, Rule::mixed, Anomaly::smtp_bad_sequence, "DATA behind BDAT", scene.tx);
  } else if (scene.chunks && (verb == SmtpVerb::MAIL || verb == SmtpVerb::QUIT || greets(verb))) {
    here(Anomaly::smtp_bdat_without_last);
  }
  if (verb == SmtpVerb::DATA && scene.binary) here(Anomaly::smtp_binarymime_by_data);
}

void SmtpOrder::tell(Turn& turn, Rule rule, Anomaly anomaly, std::string_view detail,
                     std::uint32_t tx) {
  const auto bit = static_cast<std::uint16_t>(1u << static_cast<unsigned>(rule));
  if ((told_ & bit) != 0) return;
  told_ = static_cast<std::uint16_t>(told_ | bit);
  turn.anomaly(anomaly, Direction::to_server, detail, tx);
}

}  // namespace mailglass::mail
