// SPDX-License-Identifier: BSD-3-Clause
// One `mailglass run`: who owns what, what is done in the main thread while workers work, and in
// which order all of it ends.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "app/balance.h"
#include "app/config.h"
#include "app/errand.h"
#include "app/interrupt.h"
#include "app/log.h"
#include "app/notify.h"
#include "app/port_board.h"
#include "app/privileges.h"
#include "app/reporter_thread.h"
#include "app/sinks.h"
#include "app/station.h"
#include "app/telemetry_commands.h"
#include "app/watchdog.h"
#include "app/worker.h"
#include "match/pattern_set.h"
#include "nic/eal.h"
#include "nic/live_ports.h"
#include "report/exposer.h"
#include "report/metrics.h"
#include "report/reporter.h"

namespace mailglass::app {

class Service {
 public:
  // All that can fail before the first frame fails here: patterns, sinks, DPDK, ports, the address
  // of the metrics. Throws what they throw; nothing is left open then.
  Service(const Config& config, const std::string& config_file);

  // Until SIGTERM or SIGINT, or the end of all ports if they are captures. False when something
  // failed on the way; it has been logged.
  bool run();

 private:
  using Clock = std::chrono::steady_clock;

  void give_up_privileges();

  // A configuration read anew, in service_reload.cpp. The sentence says what became of it.
  void reload();
  ReloadAnswer read_anew();
  ReloadAnswer ask_for_reload();  // from another thread
  void answer(ReloadAnswer answer);
  void refuse_reloads();
  std::string adopt(std::shared_ptr<const match::PatternSet> patterns);
  std::vector<report::Sample> samples() const;

  ReporterWork reporter_work();
  void flush();  // in the reporter's thread, as `tick`
  void tick();
  void work(unsigned worker);

  void attend();  // the main thread's round, until the end
  void look_after();
  void watch();
  void reopen_sinks();
  void drain();
  void end_workers();
  void end_reporter();
  void settle();
  Balance balance() const;

  // In the order in which they are needed; they go in the opposite one.
  Config config_;
  const std::string config_file_;
  std::shared_ptr<spdlog::logger> log_;
  Notify notify_;
  std::optional<Identity> identity_;
  std::shared_ptr<const match::PatternSet> patterns_;
  Sinks sinks_;
  Interrupt interrupt_;  // before every thread
  std::vector<std::unique_ptr<Station>> stations_;
  report::Reporter reporter_;
  nic::Eal eal_;
  nic::LivePorts ports_;
  PortBoard board_;
  std::shared_ptr<report::Metrics> metrics_;
  std::optional<report::Exposer> exposer_;
  std::atomic<bool> stop_{false};
  std::atomic<unsigned> at_work_{0};
  std::atomic<bool> broken_{false};  // a worker has thrown
  std::vector<Covered> covered_;
  Errand errand_;                                // for the reporter's thread
  std::uint64_t reported_ = 0;                   // records; the reporter's, until it is joined
  Clock::time_point next_stats_{}, next_try_{};  // likewise
  std::optional<ReporterThread> reporter_thread_;
  Watchdog watchdog_;
  Clock::time_point next_alive_{};
  // Patterns that some worker may still use: of a reload that one was too busy to take.
  std::vector<std::shared_ptr<const match::PatternSet>> retired_;
  tally::Cell reloads_, reloads_failed_, reloaded_at_, reloaded_well_;
  std::mutex reload_mutex_;  // for these
  std::condition_variable reload_over_;
  ReloadAnswer reload_answer_{};
  std::uint64_t reloads_over_ = 0;
  bool ending_ = false;
  std::optional<TelemetryCommands> telemetry_;
  bool failed_ = false;
};

}  // namespace mailglass::app
