// SPDX-License-Identifier: BSD-3-Clause
#include "app/toml_file.h"

#include <algorithm>
#include <iterator>
#include <sstream>
#include <string_view>
#include <toml.hpp>

#include "app/config.h"
#include "app/setting.h"
#include "mail/words.h"
#include "report/utf8.h"

namespace mailglass::app {
namespace {

// A configuration needs one bracket for each table, and none inside another: this many are more
// than it can use, and few enough for any stack.
constexpr std::ptrdiff_t kMostBrackets = 256;

#if defined(TOML11_VERSION_MAJOR) && TOML11_VERSION_MAJOR >= 4
std::uint32_t line_of(const toml::value& value) {
  return static_cast<std::uint32_t>(value.location().first_line_number());
}

std::uint32_t line_of(const toml::syntax_error& error) {
  const auto& errors = error.errors();
  if (errors.empty() || errors.front().locations().empty()) return 1;
  return static_cast<std::uint32_t>(errors.front().locations().front().first.first_line_number());
}
#else
std::uint32_t line_of(const toml::value& value) {
  return static_cast<std::uint32_t>(value.location().line());
}

std::uint32_t line_of(const toml::syntax_error& error) {
  return static_cast<std::uint32_t>(error.location().line());
}
#endif

// A key or a table, that in its brackets.
bool is_name_of_ours(std::string_view name) {
  name.remove_prefix(std::min(name.find_first_not_of('['), name.size()));
  name = name.substr(0, name.find(']'));
  const auto keys = settings();
  const auto tables = setting_tables();
  return std::any_of(keys.begin(), keys.end(), [&](const auto& key) { return key.name == name; }) ||
         std::any_of(tables.begin(), tables.end(),
                     [&](const auto& one) { return one.name == name; });
}

// What is wrong with a line that is not TOML. toml11 explains over several lines, with a drawing,
// in the words of its grammar, which are others in each version. What stands behind the sign may be
// a secret.
std::string complaint_of(const std::string& text, std::uint32_t number, std::string_view said) {
  std::istringstream lines(text);
  std::string line;
  for (std::uint32_t i = 0; i < number; ++i) std::getline(lines, line);
  line = std::string(mail::trim(line));
  const auto sign = line.find('=');
  const bool table = line.starts_with('[');
  std::string what(
      mail::trim(std::string_view(line).substr(0, table ? line.find_first_of(" \t=#") : sign)));
  // In front of the sign, too, may stand a secret: only names of ours are repeated.
  if (!what.empty() && !is_name_of_ours(what)) what = "this";
  if (said.find("already") != said.npos) return what + " stands here twice";
  if (table) return what + " is no table: those are written [name] or [[name]]";
  if (sign == line.npos) return "neither a [table] nor key = value";
  if (what.empty()) return "a key is missing in front of the =";
  return "the value of " + what +
         " is no TOML: write a whole number, true or false, or a text in \"quotes\"";
}

const char* name_of(const toml::value& value) {
  if (value.is_boolean()) return "true or false";
  if (value.is_integer()) return "a whole number";
  if (value.is_floating()) return "a decimal fraction";
  if (value.is_string()) return "a text";
  if (value.is_array()) return "a list";
  if (value.is_table()) return "a table";
  return "a date";
}

TomlEntry entry(const std::string& table, const std::string& key, const toml::value& value) {
  TomlEntry found;
  found.table = table;
  found.key = key;
  found.line = line_of(value);
  found.kind_name = name_of(value);
  found.kind = TomlEntry::Kind::other;
  if (value.is_integer()) {
    found.kind = TomlEntry::Kind::number;
    found.number = static_cast<std::int64_t>(value.as_integer());
  } else if (value.is_boolean()) {
    found.kind = TomlEntry::Kind::flag;
    found.number = value.as_boolean() ? 1 : 0;
  } else if (value.is_string()) {
    found.kind = TomlEntry::Kind::text;
    found.text = toml::get<std::string>(value);
  }
  return found;
}

// A table and what it holds, in order of lines. The table itself stands first: toml11 3 gives one
// without a head of its own the line of its first key.
void add_table(std::vector<TomlEntry>& entries, const std::string& name, const toml::value& table,
               std::uint32_t element) {
  const auto first = entries.size();
  entries.push_back(entry(name, "", table));
  entries.back().kind = TomlEntry::Kind::table;
  for (const auto& [key, inner] : table.as_table()) entries.push_back(entry(name, key, inner));
  for (std::size_t i = first; i < entries.size(); ++i) entries[i].element = element;
  std::stable_sort(entries.begin() + static_cast<std::ptrdiff_t>(first) + 1, entries.end(),
                   [](const TomlEntry& a, const TomlEntry& b) { return a.line < b.line; });
}

bool holds_tables(const toml::value& value) {
  if (!value.is_array() || value.as_array().empty()) return false;
  const auto& elements = value.as_array();
  return std::all_of(elements.begin(), elements.end(),
                     [](const toml::value& element) { return element.is_table(); });
}

std::vector<TomlEntry> flatten(const toml::value& file) {
  std::vector<std::vector<TomlEntry>> tables;
  for (const auto& [name, value] : file.as_table()) {
    auto& entries = tables.emplace_back();
    if (value.is_table()) {
      add_table(entries, name, value, 0);
    } else if (holds_tables(value)) {
      std::uint32_t element = 0;
      for (const toml::value& table : value.as_array()) add_table(entries, name, table, ++element);
    } else {
      entries.push_back(entry("", name, value));
    }
  }
  std::stable_sort(tables.begin(), tables.end(),
                   [](const auto& a, const auto& b) { return a.front().line < b.front().line; });
  std::vector<TomlEntry> all;
  for (auto& entries : tables) std::move(entries.begin(), entries.end(), std::back_inserter(all));
  return all;
}

// What toml11 must not see: version 3 reads past the end of text that is not UTF-8, which TOML has
// to be, and both call themselves for every bracket inside a bracket.
void refuse_dangerous(const std::string& text, const std::string& name) {
  const auto brackets =
      std::count_if(text.begin(), text.end(), [](char c) { return c == '[' || c == '{'; });
  if (text.size() > kMostConfigOctets || brackets > kMostBrackets) {
    throw ConfigError(name + ": too large for a configuration");
  }
  std::istringstream lines(text);
  std::string line;
  for (unsigned number = 1; std::getline(lines, line); ++number) {
    const bool control = std::any_of(line.begin(), line.end(), [](char c) {
      return (c >= 0 && c < ' ' && c != '\t' && c != '\r') || c == 0x7f;
    });
    if (control || !report::is_utf8(line)) {
      throw ConfigError(name + ':' + std::to_string(number) + ": " +
                        (control ? "a control character" : "not UTF-8"));
    }
  }
}

}  // namespace

std::vector<TomlEntry> read_toml(const std::string& text, const std::string& name) {
  refuse_dangerous(text, name);
  try {
    std::istringstream stream(text);
    return flatten(toml::parse(stream, name));
  } catch (const toml::syntax_error& error) {
    const std::uint32_t line = line_of(error);
    throw ConfigError(name + ':' + std::to_string(line) + ": " +
                      complaint_of(text, line, error.what()));
  } catch (const ConfigError&) {
    throw;
  } catch (const std::exception&) {  // its own ideas of out of range, bad UTF-8, ...
    throw ConfigError(name + ": is no TOML");
  }
}

}  // namespace mailglass::app
