// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace mailglass::report {

// One time series of a metric that is not a row of counters.def, as it was when asked for. Those of
// one name stand together.
struct Sample {
  enum class Kind : std::uint8_t { counter, gauge };

  std::string name;
  std::string help;
  Kind kind = Kind::counter;
  std::vector<std::pair<std::string, std::string>> labels;
  double value = 0;
};

}  // namespace mailglass::report
