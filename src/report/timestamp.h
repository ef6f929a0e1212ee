// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/tick.h"

namespace mailglass::report {

// Writes times as EVE does: 2026-03-01T12:34:56.123456+0000. Events come almost in order of time,
// so the calendar is asked once a second only. The view is valid until the next call.
class Timestamp {
 public:
  std::string_view operator()(Tick time);

 private:
  std::int64_t second_ = INT64_MIN;
  std::string text_;
};

}  // namespace mailglass::report
