// SPDX-License-Identifier: BSD-3-Clause
// DPDK's thread of interrupts and alarms stands still while ports go. net_memif's server (22.11)
// frees what its listening socket's interrupt uses and does not take the interrupt back: a client
// that connects then ends the process. Private to nic.
#pragma once

namespace mailglass::nic {

// Until `go_on_with_interrupts`; at the end of a process, for good.
void pause_interrupts();
void go_on_with_interrupts();

}  // namespace mailglass::nic
