// SPDX-License-Identifier: BSD-3-Clause
// What the reporter tells of its own: alerts, and offers of TLS that are missing.
#include <fmt/format.h>

#include <algorithm>

#include "report/envelope.h"
#include "report/reporter.h"

namespace mailglass::report {

void Reporter::alert(Dialogue* dialogue, const Evidence& evidence, Tick time) {
  if (eve_) eve_->alert(dialogue, evidence, time);
  if (transcript_ && dialogue != nullptr) transcript_->alert(*dialogue, evidence, time);
}

void Reporter::listed(Dialogue& dialogue, const std::vector<std::string>& lines,
                      std::string_view offer, Tick time) {
  if (!starttls_memory_) return;
  const bool offered = std::any_of(lines.begin(), lines.end(), [&](const std::string& line) {
    return same_word(line.substr(0, line.find(' ')), offer);
  });
  const auto before = starttls_memory_->listed(dialogue, offered, time);
  if (!before) return;
  totals_.starttls_stripped.add(1);
  const std::string detail = fmt::format("last offered at {}", timestamp_(*before));
  const tally::AnomalySeen seen{tally::Anomaly::starttls_stripped, tally::Direction::to_client, 0};
  if (eve_) eve_->anomaly(dialogue, seen, detail, time);
  if (transcript_) transcript_->anomaly(dialogue, seen, detail, time);
}

}  // namespace mailglass::report
