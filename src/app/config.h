// SPDX-License-Identifier: BSD-3-Clause
// The configuration: what settings.def lists, read from a TOML file.
#pragma once

#include <cstdint>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "app/run_settings.h"
#include "mail/limits.h"
#include "pipelines/mail.h"
#include "report/detect/settings.h"

namespace mailglass::app {

// Names the file, the line and the key: "mail.toml:12: unknown key flow.flowz; ...".
// One sentence whatever the file says: control characters from it are written as \x0a.
class ConfigError : public std::runtime_error {
 public:
  explicit ConfigError(const std::string& sentence);
};

using SecretKey = decltype(mail::Credentials::key);

// Where a key stands in the file, for errors that are found later.
struct KeyLine {
  std::string key;
  std::uint32_t line;
};

struct Config {
  pipelines::MailLimits limits;
  mail::Credentials credentials;
  bool has_key = false;  // credentials.key came from the file
  std::string eve_file;
  std::string eve_socket;
  SocketType eve_socket_type = SocketType::stream;
  std::uint32_t stats_seconds = 60;
  std::string sensor_name;
  bool file_magic = true;
  std::uint32_t ring_mib = 8;
  std::string metrics_address = "127.0.0.1:9465";
  std::string patterns_folder;
  RunSettings run;
  std::vector<PortConfig> ports;
  std::vector<KeyLine> lines;

  // The port that is being read: settings.def's name for it. There is one.
  PortConfig& port() { return ports.back(); }
  const PortConfig& port() const { return ports.back(); }
  report::DetectSettings detect;
};

// Throws ConfigError, also for values that contradict each other or need more memory than there is.
Config load_config(const std::filesystem::path& file);
Config parse_config(const std::string& text, const std::string& name);

// What is wrong with values that are right one by one. Empty sentence: nothing.
struct Contradiction {
  std::string key;  // whose line is to be named
  std::string sentence;
  std::size_t nth = 0;  // of the ports' keys
};
Contradiction contradiction(const Config& config);
// What is written that is read, or written twice; `file`: the configuration's.
Contradiction contradiction_of_files(const Config& config, const std::string& file);

// The file names that key.
bool is_written(const Config& config, const std::string& key);

// What `run` asks of this machine and can be known to be missing, in missing_here.cpp: a port's
// driver and arguments, its device, interface or capture, CPUs, memory, the event file, the address
// of the metrics, the user to become.
Contradiction missing_here(const Config& config);

// Throws ConfigError, with the line, if something was found in the file of that name.
void refuse(const Contradiction& found, const Config& config, const std::string& name);

// "redact", "hash", "reveal"; false for other words.
bool parse_policy(std::string_view word, mail::CredentialPolicy& policy);

// 127.0.0.1:9465 or [::1]:9465, numeric, port 1..65535.
bool is_socket_address(std::string_view text);

// A random key where none was given. Throws std::system_error.
void ensure_key(Config& config);

// For the flow tables of a service: nobody outside can aim at one bucket. Throws likewise.
std::uint64_t random_seed();

// config/mailglass.toml as shipped, and the table in the guide: both straight from settings.def.
std::string default_config_text();
std::string settings_table();

}  // namespace mailglass::app
