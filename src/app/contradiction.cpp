// SPDX-License-Identifier: BSD-3-Clause
// Values that are right one by one and do not go together.
#include <algorithm>
#include <charconv>
#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "app/config.h"
#include "app/files.h"
#include "app/installation.h"
#include "nic/device_name.h"

namespace mailglass::app {
namespace {

Contradiction of_times(const Config& config) {
  struct Value {
    const char* key;
    std::uint64_t value;
  };
  const auto& flow = config.limits.flow;
  const Value idle{"flow.idle_seconds", flow.idle_seconds};
  const Value patience{"stream.patience_ms", config.limits.stream.patience_ms};
  const std::pair<Value, Value> least_and_most[] = {
      {{"flow.closed_seconds", flow.closed_seconds}, idle},
      {{"flow.opening_seconds", flow.opening_seconds}, idle},
      {patience, {"1000 times flow.idle_seconds", std::uint64_t{1000} * flow.idle_seconds}},
  };
  for (const auto& [less, more] : least_and_most) {
    if (less.value <= more.value) continue;
    const std::string key = less.key;
    return {is_written(config, key) ? less.key : idle.key,
            std::string(less.key) + " is " + std::to_string(less.value) + ", more than " +
                more.key + ", which is " + std::to_string(more.value)};
  }
  return {};
}

Contradiction of_cpus(const RunSettings& run) {
  if (run.cpus.empty()) return {};
  std::vector<unsigned> cpus;
  if (!parse_cpus(run.cpus, cpus)) {
    return {"run.cpus",
            "run.cpus must be CPU numbers such as \"2-5\" or \"2,4\", not \"" + run.cpus + '"'};
  }
  if (std::set<unsigned>(cpus.begin(), cpus.end()).size() != cpus.size()) {
    return {"run.cpus", "run.cpus is \"" + run.cpus + "\", which names a CPU twice"};
  }
  if (cpus.size() == run.workers) return {};
  return {"run.cpus", "run.cpus names " + std::to_string(cpus.size()) + " CPUs, run.workers is " +
                          std::to_string(run.workers) + ": each worker takes one"};
}

// Two with other arguments each may well be meant, and be one to DPDK.
std::string twice(const std::string& device) {
  if (nic::is_pci_address(device)) return " stands here twice";
  const std::string driver = nic::driver_of_device(device);
  return ": there is another " + device + "; number them, such as " + driver + "0 and " + driver +
         "1";
}

Contradiction of_ports(const Config& config) {
  const std::size_t ports = config.ports.size();
  if (config.run.pipeline == PipelineKind::bridge && (ports == 0 || ports % 2 != 0)) {
    return {"run.pipeline",
            "run.pipeline is \"bridge\", which takes ports in pairs, and [[port]] "
            "stands here " +
                std::to_string(ports) + " times"};
  }
  std::set<std::string> names, interfaces;
  for (std::size_t i = 0; i < ports; ++i) {
    const std::string& written = config.ports[i].device;
    if (written.empty()) return {"port", "port.device is missing: each [[port]] names one", i};
    const std::string device = nic::name_of_device(written);
    const std::string interface(nic::argument_of(nic::arguments_of_device(written), "iface"));
    const bool pci = nic::is_pci_address(device);
    const auto refused = [&](const std::string& why) {
      return Contradiction{"port.device", "port.device \"" + written + '"' + why, i};
    };
    if (device.empty()) return refused(" names no device");
    if (!names.insert(device).second) return refused(twice(device));
    if (!pci && device.find_first_of("_:") == std::string::npos) {
      return refused(
          " is no DPDK device; the kernel's interface of that name is \"net_af_packet0,iface=" +
          (interface.empty() ? device : interface) + '"');
    }
    if (!interface.empty() && !interfaces.insert(interface).second) {
      return refused(": there is another port of the interface " + interface);
    }
    if (pci && !config.run.hugepages) {
      return refused(" is a physical NIC, which needs run.hugepages = true");
    }
  }
  return {};
}

Contradiction of_memory(const RunSettings& run) {
  if (!run.secondaries || run.hugepages) return {};
  return {"run.secondaries",
          "run.secondaries is true, which needs run.hugepages = true: other processes cannot see "
          "other memory"};
}

}  // namespace

Contradiction contradiction(const Config& config) {
  for (Contradiction found :
       {of_times(config), of_cpus(config.run), of_ports(config), of_memory(config.run)}) {
    if (!found.sentence.empty()) return found;
  }
  return {};
}

Contradiction contradiction_of_files(const Config& config, const std::string& file) {
  Files files;
  files.will_be_read(file, "the configuration");
  files.all_will_be_read(patterns_folder(config.patterns_folder), "a file of patterns");
  const auto each = [&config](const char* key, const auto& use) {
    for (std::size_t i = 0; i < config.ports.size(); ++i) {
      const std::string_view arguments = nic::arguments_of_device(config.ports[i].device);
      for (const auto value : nic::all_arguments_of(arguments, key)) use(std::string(value), i);
    }
  };
  each("rx_pcap", [&](const std::string& name, std::size_t) {
    files.will_be_read(name, "a capture to be read");
  });
  Contradiction found;
  each("tx_pcap", [&](const std::string& name, std::size_t i) {
    const std::string is = files.will_be_written(name, "where another port's frames go, too");
    if (!is.empty()) found = {"port.device", "tx_pcap=" + name + ": is " + is, i};
  });
  if (!found.sentence.empty() || config.eve_file.empty()) return found;
  const std::string is = files.will_be_written(config.eve_file, "where events go, too");
  return {"eve.file", is.empty() ? "" : "eve.file " + config.eve_file + ": is " + is};
}

bool parse_cpus(const std::string& text, std::vector<unsigned>& cpus) {
  constexpr unsigned kMostCpus = 1024;
  const char* at = text.data();
  const char* const end = at + text.size();
  cpus.clear();
  const auto number = [&](unsigned& value) {
    const auto read = std::from_chars(at, end, value);
    at = read.ptr;
    return read.ec == std::errc() && value < kMostCpus;
  };
  for (;;) {
    unsigned first = 0;
    if (!number(first)) return false;
    unsigned last = first;
    if (at != end && *at == '-') {
      ++at;
      if (!number(last) || last < first) return false;
    }
    for (unsigned cpu = first; cpu <= last; ++cpu) cpus.push_back(cpu);
    if (cpus.size() > kMostCpus) return false;
    if (at == end) return true;
    if (*at++ != ',') return false;
  }
}

}  // namespace mailglass::app
