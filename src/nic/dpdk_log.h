// SPDX-License-Identifier: BSD-3-Clause
// What DPDK says, kept from the terminal. Private to nic.
#pragma once

#include <cstdio>
#include <string>

namespace mailglass::nic {

// The write side of a stream that keeps the first and the last line and drops the rest. Null if
// there is none to be had.
std::FILE* dpdk_log_stream();

// What DPDK logged first since it was last asked, without its prefix. When a device does not open,
// the driver begins, and what follows is how each caller puts it; when the EAL does not start, the
// end is the reason (`take_dpdk_complaint`). Either asking forgets both.
std::string take_first_dpdk_complaint();

}  // namespace mailglass::nic
