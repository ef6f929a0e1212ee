// SPDX-License-Identifier: BSD-3-Clause
// libFuzzer target: the first octet picks the link type, the rest is the frame.
#include <cstdio>
#include <cstdlib>

#include "tests/unit/segment_rules.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace mailglass;
  if (size == 0) return 0;
  const auto link = static_cast<wire::LinkType>(data[0] % 6);
  tally::Drop drop{};
  if (const char* broken = test::broken_rule(link, Bytes(data + 1, size - 1), drop)) {
    std::fprintf(stderr, "broken rule: %s\n", broken);
    std::abort();
  }
  return 0;
}
