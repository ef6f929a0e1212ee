// SPDX-License-Identifier: BSD-3-Clause
// Hyperscan databases compiled once from the pattern files of config/patterns, shared by all
// workers and constant from then on. Only src/match includes hs.h.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>

namespace mailglass::match {

// Says which file, which line and what: "smtp-commands.patterns:12: ...".
class PatternError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class PatternSet {
 public:
  // Reads and compiles every file the inspector needs from `folder`. Throws PatternError.
  static std::shared_ptr<const PatternSet> load(const std::filesystem::path& folder);
  ~PatternSet();

  struct Databases;
  const Databases& databases() const { return *databases_; }

 private:
  PatternSet();
  std::unique_ptr<Databases> databases_;
};

}  // namespace mailglass::match
