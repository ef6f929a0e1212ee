// SPDX-License-Identifier: BSD-3-Clause
// Anomalies in words.
#pragma once

#include <string_view>

#include "tally/counters.h"

namespace mailglass::report {

std::string_view sentence_of(tally::Anomaly);  // what was seen: the help text of counters.def

// What another implementation would make of the same octets; empty where that is no question.
std::string_view other_reading(tally::Anomaly);

}  // namespace mailglass::report
