// SPDX-License-Identifier: BSD-3-Clause
#include "nic/lacks.h"

#include <rte_mbuf.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "nic/cpus.h"
#include "nic/device_checks.h"
#include "nic/eal.h"
#include "nic/packet_buffers.h"
#include "nic/runtime_folder.h"

namespace mailglass::nic {
namespace {

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

std::uint64_t number_in(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::uint64_t number = 0;
  return file >> number ? number : 0;
}

}  // namespace

bool may_be_roots(int error) { return error == EACCES && geteuid() != 0; }

// DPDK itself says only that it cannot init memory.
std::string lack_of_hugepages(std::uint32_t wanted_mib, Hugepages which) {
  const bool free = which == Hugepages::free;
  std::error_code ignored;
  std::uint64_t kib_there = 0;
  std::uint64_t page_kib = 2048;
  for (const auto& size :
       std::filesystem::directory_iterator("/sys/kernel/mm/hugepages", ignored)) {
    const std::string name = size.path().filename();  // hugepages-2048kB
    const std::uint64_t kib = std::strtoull(name.c_str() + sizeof "hugepages-" - 1, nullptr, 10);
    kib_there += kib * number_in(size.path() / (free ? "free_hugepages" : "nr_hugepages"));
    page_kib = std::min(page_kib, kib);
  }
  if (kib_there / 1024 >= wanted_mib) return {};
  const std::uint64_t pages = (std::uint64_t{wanted_mib} * 1024 + page_kib - 1) / page_kib;
  return "too few hugepages: " + std::to_string(wanted_mib) + " MiB are wanted and " +
         std::to_string(kib_there / 1024) + (free ? " MiB are free" : " MiB are there") +
         "; `echo " + std::to_string(pages) + " > /proc/sys/vm/nr_hugepages` reserves them";
}

std::string lack_of_cpus(std::span<const unsigned> cpus) {
  const Cpus allowed = allowed_cpus();
  for (const unsigned cpu : cpus) {
    if (allowed.contains(cpu)) continue;
    if (!is_there(cpu)) {
      return "there is no CPU " + std::to_string(cpu) + ": this machine has " + online_cpus();
    }
    return "CPU " + std::to_string(cpu) + " is not ours to use: this process may use " +
           list_of(allowed) + "; see taskset(1) and cpuset(7)";
  }
  return {};
}

// DPDK itself says only that it cannot get hugepage information.
std::string lack_of_hugetlbfs() {
  if (can_share_hugepages()) return {};
  return "no hugetlbfs is mounted that can be written to, and other DPDK programs attach through "
         "one: mount -t hugetlbfs none /dev/hugepages, or turn secondaries off";
}

std::string lack_of_packet_memory(std::uint32_t memory_mib, const LiveSettings& settings,
                                  std::span<const PortSettings> ports) {
  constexpr unsigned kSure = 4096;  // many drivers take no more, and are given fewer then
  unsigned descriptors = 0;
  for (const PortSettings& port : ports) {
    if (port.device.starts_with("net_af_packet")) continue;  // it copies
    descriptors += std::min<unsigned>(port.descriptors, kSure) * (settings.bridge ? 2u : 1u);
  }
  const unsigned buffers = packet_buffers(settings, descriptors);
  const std::uint64_t octets = octets_of_buffers(buffers, RTE_MBUF_DEFAULT_BUF_SIZE);
  if (octets <= std::uint64_t{memory_mib} << 20) return {};
  return "memory_mib = " + std::to_string(memory_mib) + " is too little: no less than " +
         std::to_string(buffers) + " packet buffers take " + std::to_string(octets >> 20) +
         " MiB; raise it, or lower the ports' descriptors";
}

std::string lack_of_device(const std::string& device) {
  try {
    check_device(device);
  } catch (const EalError& error) {
    return error.what();
  }
  return {};
}

}  // namespace mailglass::nic
