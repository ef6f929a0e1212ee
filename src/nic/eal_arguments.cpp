// SPDX-License-Identifier: BSD-3-Clause
#include "nic/eal_arguments.h"

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>

#include "nic/device_checks.h"
#include "nic/live_settings.h"
#include "nic/runtime_folder.h"

namespace mailglass::nic {
namespace {

using Cpus = std::set<unsigned>;

Cpus allowed_cpus() {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  if (sched_getaffinity(0, sizeof allowed, &allowed) != 0) return {0};
  Cpus cpus;
  for (unsigned cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (CPU_ISSET(cpu, &allowed)) cpus.insert(cpu);
  }
  return cpus;
}

// As --lcores wants them and people write them: "0-3,8".
std::string list_of(const Cpus& cpus) {
  std::string list;
  for (auto cpu = cpus.begin(); cpu != cpus.end();) {
    const unsigned first = *cpu;
    unsigned last = first;
    while (++cpu != cpus.end() && *cpu == last + 1) last = *cpu;
    if (!list.empty()) list += ',';
    list += std::to_string(first);
    if (last != first) list += '-' + std::to_string(last);
  }
  return list;
}

std::string online_cpus() {
  std::ifstream file("/sys/devices/system/cpu/online");
  std::string list;
  return std::getline(file, list) ? list : std::string();
}

bool is_there(unsigned cpu) {
  const auto folder = "/sys/devices/system/cpu/cpu" + std::to_string(cpu);
  std::error_code ignored;
  return std::filesystem::exists(folder, ignored);
}

void check_cpus(const EalSettings& settings, const Cpus& allowed) {
  Cpus seen;
  for (const unsigned cpu : settings.worker_cpus) {
    const std::string name = "CPU " + std::to_string(cpu);
    if (!seen.insert(cpu).second) {
      throw EalError(name + " is given to two workers: name another one");
    }
    if (allowed.contains(cpu)) continue;
    if (!is_there(cpu)) {
      throw EalError("there is no " + name + ": this machine has " + online_cpus());
    }
    throw EalError(name + " is not ours to use: this process may use " + list_of(allowed) +
                   "; see taskset(1) and cpuset(7)");
  }
}

std::string lcores(const EalSettings& settings) {
  const Cpus allowed = allowed_cpus();
  check_cpus(settings, allowed);
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

std::uint64_t number_in(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::uint64_t number = 0;
  return file >> number ? number : 0;
}

// DPDK itself says only that it cannot init memory.
void check_hugepages(std::uint32_t wanted_mib) {
  std::error_code ignored;
  std::uint64_t free_kib = 0;
  std::uint64_t page_kib = 2048;
  for (const auto& size :
       std::filesystem::directory_iterator("/sys/kernel/mm/hugepages", ignored)) {
    const std::string name = size.path().filename();  // hugepages-2048kB
    const std::uint64_t kib = std::strtoull(name.c_str() + sizeof "hugepages-" - 1, nullptr, 10);
    free_kib += kib * number_in(size.path() / "free_hugepages");
    page_kib = std::min(page_kib, kib);
  }
  if (free_kib / 1024 >= wanted_mib) return;
  const std::uint64_t pages = (std::uint64_t{wanted_mib} * 1024 + page_kib - 1) / page_kib;
  throw EalError("too few hugepages: " + std::to_string(wanted_mib) + " MiB are wanted and " +
                 std::to_string(free_kib / 1024) + " MiB are free; `echo " + std::to_string(pages) +
                 " > /proc/sys/vm/nr_hugepages` reserves them");
}

void add_memory(const EalSettings& settings, std::vector<std::string>& words) {
  words.insert(words.end(), {"-m", std::to_string(settings.memory_mib)});
  if (!settings.hugepages) {
    // 22.11 refuses --in-memory beside it.
    words.insert(words.end(), {"--no-huge", "--no-shconf"});
    return;
  }
  check_hugepages(settings.memory_mib);
  if (!settings.secondaries) return words.emplace_back("--in-memory"), void();
  const std::string folder = hugepage_folder(prefix_of(settings));
  if (folder.empty()) {  // DPDK itself says only that it cannot get hugepage information
    throw EalError(
        "no hugetlbfs is mounted that can be written to, and other DPDK programs attach through "
        "one: mount -t hugetlbfs none /dev/hugepages, or turn secondaries off");
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
  for (const std::string& device : settings.pci) {  // before DPDK touches it
    check_pci(full_name(device.substr(0, device.find(','))));
  }
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
