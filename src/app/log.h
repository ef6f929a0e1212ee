// SPDX-License-Identifier: BSD-3-Clause
// What a service says while it runs: lines on standard error, with the time, or, where systemd's
// journal listens (sd-daemon(3)), with the level in front instead.
#pragma once

#include <spdlog/logger.h>

#include <memory>
#include <string>
#include <vector>

namespace mailglass::app {

std::shared_ptr<spdlog::logger> make_log();

// One line each.
void log_block(spdlog::logger& log, const std::vector<std::string>& lines);

}  // namespace mailglass::app
