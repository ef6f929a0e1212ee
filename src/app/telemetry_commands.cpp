// SPDX-License-Identifier: BSD-3-Clause
#include "app/telemetry_commands.h"

#include <utility>

namespace mailglass::app {
namespace {

using nic::TelemetryTable;
using report::Workers;
using tally::Count;
using tally::Level;

std::uint64_t drops_of(const tally::Counters& counters) {
  std::uint64_t sum = 0;
#define DROP(id, help) sum += counters.get(Count::drop_##id);
#include "tally/counters.def"
  return sum;
}

// The rows of one family of counters.def, by their label's value.
TelemetryTable family(Workers workers, std::string_view wanted) {
  TelemetryTable table;
  const auto add = [&](std::string_view name, const char* value, Count row) {
    if (name == wanted) table.add(value, report::sum_of(workers, row));
  };
#define COUNT(id, family, value) add(#family, value, Count::id);
#include "tally/counters.def"
  return table;
}

}  // namespace

TelemetryTable workers_table(Workers workers) {
  TelemetryTable table;
  for (std::size_t i = 0; i < workers.size(); ++i) {
    const tally::Counters& counters = *workers[i];
    const std::uint64_t busy = counters.get(Count::cycles_busy);
    const std::uint64_t all = busy + counters.get(Count::cycles_idle);
    TelemetryTable worker;
    worker.add("frames", counters.get(Count::frames))
        .add("octets", counters.get(Count::octets))
        .add("segments", counters.get(Count::segments))
        .add("drops", drops_of(counters))
        .add("bursts_full", counters.get(Count::bursts_full))
        .add("bursts_partial", counters.get(Count::bursts_partial))
        .add("bursts_empty", counters.get(Count::bursts_empty))
        .add("busy_percent", all == 0 ? 0 : busy / (all / 100 + 1))
        .add("records_emitted", counters.get(Count::events_emitted))
        .add("records_dropped", counters.get(Count::events_dropped));
    table.add("worker_" + std::to_string(i), std::move(worker));
  }
  return table;
}

TelemetryTable flows_table(Workers workers) {
  TelemetryTable table;
  table.add("now", report::sum_of(workers, Level::flows_used))
      .add("capacity", report::sum_of(workers, Level::flows_capacity))
      .add("opened", report::sum_of(workers, Count::flows_opened))
      .add("closed", family(workers, "flows_closed"))
      .add("refused", family(workers, "flows_refused"))
      .add("oneside", family(workers, "flows_oneside"))
      .add("segments", family(workers, "flow_segments"));
  return table;
}

TelemetryTable sessions_table(Workers workers) {
  TelemetryTable table;
  table.add("now", report::sum_of(workers, Level::sessions_used))
      .add("capacity", report::sum_of(workers, Level::sessions_capacity))
      .add("begun", family(workers, "sessions"))
      .add("refused", family(workers, "sessions_refused"))
      .add("tls", family(workers, "tls_sessions"));
  return table;
}

// Each pool's used, peak, capacity, and how often it was found full.
TelemetryTable pools_table(Workers workers) {
  TelemetryTable table;
  const auto rows = [&](std::string_view pool) {
    TelemetryTable row;
#define LEVEL(id, family, value) \
  if (pool == value) row.add(#family, report::sum_of(workers, Level::id));
#define COUNT(id, family, value)                                    \
  if (std::string_view(#family) == "pool_refused" && pool == value) \
    row.add(#family, report::sum_of(workers, Count::id));
#include "tally/counters.def"
    return row;
  };
#define LEVEL(id, family, value) \
  if (std::string_view(#family) == "pool_used") table.add(value, rows(value));
#include "tally/counters.def"
  return table;
}

TelemetryTable ports_table(const PortBoard& board) {
  TelemetryTable table;
  for (std::size_t port = 0; port < board.size(); ++port) {
    const nic::PortStats stats = board.stats(port);
    TelemetryTable row;
    row.add("device", board.name(port))
        .add("link", std::string(stats.link_up ? "up" : "down"))
        .add("rx_frames", stats.rx_frames)
        .add("rx_octets", stats.rx_octets)
        .add("rx_missed", stats.missed)
        .add("rx_no_mbuf", stats.no_mbuf)
        .add("rx_errors", stats.rx_errors)
        .add("tx_frames", stats.tx_frames)
        .add("tx_octets", stats.tx_octets)
        .add("tx_errors", stats.tx_errors);
    table.add("port_" + std::to_string(port), std::move(row));
  }
  return table;
}

TelemetryCommands::TelemetryCommands(std::vector<const tally::Counters*> workers,
                                     const PortBoard& board, std::function<ReloadAnswer()> reload)
    : workers_(std::move(workers)) {
  const auto add = [this](const char* name, const char* help,
                          std::function<TelemetryTable()> answer) {
    commands_.push_back(std::make_unique<nic::TelemetryCommand>(
        std::string("/mailglass/") + name, help,
        [answer = std::move(answer)](std::string_view) { return answer(); }));
  };
  add("workers", "Frames, bursts and load of each worker.",
      [this] { return workers_table(workers_); });
  add("flows", "TCP flows of all workers.", [this] { return flows_table(workers_); });
  add("sessions", "Mail sessions of all workers.", [this] { return sessions_table(workers_); });
  add("pools", "Tables and pools of all workers: used, peak, capacity, found full.",
      [this] { return pools_table(workers_); });
  add("ports", "Frames, losses and link of each port.", [&board] { return ports_table(board); });
  add("reload", "Reads the configuration and the patterns anew.", [reload = std::move(reload)] {
    const ReloadAnswer answer = reload();
    TelemetryTable table;
    table.add("done", std::uint64_t{answer.done}).add("said", answer.sentence);
    return table;
  });
}

}  // namespace mailglass::app
