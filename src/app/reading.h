// SPDX-License-Identifier: BSD-3-Clause
// One run of `mailglass read`: who owns what, and in which order it ends.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/command_line.h"
#include "app/config.h"
#include "app/interrupt.h"
#include "app/outputs.h"
#include "app/reporter_thread.h"
#include "app/worker.h"
#include "match/pattern_set.h"
#include "nic/capture_file.h"
#include "nic/eal.h"
#include "nic/frame_pool.h"
#include "report/exposer.h"
#include "report/metrics.h"
#include "report/reporter.h"
#include "tally/counters.h"
#include "tally/event_ring.h"

namespace mailglass::app {

class Reading {
 public:
  // All that can fail before the first frame fails here: captures, patterns, outputs, the address
  // of the metrics, DPDK. Options and configuration outlive the run. Throws CaptureError,
  // PatternError, EalError, std::system_error, std::runtime_error.
  Reading(const ReadOptions& options, const Config& config);

  // Reads, reports, and serves where that is asked. The sentences it returns say what went wrong;
  // what could be inspected has been written all the same. Where nothing could, nothing is.
  std::vector<std::string> run();

 private:
  struct Free {
    void operator()(std::byte* storage) const { std::free(storage); }
  };
  struct Capture {
    std::string name;  // as on the command line
    nic::CaptureFile file;
  };

  static std::vector<Capture> open_captures(const std::vector<std::string>& names);
  report::Reporter::Options reporter_options();
  ReporterWork reporter_work();

  void work();  // on the worker's lcore
  void read_one(Capture& capture, pipelines::MailPipeline& pipeline);
  template <nic::Port Port>
  void read_from(Port& port, pipelines::MailPipeline& pipeline);
  void wait_for_worker();
  void end_worker();
  void end_reporter();
  void write_results();
  void serve();
  std::uint64_t octets_to_read() const;

  // In the order in which they are needed; they go in the opposite one.
  const ReadOptions& options_;
  const Config& config_;
  std::vector<Capture> captures_;
  std::shared_ptr<const match::PatternSet> patterns_;
  Outputs outputs_;
  Interrupt interrupt_;  // before every thread
  std::unique_ptr<tally::Counters> counters_;
  std::unique_ptr<std::byte[], Free> ring_storage_;
  tally::EventRing ring_;
  report::Reporter reporter_;
  std::shared_ptr<report::Metrics> metrics_;
  std::optional<report::Exposer> exposer_;
  std::atomic<bool> stop_{false};
  std::vector<std::string> troubles_;  // the worker's, until it is joined
  Covered covered_;                    // likewise
  bool something_read_ = false;        // likewise
  nic::Eal eal_;
  nic::FramePool pool_;
  ReporterThread reporter_thread_;
  std::chrono::steady_clock::time_point start_;
  std::chrono::duration<double> elapsed_{};
};

}  // namespace mailglass::app
