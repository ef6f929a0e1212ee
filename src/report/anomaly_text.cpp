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
    case Anomaly::smtp_bare_lf_end_of_data:
      return "a server that takes LF alone for a line end sees the message end here and reads what "
             "follows as commands";
    case Anomaly::smtp_pipelined_after_data:
      return "a server that refuses DATA reads these octets as commands";
    case Anomaly::smtp_pipelined_after_starttls:
      return "a server that keeps what it has buffered runs these octets as if they came inside "
             "TLS";
    case Anomaly::login_without_offered_tls:
      return "a client that is told to demand TLS would not have sent it";
    case Anomaly::tls_malformed:
      return "a peer that never meant to encrypt goes on in clear, unread from here on";
    case Anomaly::smtp_bdat_malformed:
      return "a server that reads another size ends the chunk elsewhere";
    default:
      return {};
  }
}

}  // namespace mailglass::report
