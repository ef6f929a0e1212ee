// SPDX-License-Identifier: BSD-3-Clause
#include "app/reading.h"

#include <fmt/format.h>
#include <unistd.h>

#include <bit>
#include <cstdio>
#include <new>
#include <thread>
#include <utility>

#include "app/progress.h"
#include "nic/block_port.h"
#include "nic/capture_port.h"
#include "report/summary.h"
#include "report/transcript.h"

namespace mailglass::app {
namespace {

constexpr std::chrono::milliseconds kShowEvery{200};
constexpr std::chrono::microseconds kRest{200};  // of a worker whose ring is full
constexpr std::uint64_t kRecordHeader = 16;  // of pcap; pcapng's is longer, progress may be rough

std::size_t ring_octets(const Config& config) {
  return std::bit_ceil(std::size_t{config.ring_mib} << 20);
}

std::byte* allocate_ring(std::size_t octets) {
  auto* const storage = static_cast<std::byte*>(std::aligned_alloc(64, octets));
  if (storage == nullptr) throw std::bad_alloc();
  return storage;
}

std::shared_ptr<report::Metrics> metrics_of(const tally::Counters& counters,
                                            const report::Totals& totals) {
  auto metrics = std::make_shared<report::Metrics>();
  metrics->add(&counters);
  metrics->add(&totals);
  return metrics;
}

std::optional<report::Exposer> serve_at(const std::string& address,
                                        const std::shared_ptr<report::Metrics>& metrics) {
  if (address.empty()) return std::nullopt;
  return std::make_optional<report::Exposer>(address, metrics);
}

// Calls when it goes, however that comes.
template <typename Call>
struct AtExit {
  Call call;
  ~AtExit() { call(); }
};
template <typename Call>
AtExit(Call) -> AtExit<Call>;  // clang 14 does not find it by itself

}  // namespace

// ---- before the first frame ---------------------------------------------------------------------

Reading::Reading(const ReadOptions& options, const Config& config)
    : options_(options),
      config_(config),
      captures_(open_captures(options.captures)),
      patterns_(match::PatternSet::load(patterns_folder(options, config))),
      outputs_(options, config),
      counters_(std::make_unique<tally::Counters>()),
      ring_storage_(allocate_ring(ring_octets(config))),
      // A capture waits for its reporter: its events are complete, at any speed of the disk.
      ring_({ring_storage_.get(), ring_octets(config)}, tally::WhenFull::wait,
            [] { std::this_thread::sleep_for(kRest); }),
      reporter_(reporter_options()),
      metrics_(metrics_of(*counters_, reporter_.totals())),
      exposer_(serve_at(options.serve, metrics_)),
      pool_(eal_),
      reporter_thread_({&ring_}, reporter_work()) {}

// Every capture is looked at before the first is read: better to hear of the last one's missing
// now than in an hour.
std::vector<Reading::Capture> Reading::open_captures(const std::vector<std::string>& names) {
  std::vector<Capture> captures;
  for (const std::string& name : names) {
    captures.push_back({name, nic::open_capture(name)});
    nic::suspend(captures.back().file);  // there may be more of them than descriptors
  }
  return captures;
}

report::Reporter::Options Reading::reporter_options() {
  report::Reporter::Options options;
  options.eve = outputs_.eve ? &*outputs_.eve : nullptr;
  options.transcript = outputs_.transcript ? &*outputs_.transcript : nullptr;
  options.file_magic = config_.file_magic;
  options.origin.host = config_.sensor_name;
  options.colour = report::wants_colour(STDOUT_FILENO);
  options.detect = config_.detect;
  return options;
}

ReporterWork Reading::reporter_work() {
  return {[this](const tally::EventView& record) { reporter_.take(record); },
          [this] { reporter_.flush(); },
          [this](const std::string& name) { reporter_.set_capture(name); }};
}

// ---- the worker ---------------------------------------------------------------------------------

void Reading::work() {
  const auto wake = [this] { interrupt_.wake(); };
  const AtExit<decltype(wake)> say_so{wake};
  // Made here: its memory belongs to the core that uses it.
  pipelines::MailPipeline pipeline(config_.limits, config_.credentials, *patterns_, *counters_,
                                   ring_);
  for (Capture& capture : captures_) {
    if (stop_) break;
    reporter_thread_.next_capture(capture.name);
    try {
      read_one(capture, pipeline);
    } catch (const nic::CaptureError& error) {
      if (!stop_) troubles_.emplace_back(error.what());  // the next capture may be better
    }
  }
  pipeline.finish();
}

void Reading::read_one(Capture& capture, pipelines::MailPipeline& pipeline) {
  nic::resume(capture.file);
  if (nic::BlockPort::reads(capture.file) && !options_.driver) {
    nic::BlockPort port(std::move(capture.file));
    read_from(port, pipeline);
  } else {
    nic::CapturePort port(pool_, std::move(capture.file), stop_);
    read_from(port, pipeline);
  }
}

template <nic::Port Port>
void Reading::read_from(Port& port, pipelines::MailPipeline& pipeline) {
  run_to_completion(port, pipeline, options_.burst, stop_, covered_);
  const std::string trouble = stop_ ? "" : port.trouble();
  something_read_ = something_read_ || trouble.empty() || covered_.first;
  if (!trouble.empty()) {
    troubles_.push_back(trouble + (covered_.first ? "; everything before that was inspected" : ""));
  }
}

// ---- the main thread ----------------------------------------------------------------------------

std::vector<std::string> Reading::run() {
  start_ = std::chrono::steady_clock::now();
  eal_.launch([this] { work(); });
  wait_for_worker();
  end_worker();
  end_reporter();
  if (!something_read_) return std::move(troubles_);
  write_results();
  for (std::string& failure : outputs_.failures()) troubles_.push_back(std::move(failure));
  if (!stop_) serve();
  return std::move(troubles_);
}

std::uint64_t Reading::octets_to_read() const {
  std::uint64_t sum = 0;
  for (const Capture& capture : captures_) {
    if (!capture.file.seekable) return 0;
    sum += capture.file.octets;
  }
  return sum;
}

void Reading::wait_for_worker() {
  const bool room = !options_.quiet && !(outputs_.transcript && isatty(STDOUT_FILENO));
  Progress progress(room, octets_to_read());
  for (;;) {
    switch (interrupt_.wait(kShowEvery)) {
      case Interrupt::Wait::woken:
        return;
      case Interrupt::Wait::interrupted:
        stop_ = true;
        interrupt_.give_back();
        break;
      case Interrupt::Wait::asked:  // nothing else is listened to
      case Interrupt::Wait::timeout:
        progress.show(counters_->get(tally::Count::octets) +
                      kRecordHeader * counters_->get(tally::Count::frames));
    }
  }
}

// First the worker, so that no record comes any more; then the reporter, which drains what is left;
// then the sinks. Whatever one of them throws, the others still end.
void Reading::end_worker() {
  try {
    eal_.join();
  } catch (const std::exception& error) {
    troubles_.push_back(std::string("the worker failed: ") + error.what());
  }
  if (stop_) troubles_.emplace_back("interrupted: what was read before was inspected");
  elapsed_ = std::chrono::steady_clock::now() - start_;
}

void Reading::end_reporter() {
  try {
    reporter_thread_.finish();
    if (!something_read_) return;
    reporter_.finish();
    const tally::Counters* const workers[] = {counters_.get()};
    reporter_.stats(workers, covered_.last);
    reporter_.flush();
  } catch (const std::exception& error) {
    troubles_.push_back(std::string("the reporter failed: ") + error.what());
  }
}

void Reading::write_results() {
  outputs_.replace();
  if (outputs_.transcript) {
    const Tick first = covered_.first.value_or(covered_.last);
    const report::Elapsed elapsed{
        static_cast<double>(covered_.last.since(first)) / kMicrosecondsPerSecond, elapsed_.count()};
    outputs_.transcript->write_block(
        report::render_summary(*counters_, reporter_.totals(), elapsed));
  }
  if (outputs_.metrics) outputs_.metrics->write_block(report::render_metrics(*metrics_));
  outputs_.flush();
}

void Reading::serve() {
  if (!exposer_) return;
  if (!options_.quiet) {
    fmt::print(stderr, "metrics at http://{}/metrics until interrupted\n", options_.serve);
  }
  interrupt_.wait_for_interrupt();
}

}  // namespace mailglass::app
