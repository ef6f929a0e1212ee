// SPDX-License-Identifier: BSD-3-Clause
// Answers for dpdk-telemetry.py, without DPDK's types.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace mailglass::nic {

// Names with values, in order. At most 256 of them, names of letters, digits, '_' and '/' of at
// most 63 octets, texts of at most 127; what is more DPDK leaves out.
class TelemetryTable {
 public:
  TelemetryTable& add(std::string name, std::uint64_t number);
  TelemetryTable& add(std::string name, std::string text);
  TelemetryTable& add(std::string name, TelemetryTable inner);

  struct Row;
  const std::vector<Row>& rows() const { return rows_; }

 private:
  std::vector<Row> rows_;
};

struct TelemetryTable::Row {
  std::string name;
  std::variant<std::uint64_t, std::string> value;
  std::vector<TelemetryTable> inner;  // one or none; with one the value means nothing
};

// A command, "/mailglass/flows", for as long as this lives. The answer is asked for by DPDK's
// telemetry thread, one at a time, with what stands behind the first comma; it does not throw.
class TelemetryCommand {
 public:
  using Answer = std::function<TelemetryTable(std::string_view parameters)>;

  // After the Eal. Throws EalError.
  TelemetryCommand(std::string command, const std::string& help, Answer answer);
  ~TelemetryCommand();  // waits for an answer that is being given
  TelemetryCommand(const TelemetryCommand&) = delete;
  TelemetryCommand& operator=(const TelemetryCommand&) = delete;

 private:
  std::string command_;
};

}  // namespace mailglass::nic
