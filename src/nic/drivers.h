// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mailglass::nic {

// The drivers of network devices that DPDK would load here, "net_af_packet" among them: what their
// libraries say of themselves, as dpdk-pmdinfo(1) shows it. Empty where there is no telling. A
// virtual device is named after one of these, or by an alias that begins with eth_.
std::vector<std::string> installed_drivers();

// The keys of a virtual device's arguments, or none where they are not known; a later DPDK may have
// more.
std::vector<std::string> known_arguments(std::string_view device);

}  // namespace mailglass::nic
