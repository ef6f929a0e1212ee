// SPDX-License-Identifier: BSD-3-Clause
#include "app/setting.h"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <sstream>
#include <utility>

namespace mailglass::app {
namespace {

// ---- a value into a field, by the field's type --------------------------------------------------

void set(Config&, std::uint32_t& field, std::uint32_t value) { field = value; }
void set(Config&, bool& field, std::uint32_t value) { field = value != 0; }

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

// An enumeration's words, in the order of its enumerators.
template <typename Enum, std::size_t kWords>
bool choose(Enum& field, const std::string& text, const std::string_view (&words)[kWords]) {
  const auto* const word = std::find(std::begin(words), std::end(words), text);
  if (word == std::end(words)) return false;
  field = static_cast<Enum>(word - std::begin(words));
  return true;
}

bool set(Config&, bool& field, const std::string& text) {
  field = text == "on";
  return field || text == "off";
}

bool set(Config&, wire::Checksums& field, const std::string& text) {
  return choose(field, text, {"auto", "on", "off"});
}
bool set(Config&, PipelineKind& field, const std::string& text) {
  return choose(field, text, {"tap", "bridge"});
}
bool set(Config&, nic::Distribution& field, const std::string& text) {
  return choose(field, text, {"automatic", "rss", "software"});
}
bool set(Config&, nic::Idle& field, const std::string& text) {
  return choose(field, text, {"poll", "adaptive", "interrupt"});
}
bool set(Config&, SeccompMode& field, const std::string& text) {
  return choose(field, text, {"on", "log", "off"});
}
bool set(Config&, SocketType& field, const std::string& text) {
  return choose(field, text, {"stream", "datagram"});
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

template <typename List>  // of report: domains or networks
bool set(Config&, List& field, const std::string& text) requires requires {
  field.covers({});
}
{ return field.parse(text); }

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

#define KEY(table, name, type, field, fallback, min, max, unit, help)                              \
  Setting{#table,                                                                                  \
          #name,                                                                                   \
          SettingType::type,                                                                       \
          #fallback,                                                                               \
          min,                                                                                     \
          max,                                                                                     \
          unit,                                                                                    \
          help,                                                                                    \
          [](Config& config, std::uint32_t value) { set(config, config.field, value); },           \
          [](Config& config, const std::string& text) { return set(config, config.field, text); }, \
          [](const Config& a, const Config& b) { return a.field == b.field; },                     \
          [](Config& to, const Config& from) { to.field = from.field; }},

const Setting kSettings[] = {
#include "app/settings.def"
};

#define TABLE(name, help) {#name, help, false},
#define TABLES(name, help) {#name, help, true},
constexpr SettingTable kTables[] = {
#include "app/settings.def"
};

#define RELOADABLE(table, name) {#table, #name},
constexpr std::pair<std::string_view, std::string_view> kReloadable[] = {
#include "app/settings.def"
};

}  // namespace

std::span<const Setting> settings() { return kSettings; }
std::span<const SettingTable> setting_tables() { return kTables; }

bool is_reloadable(const Setting& setting) {
  return std::find(std::begin(kReloadable), std::end(kReloadable),
                   std::pair(setting.table, setting.name)) != std::end(kReloadable);
}

std::string range_of(const Setting& setting) {
  const std::string unit(setting.unit);
  switch (setting.type) {
    case SettingType::number:
      return std::to_string(setting.min) + " to " + std::to_string(setting.max) + ' ' + unit;
    case SettingType::text:
      return "at most " + std::to_string(setting.max) + ' ' + unit;
    case SettingType::flag:
      return "true or false";
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
