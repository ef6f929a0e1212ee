// SPDX-License-Identifier: BSD-3-Clause
// What an operator may set of the detectors.
#pragma once

#include <cstdint>

#include "report/detect/own_side.h"

namespace mailglass::report {

struct AlertLimit {
  std::uint32_t threshold = 0;  // 0: switched off
  std::uint32_t seconds = 1;    // its window

  bool operator==(const AlertLimit&) const = default;
};

struct DetectSettings {
#define ALERT(id, sid, severity, category, least, most, window, ...) AlertLimit id{least, window};
#include "report/detect/alerts.def"
  std::uint32_t spray_tries = 3;          // more a user, on average: not sprayed but guessed
  std::uint32_t suspects = 4096;          // watched at one time, by each detector
  std::uint32_t starttls_servers = 4096;  // whose offers are remembered; 0: switched off
  DomainList own_domains;                 // without them, or
  NetworkList own_networks;               // without them, nothing is foreign
  NetworkList ignored_networks;           // raise no alerts: monitoring, own relays
  NetworkList proxy_networks;             // whose PROXY headers are believed: own balancers
};

}  // namespace mailglass::report
