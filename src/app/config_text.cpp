// SPDX-License-Identifier: BSD-3-Clause
// settings.def as text: the configuration as shipped, and the table in the operator's guide.
#include <string>
#include <string_view>

#include "app/config.h"
#include "app/setting.h"

namespace mailglass::app {
namespace {

constexpr std::size_t kColumns = 100;

// Words of `text` as comment lines.
std::string comment(std::string_view text) {
  std::string lines, line = "#";
  while (!text.empty()) {
    const auto space = text.find(' ');
    const std::string_view word = text.substr(0, space);
    if (line.size() + 1 + word.size() > kColumns) {
      lines += line + '\n';
      line = "#";
    }
    line += ' ';
    line += word;
    text = space == text.npos ? std::string_view{} : text.substr(space + 1);
  }
  return lines + line + '\n';
}

// A cell of a Markdown table.
std::string cell(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '|') escaped += '\\';
    escaped += c;
  }
  return escaped;
}

}  // namespace

std::string default_config_text() {
  std::string text =
      "# SPDX-License-Identifier: BSD-3-Clause\n"
      "# The configuration of mailglass. Every key stands here with its default: a file may hold "
      "as\n"
      "# few of them as it likes. Reloadable ones change without a restart, by SIGHUP. Printed by\n"
      "# `mailglass check --defaults`.\n";
  for (const SettingTable& table : setting_tables()) {
    const std::string name(table.name);
    text += '\n' + comment(table.help);
    text += table.many ? "#[[" + name + "]]\n" : '[' + name + "]\n";
    for (const Setting& setting : settings()) {
      if (setting.table != table.name) continue;
      text += '\n' + comment(setting.help);
      text += comment("Default " + std::string(setting.fallback) + "; " + range_of(setting) + '.' +
                      (is_reloadable(setting) ? " Reloadable." : ""));
      if (table.many) text += '#';  // none by default
      text += std::string(setting.name) + " = " + std::string(setting.fallback) + '\n';
    }
  }
  return text;
}

std::string settings_table() {
  std::string text = "| Key | Default | Range | Meaning |\n|---|---|---|---|\n";
  for (const Setting& setting : settings()) {
    text += "| `" + setting.path() + "` | `" + std::string(setting.fallback) + "` | " +
            cell(range_of(setting)) + " | " + cell(setting.help) +
            (is_reloadable(setting) ? " Reloadable." : "") + " |\n";
  }
  return text;
}

}  // namespace mailglass::app
