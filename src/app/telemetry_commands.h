// SPDX-License-Identifier: BSD-3-Clause
// /mailglass/... for DPDK's dpdk-telemetry.py: what metrics say, for a person at a terminal.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "app/port_board.h"
#include "nic/telemetry.h"
#include "report/sum.h"

namespace mailglass::app {

nic::TelemetryTable workers_table(report::Workers workers);
nic::TelemetryTable flows_table(report::Workers workers);
nic::TelemetryTable sessions_table(report::Workers workers);
nic::TelemetryTable pools_table(report::Workers workers);
nic::TelemetryTable ports_table(const PortBoard& board);

// What a reload has to say for itself.
struct ReloadAnswer {
  bool done;
  std::string sentence;
};

// All of them, as long as this lives. `workers` outlive it, as the board does; `reload` is called
// in DPDK's thread and may take its time. Throws EalError.
class TelemetryCommands {
 public:
  TelemetryCommands(std::vector<const tally::Counters*> workers, const PortBoard& board,
                    std::function<ReloadAnswer()> reload);

 private:
  std::vector<const tally::Counters*> workers_;
  std::vector<std::unique_ptr<nic::TelemetryCommand>> commands_;
};

}  // namespace mailglass::app
