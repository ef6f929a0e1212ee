// SPDX-License-Identifier: BSD-3-Clause
// What the build knows about the program and where its files lie.
#pragma once

#include <filesystem>
#include <string>

namespace mailglass::app {

extern const char* const kVersion;

// The folder of the pattern files: beside an installed program (PREFIX/bin, PREFIX/share), else
// where the build says, which is the source tree of a program that was not installed.
std::filesystem::path default_patterns_folder();

// The one that is meant: `configured`, unless that is empty.
std::filesystem::path patterns_folder(const std::string& configured);

}  // namespace mailglass::app
