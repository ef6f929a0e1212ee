// SPDX-License-Identifier: BSD-3-Clause
#include "report/timestamp.h"

#include <fmt/format.h>

#include <ctime>

namespace mailglass::report {

std::string_view Timestamp::operator()(Tick time) {
  std::int64_t second = time.us / kMicrosecondsPerSecond;
  std::int64_t fraction = time.us % kMicrosecondsPerSecond;
  if (fraction < 0) {
    fraction += kMicrosecondsPerSecond;
    --second;
  }
  if (second != second_) {
    second_ = second;
    const std::time_t t = second;
    std::tm date{};
    gmtime_r(&t, &date);
    text_ = fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.000000+0000", date.tm_year + 1900,
                        date.tm_mon + 1, date.tm_mday, date.tm_hour, date.tm_min, date.tm_sec);
  }
  constexpr std::size_t kBehindFraction = 5;  // of "+0000"
  for (std::size_t i = text_.size() - kBehindFraction, digits = 6; digits > 0; --digits) {
    text_[--i] = static_cast<char>('0' + fraction % 10);
    fraction /= 10;
  }
  return text_;
}

}  // namespace mailglass::report
