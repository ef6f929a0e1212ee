// SPDX-License-Identifier: BSD-3-Clause
// What inspecting costs, without the reading: one worker, the capture preloaded, one JSON object on
// standard output. Every round is the whole capture again, later on its own clock; the first one
// also touches the pipeline's memory for the first time, so the median is what tells.
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <future>
#include <thread>
#include <vector>

#include "app/installation.h"
#include "match/pattern_set.h"
#include "nic/eal.h"
#include "perf/arguments.h"
#include "perf/heap_calls.h"
#include "perf/preload.h"
#include "perf/program.h"
#include "perf/result.h"
#include "perf/worker_clock.h"
#include "pipelines/baseline.h"
#include "pipelines/mail.h"
#include "report/reporter.h"

namespace mailglass::perf {
namespace {

struct Options {
  std::string capture;
  std::string pipeline = "mail";
  std::string events = "discard";
  std::string patterns = app::default_patterns_folder();
  unsigned loops = 5;
  unsigned ring_mib = 64;
  std::size_t burst = 32;
  bool verified = false;          // checksums, as a NIC does
  double packets_per_second = 0;  // 0: as fast as it can
  pipelines::MailLimits limits;
};

// A pipeline that is handed its bursts no faster than a rate: the worker sleeps in between.
template <typename Pipeline>
class Paced {
 public:
  Paced(Pipeline& pipeline, double packets_per_second)
      : pipeline_(pipeline), apart_(1e9 / packets_per_second) {}
  void take(wire::LinkType link, std::span<Frame> burst) {
    pipeline_.take(link, burst);
    taken_ += static_cast<double>(burst.size());
    std::this_thread::sleep_until(start_ + std::chrono::nanoseconds(std::llround(taken_ * apart_)));
  }
  void finish() { pipeline_.finish(); }

 private:
  Pipeline& pipeline_;
  const double apart_;  // nanoseconds
  double taken_ = 0;
  const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

// Every frame of the capture through the pipeline, once for each of `loops` rounds, each of which
// ends with the pipeline's `finish`.
template <typename Pipeline>
void play(const Capture& capture, const Options& options, Pipeline& pipeline, Result& result) {
  const WorkerClock clock;
  result.cycles.reserve(options.loops);
  const auto began = std::chrono::steady_clock::now();
  for (unsigned loop = 0; loop < options.loops; ++loop) {
    const std::uint64_t start = clock.cycles(), calls = heap_calls();
    play_once(capture, round_of(capture) * loop, options.burst, pipeline);
    result.cycles.push_back(clock.cycles() - start);
    if (loop != 0) result.heap_calls += heap_calls() - calls;
  }
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
}

// The other end of the ring: throws records away, or renders them to nowhere. `refuse` leaves them:
// the ring is soon full, and what emitting costs a worker falls away.
class Consumer {
 public:
  Consumer(tally::EventRing& ring, const std::string& events)
      : ring_(ring),
        sink_(report::LineSink::open("/dev/null")),
        reporter_({.eve = &sink_, .origin = {}, .file_magic = false}),
        render_(events == "render"),
        thread_([this, refuse = events == "refuse"] {
          if (!refuse) run();
        }) {}
  ~Consumer() { finish(nullptr); }
  // Ends the thread, and says what it has done.
  void finish(Result* result) {
    stop_ = true;
    if (thread_.joinable()) thread_.join();
    if (result == nullptr || !render_) return;
    reporter_.flush();
    result->lines = sink_.written();
    result->reporter_cycles = cycles_;
  }
  Consumer(const Consumer&) = delete;
  Consumer& operator=(const Consumer&) = delete;

 private:
  void run() {
    for (bool last = false; !last;) {
      last = stop_;
      const std::size_t taken = ring_.drain([this](const tally::EventView& record) {
        if (render_) reporter_.take(record);
      });
      if (taken == 0 && !last) std::this_thread::sleep_for(std::chrono::microseconds(50));
    }
    cycles_ = WorkerClock().cycles();
  }

  tally::EventRing& ring_;
  report::LineSink sink_;
  report::Reporter reporter_;
  const bool render_;
  std::uint64_t cycles_ = 0;
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

struct alignas(64) RingLine {
  std::byte octet[64];
};

Result measure(const Capture& capture, const Options& options, tally::Counters& counters) {
  const std::size_t ring_octets =
      options.events == "refuse" ? 64 << 10 : std::size_t{options.ring_mib} << 20;
  std::vector<RingLine> storage(ring_octets / sizeof(RingLine));
  tally::EventRing ring({storage[0].octet, ring_octets}, tally::WhenFull::drop);
  const auto patterns = match::PatternSet::load(options.patterns);
  Result result;
  result.cycles_per_second = WorkerClock::cycles_per_nanosecond() * 1e9;
  if (options.pipeline == "baseline") {
    pipelines::BaselinePipeline pipeline(counters);
    play(capture, options, pipeline, result);
  } else {
    pipelines::MailPipeline pipeline(options.limits, {}, *patterns, counters, ring);
    Consumer consumer(ring, options.events);
    if (options.packets_per_second > 0) {
      Paced paced(pipeline, options.packets_per_second);
      play(capture, options, paced, result);
    } else {
      play(capture, options, pipeline, result);
    }
    consumer.finish(&result);
  }
  return result;
}

int run(int argc, char** argv) {
  Options options;
  Arguments arguments("Measures a pipeline on a preloaded capture; prints one JSON object.");
  arguments.text("CAPTURE", options.capture, "a pcap or pcapng file");
  arguments.number("--loops", options.loops, "rounds over the capture", 1u, 10000u);
  arguments.word("--pipeline", options.pipeline, {"mail", "baseline"});
  arguments.word("--events", options.events, {"discard", "render", "refuse"},
                 "what the reporter's thread does with records");
  arguments.number("--ring-mib", options.ring_mib, "a power of two; `mailglass read` has 8", 1u,
                   1024u);
  arguments.real("--packets-per-second", options.packets_per_second, "0: as fast as it can");
  arguments.flag("--verified", options.verified, "as if a NIC had verified every checksum");
  arguments.number("--burst", options.burst, "", std::size_t{1}, std::size_t{64});
  arguments.number("--flows", options.limits.flow.flows, "slots of the flow table");
  arguments.text("--patterns", options.patterns);
  if (const auto status = arguments.parse(argc, argv)) return *status;

  Capture capture = preload(options.capture);
  if (options.verified) capture.checksums = Verified::good;
  nic::Eal eal;
  tally::Counters counters;
  // Waited for asleep: the EAL's own waiting would take a core from the consumer of events.
  std::promise<Result> promise;
  eal.launch([&] {
    try {
      promise.set_value(measure(capture, options, counters));
    } catch (...) {
      promise.set_exception(std::current_exception());
    }
  });
  const Result result = promise.get_future().get();
  eal.join();
  std::puts(render(result, options.pipeline, counters).c_str());
  return 0;
}

}  // namespace
}  // namespace mailglass::perf

int main(int argc, char** argv) {
  return mailglass::perf::told("replay", [&] { return mailglass::perf::run(argc, argv); });
}
