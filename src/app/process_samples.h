// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <vector>

#include "report/sample.h"

namespace mailglass::app {

// What every Prometheus client library says of its process: start, CPU, memory, descriptors.
std::vector<report::Sample> process_samples();

}  // namespace mailglass::app
