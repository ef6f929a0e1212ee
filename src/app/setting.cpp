// SPDX-License-Identifier: BSD-3-Clause
#include "app/setting.h"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <sstream>

namespace mailglass::app {
namespace {

// ---- a value into a field, by the field's type --------------------------------------------------

void set(Config&, std::uint32_t& field, std::uint32_t value) { field = value; }

template <typename Field>
void set(Config&, Field&, std::uint32_t) {}

bool set(Config&, std::uint32_t&, const std::string&) { return false; }

bool set(Config&, std::string& field, const std::string& text) {
  field = text;
  return true;
}

bool set(Config&, mail::CredentialPolicy& field, const std::string& text) {
  return parse_policy(text, field);
}

bool set(Config&, wire::Checksums& field, const std::string& text) {
  constexpr std::string_view kWords[] = {"auto", "on", "off"};
  const auto* const word = std::find(std::begin(kWords), std::end(kWords), text);
  if (word == std::end(kWords)) return false;
  field = static_cast<wire::Checksums>(word - std::begin(kWords));
  return true;
}

bool set(Config&, bool& field, const std::string& text) {
  field = text == "on";
  return field || text == "off";
}

bool set(Config&, mail::DigestSet& field, const std::string& text) {
  field = {};
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    bool* const digest = word == "md5"      ? &field.md5
                         : word == "sha1"   ? &field.sha1
                         : word == "sha256" ? &field.sha256
                                            : nullptr;
    if (digest == nullptr) return false;
    *digest = true;
  }
  return true;
}

bool set(Config& config, SecretKey& field, const std::string& text) {
  config.has_key = !text.empty();
  if (text.empty()) return true;
  if (text.size() != 2 * field.size()) return false;
  for (std::size_t i = 0; i < field.size(); ++i) {
    const char* const digits = &text[2 * i];
    if (std::from_chars(digits, digits + 2, field[i], 16).ptr != digits + 2) return false;
  }
  return true;
}

// ---- the rows -----------------------------------------------------------------------------------

#define KEY(table, name, type, field, fallback, min, max, unit, help)                \
  Setting{                                                                           \
      #table,                                                                        \
      #name,                                                                         \
      SettingType::type,                                                             \
      #fallback,                                                                     \
      min,                                                                           \
      max,                                                                           \
      unit,                                                                          \
      help,                                                                          \
      [](Config& config, std::uint32_t value) { set(config, config.field, value); }, \
      [](Config& config, const std::string& text) { return set(config, config.field, text); }},

const Setting kSettings[] = {
#include "app/settings.def"
};

#define TABLE(name, help) {#name, help},
constexpr SettingTable kTables[] = {
#include "app/settings.def"
};

}  // namespace

std::span<const Setting> settings() { return kSettings; }
std::span<const SettingTable> setting_tables() { return kTables; }

std::string range_of(const Setting& setting) {
  const std::string unit(setting.unit);
  switch (setting.type) {
    case SettingType::number:
      return std::to_string(setting.min) + " to " + std::to_string(setting.max) + ' ' + unit;
    case SettingType::text:
      return "at most " + std::to_string(setting.max) + ' ' + unit;
    case SettingType::policy:
      return "redact, hash or reveal";
    case SettingType::choice:
      return unit;
    case SettingType::secret:
      return std::to_string(setting.max) + ' ' + unit;
  }
  return {};
}

}  // namespace mailglass::app
