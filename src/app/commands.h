// SPDX-License-Identifier: BSD-3-Clause
// The subcommands. Each returns the exit status, having said on standard error why it is not 0, or
// throws where nothing was begun.
#pragma once

#include <string>

#include "app/command_line.h"
#include "app/config.h"

namespace mailglass::app {

int read_command(const ReadOptions& options);
int check_command(const CheckOptions& options);
int run_command(const std::string& config_file);
int doctor_command(const DoctorOptions& options);

// "mailglass: SENTENCE" on standard error.
void complain(const std::string& sentence);

// Parses, dispatches, and turns what is thrown into a sentence and a status.
int run_program(int argc, const char* const* argv);

}  // namespace mailglass::app
