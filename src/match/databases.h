// SPDX-License-Identifier: BSD-3-Clause
// Private to src/match: the compiled databases behind a PatternSet.
#pragma once

#include <hs/hs.h>

#include <array>
#include <vector>

#include "match/pattern_set.h"
#include "match/plain_rows.h"

namespace mailglass::match {

enum class File : std::uint8_t {
  protocol,
  smtp_commands,
  smtp_replies,
  pop3_commands,
  pop3_replies,
};
constexpr std::size_t kFiles = 5;

// One pattern file, compiled. `meaning[id]` is what the pattern on the id-th row stands for: the
// enumerator's number in the list the file's names are taken from.
struct Database {
  hs_database_t* compiled = nullptr;
  std::vector<std::uint8_t> meaning;
  PlainRows plain;
};

struct PatternSet::Databases {
  std::array<Database, kFiles> file;
  hs_scratch_t* prototype = nullptr;  // sized for every database; each core clones it

  ~Databases() {
    for (Database& d : file) hs_free_database(d.compiled);
    hs_free_scratch(prototype);
  }
};

}  // namespace mailglass::match
