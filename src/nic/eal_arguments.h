// SPDX-License-Identifier: BSD-3-Clause
// Settings as DPDK's command line wants them. Private to nic.
#pragma once

#include <string>
#include <vector>

#include "nic/eal.h"

namespace mailglass::nic {

// Whether other programs find this process by its runtime folder.
inline bool is_public(const EalSettings& settings) {
  return settings.telemetry || settings.secondaries;
}

std::string prefix_of(const EalSettings& settings);

// Throws EalError where this machine has not what is asked for.
std::vector<std::string> eal_arguments(const EalSettings& settings);

}  // namespace mailglass::nic
