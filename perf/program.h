// SPDX-License-Identifier: BSD-3-Clause
// How a program of perf ends: what it threw is one sentence, and exit status 1.
#pragma once

#include <cstdio>
#include <exception>

namespace mailglass::perf {

template <typename Run>
int told(const char* program, Run&& run) {
  try {
    return run();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s: %s\n", program, error.what());
    return 1;
  }
}

}  // namespace mailglass::perf
