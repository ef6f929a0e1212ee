// SPDX-License-Identifier: BSD-3-Clause
#include "mail/line_watch.h"

namespace mailglass::mail {

void LineWatch::look(Turn& turn, tally::Direction direction, const Line& line,
                     std::uint32_t longest) {
  const auto tell = [&](bool seen, bool& told, tally::Anomaly anomaly) {
    if (!seen || told) return;
    told = true;
    turn.anomaly(anomaly, direction);
  };
  const auto holds = [&](int octet) {
    return !line.text.empty() && std::memchr(line.text.data(), octet, line.text.size()) != nullptr;
  };
  tell(line.bare_lf, bare_lf_, tally::Anomaly::line_bare_lf);
  tell(holds('\r'), bare_cr_, tally::Anomaly::line_bare_cr);
  tell(holds('\0'), nul_, tally::Anomaly::line_nul);
  tell(line.octets > longest, long_, tally::Anomaly::line_too_long);
}

}  // namespace mailglass::mail
