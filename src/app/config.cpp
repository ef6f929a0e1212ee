// SPDX-License-Identifier: BSD-3-Clause
#include "app/config.h"

#include <arpa/inet.h>
#include <sys/random.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <limits>
#include <memory>
#include <system_error>
#include <utility>
#include <vector>

#include "app/memory_plan.h"
#include "app/setting.h"
#include "app/suggestion.h"
#include "app/toml_file.h"
#include "report/utf8.h"

namespace mailglass::app {
namespace {

[[noreturn]] void fail(const std::string& name, const TomlEntry& entry, const std::string& what) {
  throw ConfigError(name + ':' + std::to_string(entry.line) + ": " + what);
}

const Setting* find(const TomlEntry& entry) {
  const auto all = settings();
  const auto found = std::find_if(all.begin(), all.end(), [&](const Setting& setting) {
    return setting.table == entry.table && setting.name == entry.key;
  });
  return found == all.end() ? nullptr : &*found;
}

const SettingTable* find_table(const std::string& name) {
  const auto all = setting_tables();
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const auto& table) { return table.name == name; });
  return found == all.end() ? nullptr : &*found;
}

[[noreturn]] void fail_unknown(const std::string& name, const TomlEntry& entry) {
  if (entry.path().starts_with("credentials.")) {  // the key itself, perhaps
    fail(name, entry, "unknown key in credentials, whose keys are policy and key");
  }
  std::vector<std::string> candidates;
  if (entry.kind == TomlEntry::Kind::table) {
    for (const SettingTable& table : setting_tables()) candidates.emplace_back(table.name);
    fail(name, entry, "unknown table " + entry.table + suggestion(entry.table, candidates));
  }
  for (const Setting& setting : settings()) candidates.push_back(setting.path());
  std::string hint = suggestion(entry.path(), candidates);
  if (hint.empty()) {  // the right key in the wrong table, or in none
    for (const Setting& setting : settings()) {
      if (setting.name == entry.key) hint = "; did you mean " + setting.path() + '?';
    }
  }
  fail(name, entry, "unknown key " + entry.path() + hint);
}

void apply_number(Config& config, const std::string& name, const TomlEntry& entry,
                  const Setting& setting) {
  if (entry.kind != TomlEntry::Kind::number) {
    fail(name, entry, setting.path() + " must be a whole number, not " + entry.kind_name);
  }
  if (entry.number == std::numeric_limits<std::int64_t>::max()) {  // or more than that
    fail(name, entry, setting.path() + " is too large, must be " + range_of(setting));
  }
  // min is never 0 or more than max, so a negative number is below it.
  if (entry.number < static_cast<std::int64_t>(setting.min) ||
      entry.number > static_cast<std::int64_t>(setting.max)) {
    fail(name, entry,
         setting.path() + " is " + std::to_string(entry.number) + ", must be " + range_of(setting));
  }
  setting.set_number(config, static_cast<std::uint32_t>(entry.number));
}

void apply_flag(Config& config, const std::string& name, const TomlEntry& entry,
                const Setting& setting) {
  if (entry.kind != TomlEntry::Kind::flag) {
    fail(name, entry, setting.path() + " must be true or false, not " + entry.kind_name);
  }
  setting.set_number(config, entry.number != 0);
}

void apply_text(Config& config, const std::string& name, const TomlEntry& entry,
                const Setting& setting) {
  if (entry.kind != TomlEntry::Kind::text) {
    fail(name, entry, setting.path() + " must be a text in quotes, not " + entry.kind_name);
  }
  if (entry.text.find('\0') != std::string::npos) {
    fail(name, entry, setting.path() + " holds a NUL, which no name has");
  }
  const bool too_long = setting.type == SettingType::text && entry.text.size() > setting.max;
  if (too_long || !setting.set_text(config, entry.text)) {
    // The text itself only where it cannot be a secret.
    const bool open = setting.type == SettingType::choice;
    fail(name, entry,
         setting.path() + " must be " + range_of(setting) +
             (open ? ", not \"" + entry.text + '"' : std::string()));
  }
}

void begin_table(Config& config, const std::string& name, const TomlEntry& entry) {
  const SettingTable* const table = find_table(entry.table);
  if (table == nullptr) fail_unknown(name, entry);
  if (table->many != (entry.element != 0)) {
    const std::string brackets = table->many ? "[[" + entry.table + "]]" : '[' + entry.table + ']';
    fail(name, entry, "the table " + entry.table + " is written " + brackets);
  }
  if (table->many) config.ports.emplace_back();  // there is one such table
}

