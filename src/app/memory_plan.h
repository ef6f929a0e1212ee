// SPDX-License-Identifier: BSD-3-Clause
// What a configuration reserves at start: every table and pool is allocated once.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "app/config.h"

namespace mailglass::app {

struct Reserved {
  std::string key;       // that decides it
  std::uint64_t count;   // the key's value
  std::uint64_t octets;  // of all of them, index included
};

// Of one worker, largest first.
std::vector<Reserved> memory_plan(const Config& config);

// The plan as lines, one a key, with what all workers and packets take together.
std::string describe_memory(const Config& config);

// Empty, or a sentence with keys and numbers: the machine has less memory (octets) than that.
std::string memory_complaint(const Config& config, std::uint64_t machine);

std::uint64_t machine_memory();

}  // namespace mailglass::app
