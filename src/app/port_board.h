// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <mutex>
#include <string>
#include <vector>

#include "nic/live_ports.h"
#include "report/sample.h"

namespace mailglass::app {

// The ports' figures, for whoever asks: nic wants one asker at a time.
class PortBoard {
 public:
  explicit PortBoard(nic::LivePorts& ports) : ports_(ports) {}

  std::size_t size() const { return ports_.ports(); }
  const std::string& name(std::size_t port) const { return ports_.name(port); }
  nic::PortStats stats(std::size_t port) const;
  std::vector<std::string> follow_links();

  // mailglass_port_...{port="0",device="net_af_packet0"}
  std::vector<report::Sample> samples() const;

 private:
  nic::LivePorts& ports_;
  mutable std::mutex mutex_;
};

}  // namespace mailglass::app