void apply(Config& config, const std::string& name, const TomlEntry& entry) {
  config.lines.push_back({entry.path(), entry.line});
  if (entry.kind == TomlEntry::Kind::table) return begin_table(config, name, entry);
  const Setting* const setting = find(entry);
  if (setting == nullptr) fail_unknown(name, entry);
  if (setting->type == SettingType::number) return apply_number(config, name, entry, *setting);
  if (setting->type == SettingType::flag) return apply_flag(config, name, entry, *setting);
  apply_text(config, name, entry, *setting);
  if (setting->path() == "metrics.address" && !entry.text.empty() &&
      !is_socket_address(entry.text)) {
    fail(name, entry, "metrics.address is not ADDRESS:PORT, such as 127.0.0.1:9465");
  }
}

// 0 where the file does not name it.
std::uint32_t line_of(const Config& config, const std::string& key, std::size_t nth) {
  for (const KeyLine& at : config.lines) {
    if (at.key == key && nth-- == 0) return at.line;
  }
  return 0;
}

}  // namespace

ConfigError::ConfigError(const std::string& sentence)
    : std::runtime_error(report::visible(sentence)) {}

Config parse_config(const std::string& text, const std::string& name) {
  Config config;
  for (const TomlEntry& entry : read_toml(text, name)) apply(config, name, entry);
  return config;
}

Config load_config(const std::filesystem::path& file) {
  const std::string name = file.string();
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> stream(std::fopen(file.c_str(), "rbe"),
                                                               std::fclose);
  if (!stream) throw ConfigError(name + ": " + std::strerror(errno));
  std::string text;
  std::array<char, 4096> piece;
  while (text.size() <= kMostConfigOctets) {
    const std::size_t n = std::fread(piece.data(), 1, piece.size(), stream.get());
    text.append(piece.data(), n);
    if (n < piece.size()) break;
  }
  if (std::ferror(stream.get())) throw ConfigError(name + ": " + std::strerror(errno));
  Config config = parse_config(text, name);
  refuse(contradiction(config), config, name);
  refuse(contradiction_of_files(config, name), config, name);
  const std::string complaint = memory_complaint(config, machine_memory());
  if (!complaint.empty()) throw ConfigError(name + ": " + complaint);
  return config;
}

bool is_written(const Config& config, const std::string& key) {
  return line_of(config, key, 0) != 0;
}

void refuse(const Contradiction& found, const Config& config, const std::string& name) {
  if (found.sentence.empty()) return;
  const std::uint32_t line = line_of(config, found.key, found.nth);
  throw ConfigError(name + (line == 0 ? "" : ':' + std::to_string(line)) + ": " + found.sentence);
}

bool parse_policy(std::string_view word, mail::CredentialPolicy& policy) {
  using mail::CredentialPolicy;
  constexpr std::pair<std::string_view, CredentialPolicy> kWords[] = {
      {"redact", CredentialPolicy::redact},
      {"hash", CredentialPolicy::hash},
      {"reveal", CredentialPolicy::reveal}};
  for (const auto& [known, meant] : kWords) {
    if (word != known) continue;
    policy = meant;
    return true;
  }
  return false;
}

bool is_socket_address(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == text.npos) return false;
  std::string host(text.substr(0, colon));
  const std::string_view digits = text.substr(colon + 1);
  unsigned port = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (read.ec != std::errc() || read.ptr != digits.data() + digits.size()) return false;
  if (port == 0 || port > 65535) return false;
  in6_addr address;
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    return inet_pton(AF_INET6, host.substr(1, host.size() - 2).c_str(), &address) == 1;
  }
  return inet_pton(AF_INET, host.c_str(), &address) == 1;
}

void ensure_key(Config& config) {
  if (config.has_key) return;
  auto& key = config.credentials.key;
  // Up to 256 octets come whole or not at all (getrandom(2)).
  if (getrandom(key.data(), key.size(), 0) != static_cast<ssize_t>(key.size())) {
    throw std::system_error(errno, std::generic_category(), "no random key for credential hashes");
  }
}

std::uint64_t random_seed() {
  std::uint64_t seed = 0;
  if (getrandom(&seed, sizeof seed, 0) != sizeof seed) {
    throw std::system_error(errno, std::generic_category(), "no random seed for flow tables");
  }
  return seed;
}

}  // namespace mailglass::app
