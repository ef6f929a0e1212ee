// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "mail/limits.h"

namespace mailglass::app {

// One sentence; the exit status is 2.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct ReadOptions {
  std::vector<std::string> captures;
  std::string eve;      // empty: as the configuration says
  std::string metrics;  // a file, or "-"
  std::string serve;    // ADDRESS:PORT
  std::optional<mail::CredentialPolicy> credentials;
  std::optional<std::uint32_t> excerpt;  // octets of a text to show
  bool quiet = false;
  std::string config;
  std::string patterns;
  std::size_t burst = 64;
  bool driver = false;  // all captures through DPDK's pcap driver
};

struct CheckOptions {
  std::string config;
  bool defaults = false;
  bool table = false;
};

struct DoctorOptions {
  std::string config;   // whose service is asked
  std::string metrics;  // or what a service, or a `read`, said: a URL or a file
};

struct CommandLine {
  enum class Command { read, run, check, doctor, print } command{};
  ReadOptions read;
  CheckOptions check;
  DoctorOptions doctor;
  std::string run_config;
  std::string text;  // of `print`: help or version
};

// Throws UsageError.
CommandLine parse_command_line(int argc, const char* const* argv);

}  // namespace mailglass::app
