// SPDX-License-Identifier: BSD-3-Clause
#include "nic/cpus.h"

#include <sched.h>

namespace mailglass::nic {

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

}  // namespace mailglass::nic
