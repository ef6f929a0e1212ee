// SPDX-License-Identifier: BSD-3-Clause
// What `run` would ask of this machine in vain, known without disturbing a service at work.
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

#include "app/config.h"
#include "app/live_settings.h"
#include "app/privileges.h"
#include "app/suggestion.h"
#include "nic/device_name.h"
#include "nic/drivers.h"
#include "nic/lacks.h"
#include "report/exposer.h"

namespace mailglass::app {
namespace {

bool is_installed(const std::string& device, const std::vector<std::string>& drivers) {
  return drivers.empty() ||
         std::any_of(drivers.begin(), drivers.end(),
                     [&](const std::string& driver) { return device.starts_with(driver); });
}

// The key that looks mistyped, with what was meant; "" if none does.
std::string mistyped_argument(const std::string& device) {
  const std::vector<std::string> known = nic::known_arguments(device);
  for (const nic::Argument& one : nic::split_arguments(nic::arguments_of_device(device))) {
    if (std::find(known.begin(), known.end(), one.key) != known.end()) continue;
    const std::string meant = suggestion(one.key, known);
    if (!meant.empty()) return std::string(one.key) + meant;
  }
  return {};
}

// Not of aliases, which begin with eth_: which there are no library says.
Contradiction of_drivers(const Config& config) {
  std::vector<std::string> drivers;
  for (std::size_t i = 0; i < config.ports.size(); ++i) {
    const std::string& device = config.ports[i].device;
    if (!device.starts_with("net_")) continue;
    if (drivers.empty()) drivers = nic::installed_drivers();  // 15 MB of libraries to read
    const std::string named = "port.device \"" + device + '"';
    if (!is_installed(device, drivers)) {
      const std::string meant = suggestion(nic::driver_of_device(device), drivers);
      return {"port.device",
              named + " is of no driver that DPDK has here" +
                  (meant.empty() ? ": Debian's librte-meta-net has all" : meant),
              i};
    }
    if (const std::string key = mistyped_argument(device); !key.empty()) {
      return {"port.device", named + " has an argument " + key, i};
    }
  }
  return {};
}

Contradiction of_devices(const Config& config) {
  for (std::size_t i = 0; i < config.ports.size(); ++i) {
    const std::string lack = nic::lack_of_device(config.ports[i].device);
    if (!lack.empty()) return {"port.device", lack, i};
  }
  return {};
}

// Of other drivers they say only when they are open.
Contradiction of_distribution(const Config& config) {
  if (config.run.workers == 1 || config.run.distribution != nic::Distribution::rss) return {};
  for (const PortConfig& port : config.ports) {
    const std::string driver = nic::driver_of_device(port.device);
    for (const char* cannot : {"net_af_packet", "net_af_xdp", "net_memif", "net_pcap"}) {
      if (driver != cannot) continue;
      return {"run.distribution", "run.distribution is \"rss\", and " + driver +
                                      " cannot distribute frames: use \"automatic\""};
    }
  }
  return {};
}

// Of what a running service holds some may be its own: what is reserved counts.
Contradiction of_machine(const Config& config) {
  const RunSettings& run = config.run;
  std::vector<unsigned> cpus;
  if (!run.cpus.empty()) parse_cpus(run.cpus, cpus);
  if (std::string lack = nic::lack_of_cpus(cpus); !lack.empty()) return {"run.cpus", lack};
  std::string lack =
      nic::lack_of_packet_memory(run.memory_mib, live_settings(config), port_settings(config));
  if (!lack.empty()) return {"run.memory_mib", "run." + lack};
  if (!run.hugepages) return {};
  lack = nic::lack_of_hugepages(run.memory_mib, nic::Hugepages::reserved);
  if (!lack.empty() || !run.secondaries) return {"run.memory_mib", lack};
  return {"run.secondaries", nic::lack_of_hugetlbfs()};
}

Contradiction of_event_file(const Config& config) {
  if (config.eve_file.empty() || config.eve_file == "-") return {};
  const std::filesystem::path file = std::filesystem::absolute(config.eve_file);
  const auto folder = file.parent_path();
  std::error_code ignored;
  const auto lack = [&config](const std::string& what) {
    return Contradiction{"eve.file", config.eve_file + ": " + what};
  };
  if (!std::filesystem::is_directory(folder, ignored)) {
    return lack("there is no folder " + folder.string());
  }
  if (std::filesystem::is_directory(file, ignored)) return lack("is a folder");
  const auto& written = std::filesystem::exists(file, ignored) ? file : folder;
  const bool may = access(written.c_str(), W_OK) == 0 || nic::may_be_roots(errno);
  return may ? Contradiction{} : lack(std::strerror(errno));
}

// Where a service listens, it may be the one that is asked about.
Contradiction of_address(const Config& config) {
  const std::string& address = config.metrics_address;
  const std::string why = address.empty() ? "" : report::why_not_served(address);
  if (why.empty() || (why == std::strerror(EACCES) && nic::may_be_roots(EACCES))) return {};
  return {"metrics.address", "metrics.address " + address + ": " + why};
}

// Who is not root stays who he is: then only what was written is taken for meant.
Contradiction of_user(const Config& config) {
  if (geteuid() != 0 && !is_written(config, "run.user")) return {};
  return {"run.user", user_complaint(config.run.user)};
}

}  // namespace

Contradiction missing_here(const Config& config) {
  if (config.ports.empty()) return {};  // it is not for `run`
  for (const auto ask :
       {of_drivers, of_distribution, of_devices, of_machine, of_event_file, of_address, of_user}) {
    if (Contradiction found = ask(config); !found.sentence.empty()) return found;
  }
  return {};
}

}  // namespace mailglass::app
