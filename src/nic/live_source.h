// SPDX-License-Identifier: BSD-3-Clause
// One worker's side of the live ports: its queue of each port, and what other workers found for it.
#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include "base/frame.h"
#include "nic/port.h"

namespace mailglass::nic {

struct LiveState;

class LiveSource {
 public:
  LiveSource(LiveState& state, unsigned worker);
  ~LiveSource();
  LiveSource(const LiveSource&) = delete;
  LiveSource& operator=(const LiveSource&) = delete;

  wire::LinkType link() const { return wire::LinkType::kEthernet; }

  // At most kMaxBurst frames of flows that are this worker's. In a bridge, whatever came has been
  // sent on before this returns, unchanged and in order; what comes faster than it can be inspected
  // is counted here as a frame and as Drop::shed_overload. 0 when nothing came, after a sleep if
  // the settings have one.
  std::size_t burst(std::span<Frame> frames);
  void release();

  // After `LivePorts::stop_receiving`. Before that only finite captures (net_pcap's rx_pcap without
  // infinite_rx) end, and only if every port is one.
  bool at_end() const;

 private:
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

static_assert(Port<LiveSource>);

}  // namespace mailglass::nic
