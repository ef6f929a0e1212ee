// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>

#include "frame.h"
#include "record.h"

namespace mailglass::generate {

struct Ends {
  Host client;
  Host server;
};

// The two ends of session `number`. No two sessions of a capture share client address and port
// (below 564 million sessions), so a 5-tuple names one session.
Ends session_ends(std::uint64_t number, bool v6, Protocol protocol, std::uint16_t server_port);

// The source of SYN `number` of a flood: any unicast IPv4 address, hardly ever twice.
Ends flood_ends(std::uint64_t number, std::uint64_t seed);

}  // namespace mailglass::generate
