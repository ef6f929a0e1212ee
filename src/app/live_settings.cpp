// SPDX-License-Identifier: BSD-3-Clause
#include "app/live_settings.h"

#include "nic/device_name.h"

namespace mailglass::app {

nic::EalSettings eal_settings(const Config& config) {
  nic::EalSettings settings;
  settings.hugepages = config.run.hugepages;
  settings.memory_mib = config.run.memory_mib;
  settings.workers = config.run.workers;
  if (!config.run.cpus.empty()) parse_cpus(config.run.cpus, settings.worker_cpus);
  for (const PortConfig& port : config.ports) {
    if (nic::is_pci_address(nic::name_of_device(port.device))) settings.pci.push_back(port.device);
  }
  settings.telemetry = config.run.telemetry;
  settings.secondaries = config.run.secondaries;
  return settings;
}

std::vector<nic::PortSettings> port_settings(const Config& config) {
  std::vector<nic::PortSettings> ports;
  for (const PortConfig& port : config.ports) {
    ports.push_back({port.device, static_cast<std::uint16_t>(port.descriptors), port.promiscuous});
  }
  return ports;
}

nic::LiveSettings live_settings(const Config& config) {
  nic::LiveSettings settings;
  settings.workers = config.run.workers;
  settings.distribution = config.run.distribution;
  settings.idle = config.run.idle;
  settings.bridge = config.run.pipeline == PipelineKind::bridge;
  settings.wire = config.limits.wire;
  settings.hash_seed = config.limits.hash_seed;
  return settings;
}

}  // namespace mailglass::app
