// SPDX-License-Identifier: BSD-3-Clause
#include "app/outputs.h"

#include <algorithm>

namespace mailglass::app {

Outputs::Outputs(const ReadOptions& options, const Config& config) {
  const std::string eve_path = options.eve.empty() ? config.eve_file : options.eve;
  if (!eve_path.empty()) eve.emplace(report::LineSink::open(eve_path));
  if (!options.metrics.empty()) metrics.emplace(report::LineSink::open(options.metrics));
  const bool taken = eve_path == "-" || options.metrics == "-";
  if (!options.quiet && !taken) transcript.emplace(report::LineSink::open("-"));
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
