// SPDX-License-Identifier: BSD-3-Clause
// Live ports: NICs and DPDK's virtual devices, opened, configured and started for all workers.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "nic/eal.h"
#include "nic/live_settings.h"
#include "nic/live_source.h"
#include "tally/counters.h"

namespace mailglass::nic {

struct LiveState;  // what the workers' sources share

class LivePorts {
 public:
  // Worker i counts into `counters[i]`, which outlives the ports, as the Eal does. Throws EalError:
  // nothing is left open then.
  LivePorts(Eal& eal, std::span<const PortSettings> ports, const LiveSettings& settings,
            std::span<tally::Counters* const> counters);
  // Every worker has been joined.
  ~LivePorts();
  LivePorts(const LivePorts&) = delete;
  LivePorts& operator=(const LivePorts&) = delete;

  // Where worker i takes its frames from; used by its thread alone.
  LiveSource& source(unsigned worker);

  std::size_t ports() const;
  const std::string& name(std::size_t port) const;  // the device without its arguments

  // For the log at start: driver, queues, distribution, offloads, NUMA node, what cannot be done.
  std::vector<std::string> describe() const;

  // From one thread, at any time.
  PortStats stats(std::size_t port) const;

  // All ports play captures: their frames have times of their own, and the wall's clock says
  // nothing about how long a flow was quiet.
  bool all_captures() const;

  // From any thread, once: nothing more is taken from the devices. What lies between workers and in
  // their backlogs is still handed out; then each source is at its end. All workers go on asking
  // for bursts until then, since each may have something for another one.
  void stop_receiving();

  // Once a second or so, from the thread that asks for `stats`: one line for each link that went or
  // came back, mostly none. Of a bridge's pair, takes the other side down when one side's link
  // went, and up when it came back.
  std::vector<std::string> follow_links();

 private:
  std::unique_ptr<LiveState> state_;
};

}  // namespace mailglass::nic
