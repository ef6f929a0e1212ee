// SPDX-License-Identifier: BSD-3-Clause
// Honest mail sessions, all alive at once, as perf/generate plays them: SMTP and POP3, logins,
// messages, some segments reordered and some sent twice, IPv4 from 198.18.0.0/15 and IPv6.
#pragma once

#include <vector>

#include "base/frame.h"

namespace mailglass::perf {

struct Sessions {
  std::vector<std::uint8_t> octets;
  std::vector<Frame> frames;  // in `octets`, in order of time

  std::int64_t lasts_us() const { return frames.back().time.us - frames.front().time.us; }
};

// `body` is the mean size of a message in octets. Throws std::runtime_error.
Sessions generate_sessions(unsigned count, unsigned body);

}  // namespace mailglass::perf
