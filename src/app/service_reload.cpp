// SPDX-License-Identifier: BSD-3-Clause
// SIGHUP: the configuration is read anew, and patterns and reloadable keys change while the workers
// go on. Whatever fails leaves the old in place.
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <ctime>
#include <thread>
#include <utility>

#include "app/installation.h"
#include "app/process_samples.h"
#include "app/reload.h"
#include "app/service.h"
#include "match/scanner.h"

namespace mailglass::app {
namespace {

// A worker looks before every burst, and the longest sleep between two is a tenth of a second.
constexpr std::chrono::seconds kTakeWithin{5};
constexpr std::chrono::seconds kAnswerWithin{10};

// What only a restart would change, and whether it may come to that.
std::string describe_restart(const Config& wanted, const std::vector<std::string>& fixed) {
  if (fixed.empty()) return {};
  const Contradiction lack = missing_here(wanted);
  return "; only a restart changes " + join(fixed) +
         (lack.key == "port.device" ? ", and it may be refused: " + lack.sentence : "");
}

}  // namespace

void Service::reload() {
  notify_.reloading();
  ReloadAnswer answer = read_anew();
  (answer.done ? reloads_ : reloads_failed_).add(1);
  reloaded_well_.set(answer.done);
  if (answer.done) reloaded_at_.set(static_cast<std::uint64_t>(std::time(nullptr)));
  log_->log(answer.done ? spdlog::level::info : spdlog::level::err, "{}", answer.sentence);
  notify_.ready();
  this->answer(std::move(answer));
}

// Whoever waits, and whoever asks from now on.
void Service::refuse_reloads() {
  {
    const std::lock_guard lock(reload_mutex_);
    ending_ = true;
  }
  answer({false, "the service is ending"});
}

void Service::answer(ReloadAnswer answer) {
  const std::lock_guard lock(reload_mutex_);
  reload_answer_ = std::move(answer);
  ++reloads_over_;
  reload_over_.notify_all();
}

// The main thread reloads, on the signal that asks it to.
ReloadAnswer Service::ask_for_reload() {
  std::unique_lock lock(reload_mutex_);
  if (ending_) return {false, "the service is ending"};
  const std::uint64_t before = reloads_over_;
  kill(getpid(), SIGHUP);
  if (!reload_over_.wait_for(lock, kAnswerWithin, [&] { return reloads_over_ != before; })) {
    return {false, "asked for; the log will say what became of it"};
  }
  return reload_answer_;
}

ReloadAnswer Service::read_anew() {
  ReloadAnswer result{false, {}};
  try {
    Config wanted = load_config(config_file_);
    if (!wanted.has_key && !config_.has_key) wanted.credentials.key = config_.credentials.key;
    const std::string restart = describe_restart(wanted, changed_keys(config_, wanted, false));
    const auto changed = changed_keys(config_, wanted, true);
    auto patterns = match::PatternSet::load(patterns_folder(wanted.patterns_folder));
    auto opened = Sinks::open_new(wanted, config_);
    // From here on nothing can fail but a worker that does not answer.
    std::string trouble = adopt(std::move(patterns));
    if (trouble.empty()) {
      errand_.ask([&] {
        sinks_.change(wanted, std::move(opened), reporter_);
        reporter_.set_host(wanted.sensor_name);
        if (config_.stats_seconds != wanted.stats_seconds) {
          next_stats_ = Clock::now() + std::chrono::seconds(wanted.stats_seconds);
        }
        take_reloadable(config_, wanted);
      });
      result.done = true;
      result.sentence =
          "patterns reloaded; changed: " + (changed.empty() ? "nothing" : join(changed)) + restart;
    } else {
      result.sentence = trouble;
    }
  } catch (const std::exception& error) {
    result.sentence =
        std::string("the reload failed, the old configuration goes on: ") + error.what();
  }
  return result;
}

// Compiled here, off the workers; each takes its scanner between two bursts. The old patterns go
// when all have let go of them. Empty, or why not.
std::string Service::adopt(std::shared_ptr<const match::PatternSet> patterns) {
  for (const auto& station : stations_) {
    if (!station->taken()) return "the reload failed: a worker has not taken the one before";
  }
  std::vector<std::unique_ptr<match::Scanner>> scanners;
  for (std::size_t i = 0; i < stations_.size(); ++i) {
    scanners.push_back(std::make_unique<match::Scanner>(*patterns));
  }
  for (std::size_t i = 0; i < stations_.size(); ++i) stations_[i]->offer(std::move(scanners[i]));
  retired_.push_back(std::exchange(patterns_, std::move(patterns)));
  const auto deadline = Clock::now() + kTakeWithin;
  for (std::size_t i = 0; i < stations_.size(); ++i) {
    while (!stations_[i]->taken()) {
      if (Clock::now() > deadline) {
        return "worker " + std::to_string(i) + " has not taken the new patterns yet";
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    stations_[i]->free_old();
  }
  retired_.clear();
  return {};
}

std::vector<report::Sample> Service::samples() const {
  using report::Sample;
  std::vector<Sample> all = process_samples();
  for (std::size_t i = 0; i < stations_.size(); ++i) {
    all.push_back({"mailglass_worker_stalls_total",
                   "Times a worker made no round for a second",
                   Sample::Kind::counter,
                   {{"worker", std::to_string(i)}},
                   static_cast<double>(watchdog_.stalls(i))});
  }
  const auto reloads = [&](const char* outcome, const tally::Cell& cell) {
    all.push_back({"mailglass_reloads_total",
                   "Reloads of the configuration, by outcome",
                   Sample::Kind::counter,
                   {{"outcome", outcome}},
                   static_cast<double>(cell.get())});
  };
  reloads("success", reloads_);
  reloads("failure", reloads_failed_);
  all.push_back({"mailglass_config_last_reload_successful",
                 "1 unless the last reload of the configuration failed",
                 Sample::Kind::gauge,
                 {},
                 static_cast<double>(reloaded_well_.get())});
  all.push_back({"mailglass_reloaded_seconds",
                 "When the last reload succeeded, Unix time; 0: never",
                 Sample::Kind::gauge,
                 {},
                 static_cast<double>(reloaded_at_.get())});
  return all;
}

}  // namespace mailglass::app
