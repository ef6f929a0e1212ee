// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "app/command_line.h"
#include "app/config.h"
#include "report/line_sink.h"

namespace mailglass::app {

// Of a `read`.
std::filesystem::path patterns_folder(const ReadOptions& options, const Config& config);

// Where a `read` writes to. All are opened before anything is read: a name that can't be written
// is better known at once. None is what is read, nor another output. What was in them stays until
// something was read.
struct Outputs {
  // Throws std::system_error, and UsageError before anything was opened.
  Outputs(const ReadOptions& options, const Config& config);

  std::optional<report::LineSink> eve;
  std::optional<report::LineSink> transcript;  // not where standard output carries something else
  std::optional<report::LineSink> metrics;

  void replace();  // what was in them, where no line has done so
  void flush();
  std::vector<std::string> failures() const;
};

}  // namespace mailglass::app
