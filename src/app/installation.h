// SPDX-License-Identifier: BSD-3-Clause
// What the build knows about the program and where its files lie.
#pragma once

#include <filesystem>

namespace mailglass::app {

extern const char* const kVersion;

// The folder of the pattern files: beside an installed program (PREFIX/bin, PREFIX/share), else
// where the build says, which is the source tree of a program that was not installed.
std::filesystem::path default_patterns_folder();

}  // namespace mailglass::app
