// SPDX-License-Identifier: BSD-3-Clause
#include "app/service.h"

#include <signal.h>
#include <unistd.h>

#include <bit>
#include <cassert>
#include <exception>
#include <thread>
#include <utility>

#include "app/installation.h"
#include "app/live_settings.h"
#include "report/sum.h"

namespace mailglass::app {
namespace {

using tally::Count;

constexpr std::chrono::milliseconds kRound{200};
constexpr std::chrono::seconds kTryEvery{1};

// What lies between workers takes milliseconds. One that is stuck keeps the others no longer.
constexpr std::chrono::seconds kDrain{5};

std::vector<std::unique_ptr<Station>> make_stations(const Config& config) {
  std::vector<std::unique_ptr<Station>> stations;
  for (std::uint32_t i = 0; i < config.run.workers; ++i) {
    stations.push_back(
        std::make_unique<Station>(std::bit_ceil(std::size_t{config.ring_mib} << 20)));
  }
  return stations;
}

// For who counts (tally::Counters*), and for who only reads (const tally::Counters*).
template <typename Pointer>
std::vector<Pointer> counters_of(const std::vector<std::unique_ptr<Station>>& stations) {
  std::vector<Pointer> all;
  for (const auto& station : stations) all.push_back(&station->counters);
  return all;
}

report::Reporter::Options reporter_options(const Config& config, Sinks& sinks) {
  report::Reporter::Options options;
  options.detect = config.detect;
  options.eve = sinks.file();
  options.eve_socket = sinks.socket();
  options.origin.host = config.sensor_name;
  options.file_magic = config.file_magic;
  return options;
}

}  // namespace

// ---- before the first frame ---------------------------------------------------------------------

Service::Service(const Config& config, const std::string& config_file)
    : config_(config),
      config_file_(config_file),
      log_(make_log()),
      identity_(identity_of(config.run.user)),
      patterns_(match::PatternSet::load(patterns_folder(config.patterns_folder))),
      sinks_(config),
      interrupt_({SIGHUP, SIGUSR1}),
      stations_(make_stations(config)),
      reporter_(reporter_options(config, sinks_)),
      eal_(eal_settings(config)),
      ports_(eal_, port_settings(config), live_settings(config),
             counters_of<tally::Counters*>(stations_)),
      board_(ports_),
      metrics_(std::make_shared<report::Metrics>()),
      covered_(config.run.workers),
      watchdog_(config.run.workers) {
  for (const auto& station : stations_) metrics_->add(&station->counters);
  metrics_->add(&reporter_.totals());
  metrics_->add([this] { return board_.samples(); });
  metrics_->add([this] { return samples(); });
  if (!config.metrics_address.empty()) exposer_.emplace(config.metrics_address, metrics_);
  std::vector<tally::EventRing*> rings;
  for (const auto& station : stations_) rings.push_back(&station->ring());
  reloaded_well_.set(1);
  next_stats_ = Clock::now() + std::chrono::seconds(config.stats_seconds);
  reporter_thread_.emplace(std::move(rings), reporter_work());
  if (config.run.telemetry) {
    telemetry_.emplace(counters_of<const tally::Counters*>(stations_), board_,
                       [this] { return ask_for_reload(); });
  }
  give_up_privileges();
}

// Everything is open and every thread is there.
void Service::give_up_privileges() {
  if (identity_) {
    sinks_.give_to(identity_->user, identity_->group);
    for (const std::string& folder : eal_.folders()) give_folder_to(folder, *identity_);
  } else if (geteuid() != 0 && !config_.run.user.empty()) {
    log_->info("not root: stays user {}, run.user is for root", geteuid());
  }
  drop_privileges(identity_);
  if (config_.credentials.policy != mail::CredentialPolicy::reveal) forbid_core_dumps();
  restrict_system_calls(config_.run.seccomp);
  const std::string folder = patterns_folder(config_.patterns_folder);
  for (const std::string& needed : {config_file_, folder}) {
    if (access(needed.c_str(), R_OK) == 0) continue;
    log_->warn("{} cannot be read as this user: a reload will fail", needed);
  }
}

// ---- the reporter's thread ----------------------------------------------------------------------

ReporterWork Service::reporter_work() {
  return {[this](const tally::EventView& record) {
            ++reported_;
            reporter_.take(record);
          },
          [this] { flush(); }, [](const std::string&) {}, [this] { tick(); }};
}

void Service::flush() {
  reporter_.flush();
  for (const std::string& line : sinks_.news()) log_->warn("{}", line);
}

void Service::tick() {
  errand_.run();
  const auto now = Clock::now();
  if (now >= next_try_) {  // a sink that failed may work again, whether or not anything happens
    next_try_ = now + kTryEvery;
    flush();
  }
  if (config_.stats_seconds == 0 || now < next_stats_) return;
  next_stats_ = now + std::chrono::seconds(config_.stats_seconds);
  reporter_.stats(counters_of<const tally::Counters*>(stations_), wall_clock());
  reporter_.flush();
}

// ---- a worker -----------------------------------------------------------------------------------

void Service::work(unsigned worker) {
  Station& station = *stations_[worker];
  // Made here: its memory belongs to the core that uses it.
  pipelines::MailPipeline pipeline(config_.limits, config_.credentials, *patterns_,
                                   station.counters, station.ring());
  run_to_completion(ports_.source(worker), pipeline, pipelines::kMaxBurst, stop_, covered_[worker],
                    OnDuty{station, !ports_.all_captures()});
  // No packet waits any more: rather than lose what is open, wait for the reporter.
  station.ring().wait_when_full([] { std::this_thread::sleep_for(std::chrono::milliseconds(1)); });
  pipeline.finish();
}

// ---- the main thread ----------------------------------------------------------------------------

bool Service::run() {
  log_block(*log_, ports_.describe());
  at_work_ = config_.run.workers;
  for (unsigned worker = 0; worker < config_.run.workers; ++worker) {
    eal_.launch(worker, [this, worker] {
      try {
        work(worker);
      } catch (...) {  // its queues would fill, its flows be nobody's: better to start anew
        --at_work_;
        broken_ = true;
        interrupt_.wake();
        throw;
      }
      if (--at_work_ == 0) interrupt_.wake();
    });
  }
  if (exposer_) log_->info("metrics at http://{}/metrics", config_.metrics_address);
  log_->info("inspecting with {} worker{}", config_.run.workers,
             config_.run.workers > 1 ? "s" : "");
  notify_.ready();
  attend();
  notify_.stopping();
  drain();
  end_workers();
  end_reporter();
  settle();
  Interrupt::ignore_all();
  return !failed_;
}

void Service::attend() {
  for (;;) {
    switch (interrupt_.wait(kRound)) {
      case Interrupt::Wait::interrupted:
        log_->info("asked to end");
        return;
      case Interrupt::Wait::woken:
        if (!broken_) log_->info("no port has anything left to give");
        return;
      case Interrupt::Wait::asked:
        if (interrupt_.asked() == SIGUSR1) {
          reopen_sinks();
        } else {
          reload();
        }
        break;
      case Interrupt::Wait::timeout:
        break;
    }
    if (reporter_thread_->has_failed()) return;
    watch();
    look_after();
  }
}

void Service::watch() {
  const auto now = Clock::now();
  std::vector<std::uint64_t> beats;
  for (const auto& station : stations_) beats.push_back(station->beats());
  for (const std::string& line : watchdog_.look(beats, now)) log_->warn("{}", line);
  if (notify_.watchdog().count() == 0 || now < next_alive_ || !watchdog_.all_well()) return;
  notify_.alive();
  next_alive_ = now + notify_.watchdog();
}

void Service::look_after() {
  for (const std::string& line : board_.follow_links()) log_->warn("{}", line);
}

void Service::reopen_sinks() {
  std::string trouble;
  errand_.ask([&] { trouble = sinks_.reopen(); });
  if (trouble.empty()) {
    log_->info("event files opened anew");
  } else {
    log_->error("{}", trouble);
  }
}

// No more is taken from the devices; what was taken is inspected. A second signal ends the process.
void Service::drain() {
  refuse_reloads();
  telemetry_.reset();  // waits for an answer under way
  interrupt_.give_back();
  ports_.stop_receiving();
  const auto deadline = Clock::now() + kDrain;
  while (at_work_ != 0 && !broken_ && Clock::now() < deadline) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  stop_ = true;
}

void Service::end_workers() {
  for (unsigned worker = 0; worker < config_.run.workers; ++worker) {
    try {
      eal_.join(worker);
    } catch (const std::exception& error) {
      log_->error("worker {} failed: {}", worker, error.what());
      failed_ = true;
    }
  }
}

// Drains the rings; then nobody but this thread touches the reporter and the sinks.
void Service::end_reporter() {
  try {
    reporter_thread_->finish();
    reporter_.finish();
    reporter_.stats(counters_of<const tally::Counters*>(stations_), wall_clock());
    reporter_.flush();
  } catch (const std::exception& error) {
    log_->error("the reporter failed: {}", error.what());
    failed_ = true;
  }
  sinks_.finish(reporter_.totals());
}

void Service::settle() {
  const Balance sum = balance();
  log_->info("the balance:");
  log_block(*log_, describe(sum));
  for (const std::string& fault : faults(sum)) {
    log_->error("{}", fault);
    failed_ = true;
  }
  for (std::size_t port = 0; ports_.all_captures() && port < board_.size(); ++port) {
    if (board_.stats(port).rx_errors == 0) continue;
    log_->error("{}: its capture is cut or damaged; everything before that was inspected",
                board_.name(port));
    failed_ = true;
  }
}

Balance Service::balance() const {
  const auto workers = counters_of<const tally::Counters*>(stations_);
  const auto sum = [&](Count row) { return report::sum_of(workers, row); };
  Balance b;
  for (std::size_t port = 0; port < board_.size(); ++port) {
    const nic::PortStats stats = board_.stats(port);
    b.received += stats.rx_frames;
    b.missed += stats.missed;
    b.no_mbuf += stats.no_mbuf;
    b.errors += stats.rx_errors;
    b.tx_errors += stats.tx_errors;
  }
  b.from_queues = sum(Count::queue_frames);
  b.bridge = config_.run.pipeline == PipelineKind::bridge;
  b.forwarded = sum(Count::bridged_forwarded);
  b.tx_dropped = sum(Count::bridged_tx_dropped);
  b.link_down = sum(Count::bridged_link_down);
  b.too_long = sum(Count::bridged_too_long);
  b.sent = sum(Count::distributed_sent);
  b.got = sum(Count::distributed_received);
  b.sent_full = sum(Count::distributed_ring_full);
  b.taken = sum(Count::frames);
  b.segments = sum(Count::segments);
#define DROP(id, help) b.drops += sum(Count::drop_##id);
#include "tally/counters.def"
  b.emitted = sum(Count::events_emitted);
  b.ring_full = sum(Count::events_dropped);
  b.reported = reported_;
  b.sinks = sinks_.balance(reporter_.totals());
  return b;
}

}  // namespace mailglass::app
