// SPDX-License-Identifier: BSD-3-Clause
#include "app/commands.h"

int main(int argc, char** argv) { return mailglass::app::run_program(argc, argv); }
