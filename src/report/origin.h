// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>

namespace mailglass::report {

// Where packets come from, as every event says. Empty strings are left out.
struct Origin {
  std::string pcap_filename;  // of a capture read
  std::string in_iface;       // of live traffic
  std::string host;           // the sensor's name
};

}  // namespace mailglass::report
