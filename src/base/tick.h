// SPDX-License-Identifier: BSD-3-Clause
// Time as an argument: microseconds since the Unix epoch, from the capture, the NIC, or one clock
// read a burst. No stage asks a clock.
#pragma once

#include <compare>
#include <cstdint>

namespace mailglass {

struct Tick {
  std::int64_t us = 0;

  constexpr auto operator<=>(const Tick&) const = default;

  // Elapsed time since `earlier` in microseconds; 0 when a capture's clock stepped back.
  constexpr std::uint64_t since(Tick earlier) const {
    return us > earlier.us ? static_cast<std::uint64_t>(us) - static_cast<std::uint64_t>(earlier.us)
                           : 0;
  }
};

constexpr std::int64_t kMicrosecondsPerSecond = 1'000'000;

}  // namespace mailglass
