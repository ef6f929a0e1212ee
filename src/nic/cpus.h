// SPDX-License-Identifier: BSD-3-Clause
// CPUs by their numbers. Private to nic.
#pragma once

#include <set>
#include <string>

namespace mailglass::nic {

using Cpus = std::set<unsigned>;

// Those that the calling thread may use (sched_setaffinity(2)).
Cpus allowed_cpus();

// As --lcores wants them and people write them: "0-3,8".
std::string list_of(const Cpus& cpus);

}  // namespace mailglass::nic
