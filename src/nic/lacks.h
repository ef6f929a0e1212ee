// SPDX-License-Identifier: BSD-3-Clause
// What this machine lacks for a configuration, told without DPDK, and without disturbing a service
// at work. Each answers with one sentence, or with "" where nothing is known to be missing.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "nic/live_settings.h"

namespace mailglass::nic {

// What is refused to who is not root says nothing of a service, which begins as root.
bool may_be_roots(int error);

std::string lack_of_device(const std::string& device);  // as PortSettings has it
std::string lack_of_cpus(std::span<const unsigned> cpus);

enum class Hugepages : std::uint8_t { free, reserved };
std::string lack_of_hugepages(std::uint32_t wanted_mib, Hugepages which);

// A mounted hugetlbfs, through which other DPDK programs attach. Called where one is needed.
std::string lack_of_hugetlbfs();

// Memory for packets: what these ports take at least, whatever their drivers say later.
std::string lack_of_packet_memory(std::uint32_t memory_mib, const LiveSettings& settings,
                                  std::span<const PortSettings> ports);

}  // namespace mailglass::nic
