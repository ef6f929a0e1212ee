// SPDX-License-Identifier: BSD-3-Clause
#include "app/outputs.h"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <map>

namespace mailglass::app {
namespace {

// What two names of one file have in common, be it yet to be made. Empty: no file, but a terminal,
// a pipe, a device, into which two may write.
std::string identity(const std::string& name, int standard_stream) {
  struct stat about {};
  const bool standard = name == "-";
  if ((standard ? fstat(standard_stream, &about) : stat(name.c_str(), &about)) == 0) {
    if (!S_ISREG(about.st_mode)) return {};
    return std::to_string(about.st_dev) + ' ' + std::to_string(about.st_ino);
  }
  if (standard || name.empty()) return {};
  std::error_code ignored;
  return weakly_canonical(std::filesystem::absolute(name), ignored).string();
}

// Opening an output empties it: too late to find that it was the capture.
class Files {
 public:
  void will_be_read(const std::string& name, const char* what) {
    taken_[identity(name, STDIN_FILENO)] = what;
  }

  // Throws UsageError.
  void will_be_written(const std::string& name, const std::string& as, const char* what) {
    const std::string file = identity(name, STDOUT_FILENO);
    if (file.empty()) return;
    if (const auto [other, free] = taken_.emplace(file, what); !free) {
      throw UsageError(as + ": is " + other->second);
    }
  }

 private:
  std::map<std::string, std::string> taken_;
};

}  // namespace

Outputs::Outputs(const ReadOptions& options, const Config& config) {
  const std::string eve_path = options.eve.empty() ? config.eve_file : options.eve;
  const bool taken = eve_path == "-" || options.metrics == "-";
  const bool shown = !options.quiet && !taken;

  Files files;
  for (const std::string& capture : options.captures)
    files.will_be_read(capture, "a capture to be read");
  files.will_be_read(options.config, "the configuration");
  files.will_be_written(shown ? "-" : "", "standard output", "standard output, too");
  files.will_be_written(eve_path, (options.eve.empty() ? "eve.file " : "--eve ") + eve_path,
                        "where events go, too");
  files.will_be_written(options.metrics, "--metrics " + options.metrics, "where metrics go, too");

  if (!eve_path.empty()) eve.emplace(report::LineSink::open(eve_path));
  if (!options.metrics.empty()) metrics.emplace(report::LineSink::open(options.metrics));
  if (shown) transcript.emplace(report::LineSink::open("-"));
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
