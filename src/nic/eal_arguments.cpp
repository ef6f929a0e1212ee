// SPDX-License-Identifier: BSD-3-Clause
#include "nic/eal_arguments.h"

#include <unistd.h>

#include <algorithm>

#include "nic/cpus.h"
#include "nic/device_checks.h"
#include "nic/lacks.h"
#include "nic/live_settings.h"
#include "nic/runtime_folder.h"

namespace mailglass::nic {
namespace {

void check_cpus(const EalSettings& settings) {
  Cpus seen;
  for (const unsigned cpu : settings.worker_cpus) {
    if (!seen.insert(cpu).second) {
      throw EalError("CPU " + std::to_string(cpu) + " is given to two workers: name another one");
    }
  }
  const std::string lack = lack_of_cpus(settings.worker_cpus);
  if (!lack.empty()) throw EalError(lack);
}

std::string lcores(const EalSettings& settings) {
  const Cpus allowed = allowed_cpus();
  check_cpus(settings);
  Cpus others = allowed;
  for (const unsigned cpu : settings.worker_cpus) others.erase(cpu);
  const std::string floating = "@(" + list_of(others.empty() ? allowed : others) + ")";
  std::string list = "(0)" + floating;
  for (unsigned worker = 0; worker < settings.workers; ++worker) {
    const std::string lcore = std::to_string(worker + 1);
    list += worker < settings.worker_cpus.size()
                ? "," + lcore + "@" + std::to_string(settings.worker_cpus[worker])
                : ",(" + lcore + ")" + floating;
  }
  return list;
}

void add_memory(const EalSettings& settings, std::vector<std::string>& words) {
  words.insert(words.end(), {"-m", std::to_string(settings.memory_mib)});
  if (!settings.hugepages) {
    // 22.11 refuses --in-memory beside it.
    words.insert(words.end(), {"--no-huge", "--no-shconf"});
    return;
  }
  const std::string lack = lack_of_hugepages(settings.memory_mib, Hugepages::free);
  if (!lack.empty()) throw EalError(lack);
  if (!settings.secondaries) return words.emplace_back("--in-memory"), void();
  const std::string folder = hugepage_folder(prefix_of(settings));
  if (folder.empty()) {
    const std::string lack_of_mount = lack_of_hugetlbfs();
    throw EalError(lack_of_mount.empty() ? "no folder can be made in hugetlbfs" : lack_of_mount);
  }
  words.insert(words.end(), {"--huge-dir", folder});
}

}  // namespace

std::string prefix_of(const EalSettings& settings) {
  if (!settings.prefix.empty()) return settings.prefix;
  return is_public(settings) ? "mailglass" : "mailglass-" + std::to_string(getpid());
}

std::vector<std::string> eal_arguments(const EalSettings& settings) {
  if (settings.workers == 0 || settings.workers > kMaxWorkers) {
    throw EalError(std::to_string(settings.workers) + " workers cannot be: 1 to " +
                   std::to_string(kMaxWorkers) + " can");
  }
  if (settings.worker_cpus.size() > settings.workers) {
    throw EalError(std::to_string(settings.worker_cpus.size()) + " CPUs are named for " +
                   std::to_string(settings.workers) + " workers: name one for each, or fewer");
  }
  if (settings.secondaries && !settings.hugepages) {
    throw EalError("other DPDK programs can attach only to hugepages: turn hugepages on");
  }
  for (const std::string& device : settings.pci) check_device(device);  // before DPDK touches it
  std::vector<std::string> words{"mailglass", "--log-level=*:error",
                                 "--file-prefix=" + prefix_of(settings),
                                 "--lcores=" + lcores(settings)};
  add_memory(settings, words);
  if (!settings.telemetry) words.emplace_back("--no-telemetry");
  // A device that goes through an IOMMU, or none, decides which addresses it wants.
  if (settings.pci.empty()) {
    words.insert(words.end(), {"--no-pci", "--iova-mode=va"});
  }
  for (const std::string& device : settings.pci) words.insert(words.end(), {"-a", device});
  return words;
}

}  // namespace mailglass::nic
