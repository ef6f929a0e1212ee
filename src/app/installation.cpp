// SPDX-License-Identifier: BSD-3-Clause
#include "app/installation.h"

#include <system_error>

// Both come from meson.build.
#ifndef MAILGLASS_VERSION
#error "MAILGLASS_VERSION is not defined"
#endif
#ifndef MAILGLASS_PATTERNS
#error "MAILGLASS_PATTERNS is not defined"
#endif

namespace mailglass::app {

const char* const kVersion = MAILGLASS_VERSION;

std::filesystem::path default_patterns_folder() {
  std::error_code error;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", error);
  if (!error) {
    auto installed = program.parent_path().parent_path() / "share" / "mailglass" / "patterns";
    if (std::filesystem::is_directory(installed, error)) return installed;
  }
  return MAILGLASS_PATTERNS;
}

std::filesystem::path patterns_folder(const std::string& configured) {
  return configured.empty() ? default_patterns_folder() : std::filesystem::path(configured);
}

}  // namespace mailglass::app
