// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <chrono>
#include <string>

namespace mailglass::report {

// Metrics in the text exposition format, from a file or from http://HOST:PORT/PATH. Throws
// std::runtime_error with one sentence; never waits longer than `patience` for the next octets, nor
// takes more than 64 MiB.
std::string fetch_metrics(const std::string& where,
                          std::chrono::seconds patience = std::chrono::seconds(5));

}  // namespace mailglass::report
