// SPDX-License-Identifier: BSD-3-Clause
#include "nic/telemetry.h"

#include <rte_telemetry.h>
#include <rte_version.h>

#include <cerrno>
#include <cstring>
#include <map>
#include <mutex>

#include "nic/eal.h"

namespace mailglass::nic {
namespace {

// DPDK keeps a command for ever, and calls it with its name and no context.
std::mutex answers_mutex;
std::map<std::string, TelemetryCommand::Answer, std::less<>> answers;

int add_number(rte_tel_data* data, const char* name, std::uint64_t number) {
#if RTE_VERSION >= RTE_VERSION_NUM(23, 7, 0, 0)
  return rte_tel_data_add_dict_uint(data, name, number);
#else
  return rte_tel_data_add_dict_u64(data, name, number);
#endif
}

// A row that DPDK does not take is left out: the others are worth having.
void fill(rte_tel_data* data, const TelemetryTable& table) {
  for (const auto& row : table.rows()) {
    const char* const name = row.name.c_str();
    if (!row.inner.empty()) {
      rte_tel_data* const inner = rte_tel_data_alloc();
      if (inner == nullptr) continue;
      rte_tel_data_start_dict(inner);
      fill(inner, row.inner.front());
      if (rte_tel_data_add_dict_container(data, name, inner, 0) != 0) rte_tel_data_free(inner);
    } else if (const auto* text = std::get_if<std::string>(&row.value)) {
      rte_tel_data_add_dict_string(data, name, text->c_str());
    } else {
      add_number(data, name, std::get<std::uint64_t>(row.value));
    }
  }
}

int answer(const char* command, const char* parameters, rte_tel_data* data) {
  const std::lock_guard lock(answers_mutex);
  const auto found = answers.find(std::string_view(command));
  if (found == answers.end() || !found->second) return -ENOENT;
  rte_tel_data_start_dict(data);
  fill(data, found->second(parameters == nullptr ? "" : parameters));
  return 0;
}

}  // namespace

TelemetryTable& TelemetryTable::add(std::string name, std::uint64_t number) {
  rows_.push_back({std::move(name), number, {}});
  return *this;
}

TelemetryTable& TelemetryTable::add(std::string name, std::string text) {
  rows_.push_back({std::move(name), std::move(text), {}});
  return *this;
}

TelemetryTable& TelemetryTable::add(std::string name, TelemetryTable inner) {
  rows_.push_back({std::move(name), std::uint64_t{0}, {std::move(inner)}});
  return *this;
}

TelemetryCommand::TelemetryCommand(std::string command, const std::string& help, Answer with)
    : command_(std::move(command)) {
  const std::lock_guard lock(answers_mutex);
  const bool is_new = !answers.contains(command_);
  if (is_new) {
    const int failed = rte_telemetry_register_cmd(command_.c_str(), answer, help.c_str());
    if (failed != 0) {
      throw EalError("the telemetry command " + command_ +
                     " is not to be had: " + std::strerror(-failed));
    }
  }
  answers[command_] = std::move(with);
}

TelemetryCommand::~TelemetryCommand() {
  const std::lock_guard lock(answers_mutex);
  answers[command_] = nullptr;
}

}  // namespace mailglass::nic
