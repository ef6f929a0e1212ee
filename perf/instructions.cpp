// SPDX-License-Identifier: BSD-3-Clause
// A capture through a pipeline, once, for valgrind to count the instructions of `watched_pass` (see
// tests/instructions). Events are dropped at a full ring. Prints the number of frames, and the
// compiler.
#include <cstdio>
#include <vector>

#include "match/pattern_set.h"
#include "perf/arguments.h"
#include "perf/preload.h"
#include "perf/program.h"
#include "pipelines/baseline.h"

namespace mailglass::perf {
namespace {

constexpr std::size_t kRingOctets = 64 << 10;
constexpr std::size_t kBurst = 32;
constexpr std::size_t kNoPayload = 86;  // octets of an IPv6 frame with timestamps, VLAN-less

struct alignas(64) RingLine {
  std::byte octet[64];
};

template <typename Pipeline>
[[gnu::noinline]] void watched_pass(const Capture& capture, Pipeline& pipeline) {
  play_once(capture, 0, kBurst, pipeline);
}

int run(int argc, char** argv) {
  std::string name, kind = "mail", patterns;
  bool acks = false;
  Arguments arguments("Plays a capture once, for valgrind --toggle-collect=*watched_pass*.");
  arguments.text("CAPTURE", name);
  arguments.word("--pipeline", kind, {"mail", "baseline"});
  arguments.flag("--acks", acks, "only frames without payload");
  arguments.text("--patterns", patterns);
  if (const auto status = arguments.parse(argc, argv)) return *status;

  Capture capture = preload(name);
  tally::Counters counters;
  if (kind == "baseline") {
    pipelines::BaselinePipeline pipeline(counters);
    watched_pass(capture, pipeline);
  } else {
    const auto loaded = match::PatternSet::load(patterns);
    std::vector<RingLine> storage(kRingOctets / sizeof(RingLine));
    tally::EventRing ring({storage[0].octet, kRingOctets}, tally::WhenFull::drop);
    pipelines::MailLimits limits;
    limits.flow.flows = 16384;
    pipelines::MailPipeline pipeline(limits, {}, *loaded, counters, ring);
    if (acks) {
      std::erase_if(capture.frames, [](const auto& place) { return place.size > kNoPayload; });
    }
    watched_pass(capture, pipeline);
  }
#ifdef __clang__
  std::printf("%zu clang %d\n", capture.frames.size(), __clang_major__);
#else
  std::printf("%zu gcc %d\n", capture.frames.size(), __GNUC__);
#endif
  return 0;
}

}  // namespace
}  // namespace mailglass::perf

int main(int argc, char** argv) {
  return mailglass::perf::told("instructions", [&] { return mailglass::perf::run(argc, argv); });
}
