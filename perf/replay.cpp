// SPDX-License-Identifier: BSD-3-Clause
// What inspecting costs, without the reading: one worker, the capture preloaded, one JSON object on
// standard output. Every round is the whole capture again, later on its own clock; the first one
// also touches the pipeline's memory for the first time, so the median is what tells.
#include <CLI/CLI.hpp>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <future>
#include <thread>
#include <vector>

#include "app/installation.h"
#include "match/pattern_set.h"
#include "nic/capture_port.h"
#include "nic/eal.h"
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
  std::size_t burst = 32;
  pipelines::MailLimits limits;
};

// A capture in memory, as its frames lay on the wire one after the other.
struct Capture {
  wire::LinkType link{};
  std::vector<std::uint8_t> octets;
  struct Place {
    std::size_t at, size;
    Tick time;
  };
  std::vector<Place> frames;

  std::int64_t lasts() const {
    return frames.empty() ? 0 : frames.back().time.us - frames.front().time.us;
  }
};

Capture preload(const nic::FramePool& pool, const std::string& name) {
  const std::atomic<bool> never{false};
  nic::CapturePort port(pool, nic::open_capture(name), never);
  Capture capture;
  capture.link = port.link();
  std::array<Frame, nic::kMaxBurst> burst;
  while (!port.at_end()) {
    const std::size_t taken = port.burst(burst);
    for (const Frame& frame : std::span(burst).first(taken)) {
      capture.frames.push_back({capture.octets.size(), frame.data.size(), frame.time});
      capture.octets.insert(capture.octets.end(), frame.data.begin(), frame.data.end());
    }
    port.release();
  }
  return capture;
}

// Every frame of the capture through the pipeline, once for each of `loops` rounds, each of which
// ends with the pipeline's `finish`; returns the cycles of each.
template <typename Pipeline>
std::vector<std::uint64_t> play(const Capture& capture, const Options& options,
                                Pipeline& pipeline) {
  // A second between two rounds, and every timeout still far away.
  const std::int64_t round = capture.lasts() + kMicrosecondsPerSecond;
  const WorkerClock clock;
  std::vector<std::uint64_t> cycles;
  std::array<Frame, pipelines::kMaxBurst> burst;
  for (unsigned loop = 0; loop < options.loops; ++loop) {
    const std::uint64_t start = clock.cycles();
    const std::int64_t later = round * loop;
    for (std::size_t at = 0; at < capture.frames.size(); at += options.burst) {
      const std::size_t count = std::min(options.burst, capture.frames.size() - at);
      for (std::size_t i = 0; i < count; ++i) {
        const Capture::Place& place = capture.frames[at + i];
        burst[i] = {Bytes(capture.octets.data() + place.at, place.size),
                    Tick{place.time.us + later}};
      }
      pipeline.take(capture.link, std::span(burst).first(count));
    }
    pipeline.finish();
    cycles.push_back(clock.cycles() - start);
  }
  return cycles;
}

// The other end of the ring: throws records away, or renders them to nowhere.
class Consumer {
 public:
  Consumer(tally::EventRing& ring, bool render)
      : ring_(ring),
        sink_(report::LineSink::open("/dev/null")),
        reporter_({.eve = &sink_, .origin = {}}),
        render_(render),
        thread_([this] { run(); }) {}
  ~Consumer() {
    stop_ = true;
    thread_.join();
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
  }

  tally::EventRing& ring_;
  report::LineSink sink_;
  report::Reporter reporter_;
  const bool render_;
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

struct alignas(64) RingLine {
  std::byte octet[64];
};

Result measure(const Capture& capture, const Options& options, tally::Counters& counters) {
  constexpr std::size_t kRingOctets = 64 << 20;
  std::vector<RingLine> storage(kRingOctets / sizeof(RingLine));
  tally::EventRing ring({storage[0].octet, kRingOctets}, tally::WhenFull::drop);
  const auto patterns = match::PatternSet::load(options.patterns);
  Result result;
  result.cycles_per_second = WorkerClock::cycles_per_nanosecond() * 1e9;
  if (options.pipeline == "baseline") {
    pipelines::BaselinePipeline pipeline(counters);
    result.cycles = play(capture, options, pipeline);
  } else {
    pipelines::MailPipeline pipeline(options.limits, {}, *patterns, counters, ring);
    Consumer consumer(ring, options.events == "render");
    result.cycles = play(capture, options, pipeline);
  }
  return result;
}

int run(int argc, char** argv) {
  Options options;
  CLI::App app{"Measures a pipeline on a preloaded capture; prints one JSON object."};
  app.add_option("CAPTURE", options.capture, "a pcap or pcapng file")->required();
  app.add_option("--loops", options.loops, "rounds over the capture")->check(CLI::Range(1, 10000));
  app.add_option("--pipeline", options.pipeline)->check(CLI::IsMember({"mail", "baseline"}));
  app.add_option("--events", options.events, "what the reporter's thread does with records")
      ->check(CLI::IsMember({"discard", "render"}));
  app.add_option("--burst", options.burst)->check(CLI::Range(1, 64));
  app.add_option("--flows", options.limits.flow.flows, "slots of the flow table");
  app.add_option("--patterns", options.patterns);
  CLI11_PARSE(app, argc, argv);

  nic::Eal eal;
  const nic::FramePool pool(eal);
  const Capture capture = preload(pool, options.capture);
  if (capture.frames.empty()) throw std::runtime_error(options.capture + ": no frames in it");
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
  try {
    return mailglass::perf::run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "replay: %s\n", error.what());
    return 1;
  }
}
