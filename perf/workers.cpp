// SPDX-License-Identifier: BSD-3-Clause
// Two workers against one: threads on CPUs of their own, each with its own copy of the capture, its
// own pipeline and its own ring, nothing shared. One JSON object on standard output; it is void
// where a worker did not have its CPU to itself, and says so. Rounds of one and of two take turns.
#include <pthread.h>
#include <sched.h>

#include <barrier>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "app/installation.h"
#include "match/pattern_set.h"
#include "perf/arguments.h"
#include "perf/preload.h"
#include "perf/program.h"
#include "perf/worker_clock.h"

namespace mailglass::perf {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kRingOctets = 64 << 20;

struct alignas(64) RingLine {
  std::byte octet[64];
};

std::vector<unsigned> allowed_cpus() {
  cpu_set_t set;
  CPU_ZERO(&set);
  sched_getaffinity(0, sizeof set, &set);
  std::vector<unsigned> cpus;
  for (unsigned cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (CPU_ISSET(cpu, &set)) cpus.push_back(cpu);
  }
  return cpus;
}

void pin_to(unsigned cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(cpu, &set);
  pthread_setaffinity_np(pthread_self(), sizeof set, &set);
}

// What a worker needs, made on its own CPU so that its memory is near.
struct Worker {
  Worker(const std::string& name, const match::PatternSet& patterns)
      : capture(preload(name)),
        storage(kRingOctets / sizeof(RingLine)),
        ring({storage[0].octet, kRingOctets}, tally::WhenFull::drop),
        pipeline(pipelines::MailLimits{}, {}, patterns, counters, ring) {}

  // Seconds on the clock and on the CPU. The events are thrown away afterwards, by itself: a thread
  // for that would want a CPU, too.
  void play(std::size_t burst) {
    const WorkerClock cycles;
    const auto start = Clock::now();
    const std::uint64_t first = cycles.cycles();
    play_once(capture, later, burst, pipeline);
    ran =
        static_cast<double>(cycles.cycles() - first) / (WorkerClock::cycles_per_nanosecond() * 1e9);
    took = std::chrono::duration<double>(Clock::now() - start).count();
    later += round_of(capture);
    while (ring.drain([](const tally::EventView&) {}) != 0) {
    }
  }

  Capture capture;
  std::vector<RingLine> storage;
  tally::EventRing ring;
  tally::Counters counters;
  pipelines::MailPipeline pipeline;
  std::int64_t later = 0;
  double took = 0, ran = 0;
};

struct Rate {
  double packets_per_second = 0;
  double cpu_share = 1;  // of the worker that had the least of its CPU
};

Rate rate_of(std::span<const std::unique_ptr<Worker>> workers) {
  Rate rate;
  for (const auto& worker : workers) {
    rate.packets_per_second += static_cast<double>(worker->capture.frames.size()) / worker->took;
    rate.cpu_share = std::min(rate.cpu_share, worker->ran / worker->took);
  }
  return rate;
}

struct Options {
  std::string capture;
  std::string patterns = app::default_patterns_folder();
  unsigned rounds = 7;
  std::size_t burst = 32;
};

// Rates of each round, of one worker and of two.
std::pair<std::vector<Rate>, std::vector<Rate>> measure(const Options& options,
                                                        std::span<const unsigned> cpus) {
  const auto patterns = match::PatternSet::load(options.patterns);
  (void)WorkerClock::cycles_per_nanosecond();
  std::vector<std::unique_ptr<Worker>> workers(2);
  std::pair<std::vector<Rate>, std::vector<Rate>> rates;
  std::barrier<> gate(2);
  const auto work = [&](std::size_t mine) {
    pin_to(cpus[mine]);
    workers[mine] = std::make_unique<Worker>(options.capture, *patterns);
    workers[mine]->play(options.burst);  // memory for the first time
    for (unsigned round = 0; round < options.rounds; ++round) {
      gate.arrive_and_wait();
      if (mine == 0) {
        workers[0]->play(options.burst);
        rates.first.push_back(rate_of(std::span(workers).first(1)));
      }
      gate.arrive_and_wait();
      workers[mine]->play(options.burst);
      gate.arrive_and_wait();
      if (mine == 0) rates.second.push_back(rate_of(workers));
    }
  };
  std::thread other(work, 1);
  work(0);
  other.join();
  for (const auto& worker : workers) {
    if (worker->counters.get(tally::Count::events_dropped) != 0) {
      throw std::runtime_error("events were dropped: the capture is too large for this program");
    }
  }
  return rates;
}

Rate median(std::vector<Rate> rates) {
  std::sort(rates.begin(), rates.end(),
            [](Rate a, Rate b) { return a.packets_per_second < b.packets_per_second; });
  return rates[rates.size() / 2];
}

int run(int argc, char** argv) {
  Options options;
  Arguments arguments(
      "Measures two workers against one on a preloaded capture; prints one JSON object.");
  arguments.text("CAPTURE", options.capture, "a pcap file of at most some 200 MB");
  arguments.number("--rounds", options.rounds, "", 1u, 1000u);
  arguments.number("--burst", options.burst, "", std::size_t{1}, std::size_t{64});
  arguments.text("--patterns", options.patterns);
  if (const auto status = arguments.parse(argc, argv)) return *status;

  const std::vector<unsigned> cpus = allowed_cpus();
  double load = 0;
  getloadavg(&load, 1);
  if (cpus.size() < 2) {
    std::printf("{\"ratio\":null,\"void\":\"one CPU\",\"load\":%.2f}\n", load);
    return 0;
  }
  const auto [one, two] = measure(options, cpus);
  const Rate single = median(one), pair = median(two);
  constexpr double kToItself = 0.97;
  const double share = std::min(single.cpu_share, pair.cpu_share);
  std::printf(
      "{\"one_mpps\":%.3f,\"two_mpps\":%.3f,\"ratio\":%.3f,\"cpu_share\":%.3f,\"load\":%.2f,"
      "\"void\":%s}\n",
      single.packets_per_second / 1e6, pair.packets_per_second / 1e6,
      pair.packets_per_second / single.packets_per_second, share, load,
      share < kToItself ? "\"the workers' CPUs were not free\"" : "null");
  return 0;
}

}  // namespace
}  // namespace mailglass::perf

int main(int argc, char** argv) {
  return mailglass::perf::told("workers", [&] { return mailglass::perf::run(argc, argv); });
}
