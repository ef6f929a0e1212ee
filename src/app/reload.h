// SPDX-License-Identifier: BSD-3-Clause
// What a new configuration may change while the service runs.
#pragma once

#include <string>
#include <vector>

#include "app/config.h"

namespace mailglass::app {

// The keys whose values differ, of those that a reload takes, or of those that need a restart.
// Ports count as one key, `port`.
std::vector<std::string> changed_keys(const Config& from, const Config& to, bool reloadable);

// Gives `current` the reloadable values of `wanted`, and touches no other.
void take_reloadable(Config& current, const Config& wanted);

// "eve.file, run.workers"
std::string join(const std::vector<std::string>& words);

}  // namespace mailglass::app
