// SPDX-License-Identifier: BSD-3-Clause
#include "app/files.h"

#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <utility>

namespace mailglass::app {
namespace {

// What two names of one file have in common, be it yet to be made.
struct Identity {
  std::string file;    // empty: what holds nothing, as a terminal or /dev/null
  bool holds = false;  // what is written, as a pipe does not
};

std::string numbers(dev_t device, std::uint64_t number) {
  return std::to_string(device) + ' ' + std::to_string(number);
}

Identity identity(const std::string& name, int standard_stream) {
  struct stat about {};
  const bool standard = name == "-";
  if ((standard ? fstat(standard_stream, &about) : stat(name.c_str(), &about)) == 0) {
    if (S_ISREG(about.st_mode)) return {numbers(about.st_dev, about.st_ino), true};
    if (S_ISFIFO(about.st_mode)) return {numbers(about.st_dev, about.st_ino), false};
    if (S_ISBLK(about.st_mode)) return {"block " + std::to_string(about.st_rdev), true};
    return {};
  }
  if (standard || name.empty()) return {};
  std::error_code ignored;
  return {weakly_canonical(std::filesystem::absolute(name), ignored).string(), true};
}

}  // namespace

void Files::will_be_read(const std::string& name, const std::string& what) {
  read_.emplace(identity(name, STDIN_FILENO).file, what);
}

void Files::all_will_be_read(const std::filesystem::path& folder, const std::string& what) {
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(folder, ignored)) {
    will_be_read(entry.path(), what);
  }
}

std::string Files::will_be_written(const std::string& name, const std::string& what) {
  const auto [file, holds] = identity(name, STDOUT_FILENO);
  if (file.empty()) return {};
  if (const auto read = read_.find(file); read != read_.end()) return read->second;
  const auto [written, first] = written_.emplace(file, what);
  return first || !holds ? std::string() : written->second;
}

}  // namespace mailglass::app
