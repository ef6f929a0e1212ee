// SPDX-License-Identifier: BSD-3-Clause
#include "report/anomaly_text.h"

#include <cstddef>

namespace mailglass::report {

std::string_view sentence_of(tally::Anomaly anomaly) {
  static constexpr std::string_view kSentences[] = {
#define ANOMALY(id, layer, help) help,
#include "tally/counters.def"
  };
  return kSentences[static_cast<std::size_t>(anomaly)];
}

std::string_view other_reading(tally::Anomaly anomaly) {
  using tally::Anomaly;
  switch (anomaly) {
    case Anomaly::tcp_overlap_conflict:
      return "a receiver that prefers the later copy reads other octets";
    case Anomaly::tcp_urgent_data:
      return "a receiver that takes urgent data out of band (most do unless SO_OOBINLINE is set) "
             "reads the stream without the last urgent octet (RFC 6093)";
    case Anomaly::line_bare_lf:
      return "a strict peer joins this line with the next one";
    case Anomaly::line_bare_cr:
      return "a peer that takes CR alone for a line end reads two lines";
    case Anomaly::line_nul:
      return "a peer that ends texts at NUL reads less of the line";
    case Anomaly::smtp_bare_lf_end_of_data:
    case Anomaly::smtp_bare_cr_end_of_data:
    case Anomaly::smtp_nul_end_of_data:
      return "a lenient server sees the message end here and reads what follows as commands";
    case Anomaly::smtp_bare_lf_in_data:
    case Anomaly::smtp_bare_cr_in_data:
      return "a lenient server sees a line end here, where the standard sees none";
    case Anomaly::message_line_too_long:
      return "a relay that breaks the line in two, or cuts it, delivers other fields and another "
             "text";
    case Anomaly::smtp_unmatched_end_of_data:
      return "the server has seen this message end before";
    case Anomaly::smtp_pipelined_after_data:
      return "a server that refuses DATA reads these octets as commands";
    case Anomaly::smtp_pipelined_after_starttls:
    case Anomaly::pop3_pipelined_after_stls:
      return "a server that keeps what it has buffered runs these octets as if they came inside "
             "TLS";
    case Anomaly::smtp_pipelining_illegal:
      return "a server that empties its buffer between commands never sees them";
    case Anomaly::starttls_stripped:
      return "a client that takes no for an answer sends its login and its mail in clear";
    case Anomaly::login_without_offered_tls:
      return "a client that is told to demand TLS would not have sent it";
    case Anomaly::tls_malformed:
      return "a peer that never meant to encrypt goes on in clear, unread from here on";
    case Anomaly::smtp_bdat_malformed:
      return "a server that reads another size ends the chunk elsewhere";
    case Anomaly::smtp_bdat_without_last:
      return "a server may take the chunks so far for a whole message";
    case Anomaly::smtp_binarymime_by_data:
      return "a line that begins with a dot, or a lone LF, is read otherwise by each server";
    case Anomaly::smtp_nested_mail:
      return "a server that takes it begins another message with other recipients";
    case Anomaly::smtp_data_without_recipient:
      return "a server that takes it delivers to nobody, or to those of the header";
    default:
      return {};
  }
}

}  // namespace mailglass::report
