// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>

#include "report/sum.h"
#include "report/totals.h"

namespace mailglass::report {

struct Elapsed {
  double capture_seconds = 0;  // from the first packet to the last
  double wall_seconds = 0;     // that reading took
};

// The table printed at the end of a transcript: what was seen, without rows of zeros.
std::string render_summary(Workers workers, const Totals& totals, const Elapsed& elapsed);
std::string render_summary(const tally::Counters& counters, const Totals& totals,
                           const Elapsed& elapsed);

}  // namespace mailglass::report
