// SPDX-License-Identifier: BSD-3-Clause
// The rows of settings.def as data.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "app/config.h"

namespace mailglass::app {

enum class SettingType : std::uint8_t { number, flag, text, policy, choice, secret };

struct Setting {
  std::string_view table;
  std::string_view name;
  SettingType type;
  std::string_view fallback;  // the default, as it stands in a TOML file
  std::uint64_t min;
  std::uint64_t max;
  std::string_view unit;
  std::string_view help;
  // The one that does not fit the type does nothing. False: the text is not well-formed.
  void (*set_number)(Config&, std::uint32_t);  // of a flag: 1 is true
  bool (*set_text)(Config&, const std::string&);
  // Of two configurations; a port's key looks at the last port.
  bool (*same)(const Config&, const Config&);
  void (*copy)(Config& to, const Config& from);

  std::string path() const { return std::string(table) + '.' + std::string(name); }
};

struct SettingTable {
  std::string_view name;
  std::string_view help;
  bool many;  // [[name]], any number of them
};

std::span<const Setting> settings();
std::span<const SettingTable> setting_tables();
bool is_reloadable(const Setting& setting);

// "1024 to 67108864 flows", "at most 4096 octets", ... for help and for errors.
std::string range_of(const Setting& setting);

}  // namespace mailglass::app
