// SPDX-License-Identifier: BSD-3-Clause
// What can be known of a device before DPDK is asked, whose own words seldom say what to do.
// Private to nic.
#pragma once

#include <string>

namespace mailglass::nic {

// Both throw EalError for what is missing. The first only looks.
void check_device(const std::string& device);
// Before any device is made: what it would find in its way, and nobody uses, goes.
void make_way(const std::string& device);

}  // namespace mailglass::nic
