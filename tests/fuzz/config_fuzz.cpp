// SPDX-License-Identifier: BSD-3-Clause
// libFuzzer target: any text is a configuration or one sentence.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "app/config.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace mailglass::app;
  try {
    const Config config = parse_config(std::string(reinterpret_cast<const char*>(data), size), "f");
    if (config.limits.flow.flows < 1024 || config.ring_mib == 0) std::abort();  // out of range
  } catch (const ConfigError& error) {
    const std::string sentence = error.what();
    if (!sentence.starts_with("f:") ||
        std::any_of(sentence.begin(), sentence.end(), [](char c) { return c >= 0 && c < ' '; })) {
      std::fprintf(stderr, "not one sentence: %s\n", sentence.c_str());
      std::abort();
    }
  }
  return 0;
}
