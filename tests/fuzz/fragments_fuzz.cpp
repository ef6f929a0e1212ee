// SPDX-License-Identifier: BSD-3-Clause
// libFuzzer target: fragments of up to four datagrams against the model. Six octets make one:
// which, offset (2), length, flags, what it holds.
#include <cstdio>
#include <cstdlib>

#include "tests/support/wire_rig.h"
#include "tests/unit/fragment_model.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace mailglass;
  static const auto memory = std::make_unique_for_overwrite<test::WireRig::Memory>();
  // Two that repeat each other, and two that differ from them here and there.
  static const auto contents = [] {
    std::array<std::vector<std::uint8_t>, 4> made;
    for (std::size_t i = 0; i < made.size(); ++i) {
      for (std::size_t at = 0; at < 2 * wire::kMaxDatagram; ++at) {
        const std::size_t odd = i % 2 == 1 && at % 100 == 99 ? 1 : 0;
        made[i].push_back(static_cast<std::uint8_t>(at * 37 + odd));
      }
    }
    return made;
  }();

  wire::Limits limits = test::small_wire();
  limits.blocks = 4 * 32;  // as many as four datagrams can need: the model has no limits
  test::WireRig rig(limits, *memory);
  test::FragmentComparison compare(rig.fragments, limits.fragment_seconds);
  Tick now{1};
  for (; size >= 6; data += 6, size -= 6) {
    const std::uint8_t flags = data[4];
    wire::Fragment f;
    f.key.id = data[0] % 4;
    f.offset = (std::uint32_t{data[1]} << 8 | data[2]) % 8192 * 8;
    // Small ones mostly: the model looks at every octet.
    if ((flags & 0x60) != 0x60) f.offset %= 512;
    std::size_t octets = data[3];
    if ((flags & 0x01) == 0) octets = octets * 8;
    if ((flags & 0x70) == 0x70) octets = octets * 32;
    f.octets = Bytes(contents[data[5] % 4]).subspan(f.offset, octets);
    f.more = (flags & 0x02) != 0;
    f.next = static_cast<std::uint8_t>(data[0] >> 4);
    f.header_octets = 20;
    if (flags >= 0xf8) now.us += 16 * kMicrosecondsPerSecond;
    if (const char* broken = compare.take(static_cast<int>(f.key.id), f, now)) {
      std::fprintf(stderr, "not %s\n", broken);
      std::abort();
    }
  }
  rig.decoder.age({now.us + 3600 * kMicrosecondsPerSecond}, 1000);
  if (rig.datagrams.used() != 0 || rig.blocks.used() != 0) {
    std::fprintf(stderr, "a pool does not get back what it gave\n");
    std::abort();
  }
  return 0;
}
