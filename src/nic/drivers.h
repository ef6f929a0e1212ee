// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <vector>

namespace mailglass::nic {

// The drivers of network devices that DPDK would load here, "net_af_packet" among them: what their
// libraries say of themselves, as dpdk-pmdinfo(1) shows it. Empty where there is no telling. A
// virtual device is named after one of these, or by an alias that begins with eth_.
std::vector<std::string> installed_drivers();

}  // namespace mailglass::nic
