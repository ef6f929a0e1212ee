// SPDX-License-Identifier: BSD-3-Clause
// What the tables [run] and [[port]] of the configuration say.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "nic/live_settings.h"

namespace mailglass::app {

enum class PipelineKind : std::uint8_t { tap, bridge };
enum class SeccompMode : std::uint8_t { on, log, off };
enum class SocketType : std::uint8_t { stream, datagram };

struct RunSettings {
  PipelineKind pipeline = PipelineKind::tap;
  std::uint32_t workers = 1;
  std::string cpus;  // "2-5,8"; empty: not pinned
  bool hugepages = false;
  std::uint32_t memory_mib = 256;
  nic::Distribution distribution = nic::Distribution::automatic;
  nic::Idle idle = nic::Idle::adaptive;
  bool secondaries = false;
  bool telemetry = true;
  std::string user = "mailglass";
  SeccompMode seccomp = SeccompMode::on;
};

struct PortConfig {
  std::string device;
  std::uint32_t descriptors = 1024;
  bool promiscuous = true;

  bool operator==(const PortConfig&) const = default;
};

// "2-4,8" as {2, 3, 4, 8}. False: not such a list, or one with more than 1024 numbers.
bool parse_cpus(const std::string& text, std::vector<unsigned>& cpus);

}  // namespace mailglass::app
