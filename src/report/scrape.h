// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <chrono>
#include <string>

namespace mailglass::report {

// Metrics in the text exposition format, from a file, from standard input ("-"), or from
// http://HOST:PORT/PATH, where it never waits longer than `patience` for the next octets. At most
// 64 MiB. Throws std::runtime_error with one sentence.
std::string fetch_metrics(const std::string& where,
                          std::chrono::seconds patience = std::chrono::seconds(5));

}  // namespace mailglass::report
