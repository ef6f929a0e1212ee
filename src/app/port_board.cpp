// SPDX-License-Identifier: BSD-3-Clause
#include "app/port_board.h"

namespace mailglass::app {
namespace {

using report::Sample;

struct Row {
  const char* name;
  const char* help;
  Sample::Kind kind;
  std::uint64_t (*value)(const nic::PortStats&);
};
constexpr Row kRows[] = {
    {"mailglass_port_rx_frames_total", "Frames a port received", Sample::Kind::counter,
     [](const nic::PortStats& s) { return s.rx_frames; }},
    {"mailglass_port_rx_octets_total", "Octets of the frames a port received",
     Sample::Kind::counter, [](const nic::PortStats& s) { return s.rx_octets; }},
    {"mailglass_port_rx_missed_total",
     "Frames a port lost because its queue was full: the worker was too slow",
     Sample::Kind::counter, [](const nic::PortStats& s) { return s.missed; }},
    {"mailglass_port_rx_no_mbuf_total", "Frames a port lost because no packet buffer was free",
     Sample::Kind::counter, [](const nic::PortStats& s) { return s.no_mbuf; }},
    {"mailglass_port_rx_errors_total", "Frames a port received damaged", Sample::Kind::counter,
     [](const nic::PortStats& s) { return s.rx_errors; }},
    {"mailglass_port_tx_frames_total", "Frames a port sent", Sample::Kind::counter,
     [](const nic::PortStats& s) { return s.tx_frames; }},
    {"mailglass_port_tx_octets_total", "Octets of the frames a port sent", Sample::Kind::counter,
     [](const nic::PortStats& s) { return s.tx_octets; }},
    {"mailglass_port_tx_errors_total", "Frames a port failed to send", Sample::Kind::counter,
     [](const nic::PortStats& s) { return s.tx_errors; }},
    {"mailglass_port_link_up", "1 where the port's link is up", Sample::Kind::gauge,
     [](const nic::PortStats& s) { return std::uint64_t{s.link_up}; }},
    {"mailglass_port_gone", "1 where the interface below the port was removed: restart",
     Sample::Kind::gauge, [](const nic::PortStats& s) { return std::uint64_t{s.gone}; }},
    {"mailglass_port_link_mbps", "Speed of the port's link in Mbit/s, 0 if unknown or down",
     Sample::Kind::gauge, [](const nic::PortStats& s) { return std::uint64_t{s.link_mbps}; }},
};

}  // namespace

nic::PortStats PortBoard::stats(std::size_t port) const {
  const std::lock_guard lock(mutex_);
  return ports_.stats(port);
}

std::vector<std::string> PortBoard::follow_links() {
  const std::lock_guard lock(mutex_);
  return ports_.follow_links();
}

std::vector<report::Sample> PortBoard::samples() const {
  std::vector<nic::PortStats> all;
  for (std::size_t port = 0; port < size(); ++port) all.push_back(stats(port));
  std::vector<report::Sample> samples;
  const auto labels = [this](std::size_t port) {
    return std::vector<std::pair<std::string, std::string>>{{"port", std::to_string(port)},
                                                            {"device", name(port)}};
  };
  for (const Row& row : kRows) {
    for (std::size_t port = 0; port < all.size(); ++port) {
      samples.push_back(
          {row.name, row.help, row.kind, labels(port), static_cast<double>(row.value(all[port]))});
    }
  }
  for (std::size_t port = 0; port < all.size(); ++port) {
    for (std::size_t queue = 0; queue < all[port].queue_frames.size(); ++queue) {
      auto with_queue = labels(port);
      with_queue.emplace_back("queue", std::to_string(queue));
      samples.push_back({"mailglass_port_queue_frames_total",
                         "Frames taken from each queue of a port", Sample::Kind::counter,
                         std::move(with_queue),
                         static_cast<double>(all[port].queue_frames[queue])});
    }
  }
  return samples;
}

}  // namespace mailglass::app
