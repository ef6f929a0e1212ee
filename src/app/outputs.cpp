// SPDX-License-Identifier: BSD-3-Clause
#include "app/outputs.h"

#include "app/files.h"
#include "app/installation.h"

namespace mailglass::app {

Outputs::Outputs(const ReadOptions& options, const Config& config) {
  const std::string eve_path = options.eve.empty() ? config.eve_file : options.eve;
  const bool taken = eve_path == "-" || options.metrics == "-";
  const bool shown = !options.quiet && !taken;

  Files files;
  for (const std::string& capture : options.captures) {
    files.will_be_read(capture, "a capture to be read");
  }
  files.will_be_read(options.config, "the configuration");
  files.all_will_be_read(patterns_folder(options, config), "a file of patterns");
  const auto refuse = [&files](const std::string& name, const std::string& as, const char* what) {
    if (name.empty()) return;
    const std::string is = files.will_be_written(name, what);
    if (!is.empty()) throw UsageError(as + ": is " + is);
  };
  refuse(shown ? "-" : "", "standard output", "standard output, too");
  refuse(eve_path, (options.eve.empty() ? "eve.file " : "--eve ") + eve_path,
         "where events go, too");
  refuse(options.metrics, "--metrics " + options.metrics, "where metrics go, too");

  if (!eve_path.empty()) eve.emplace(report::LineSink::open(eve_path));
  if (!options.metrics.empty()) metrics.emplace(report::LineSink::open(options.metrics));
  if (shown) transcript.emplace(report::LineSink::open("-"));
}

std::filesystem::path patterns_folder(const ReadOptions& options, const Config& config) {
  return patterns_folder(options.patterns.empty() ? config.patterns_folder : options.patterns);
}

void Outputs::replace() {
  for (auto* sink : {&eve, &transcript, &metrics}) {
    if (*sink) (*sink)->replace();
  }
}

void Outputs::flush() {
  for (auto* sink : {&eve, &transcript, &metrics}) {
    if (*sink) (*sink)->flush();
  }
}

std::vector<std::string> Outputs::failures() const {
  std::vector<std::string> sentences;
  for (const auto* sink : {&eve, &transcript, &metrics}) {
    if (*sink && !(*sink)->failure().empty()) sentences.push_back((*sink)->failure());
  }
  return sentences;
}

}  // namespace mailglass::app
