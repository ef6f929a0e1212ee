// SPDX-License-Identifier: BSD-3-Clause
// TOML as far as a configuration needs it: tables of plain values, each with its line. The only
// place that knows toml11, whose versions 3 and 4 differ.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace mailglass::app {

constexpr std::size_t kMostConfigOctets = 1 << 20;

struct TomlEntry {
  std::string table;  // empty at the top level
  std::string key;    // empty for a table that holds nothing
  std::uint32_t line = 0;
  std::uint32_t element = 0;  // in [[table]]: the how manieth, from 1; else 0
  enum class Kind : std::uint8_t { table, number, flag, text, other } kind{};
  std::string kind_name;    // "a whole number", "a list", ...
  std::int64_t number = 0;  // of a flag: 1 is true
  std::string text;

  std::string path() const { return key.empty() ? table : table.empty() ? key : table + '.' + key; }
};

// In order of lines; those of one element of an array of tables stand together. `name` stands in
// errors. Throws ConfigError for what is not TOML.
std::vector<TomlEntry> read_toml(const std::string& text, const std::string& name);

}  // namespace mailglass::app
