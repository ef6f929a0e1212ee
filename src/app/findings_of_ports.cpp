// SPDX-License-Identifier: BSD-3-Clause
// Of the way from the wire to the workers, and on through a bridge.
#include <algorithm>

#include "app/finding_words.h"
#include "app/findings.h"

namespace mailglass::app {
namespace {

// ---- the wire -----------------------------------------------------------------------------------

Sentences link_down(const Picture& p) {
  Sentences sentences;
  for (const Series* link : p.all("mailglass_port_link_up")) {
    if (link->value != 0) continue;
    const bool gone = p.sum("mailglass_port_gone", {{"port", link->label("port")}}) != 0;
    sentences.push_back(port_of(*link) +
                        (gone ? " has lost its interface, which was removed; one of that name "
                                "will be another: restart mailglass."
                              : " has no link: check cable, transceiver, and that the interface "
                                "and the other side are up."));
  }
  return sentences;
}

Sentences no_frames(const Picture& p) {
  if (frames(p) > 0) return {};
  return one(
      "Not a single frame has arrived: check that the mirror session is on and ends at this "
      "port, and port.device in the configuration.");
}

Sentences nic_missed(const Picture& p) {
  return for_each(p, "mailglass_port_rx_missed_total", [&](const Series& s) {
    return fmt::format(
        "{} missed {} frames ({} of what came) because its queue was full: raise "
        "run.workers or port.descriptors, and give workers CPUs of their own (run.cpus).",
        port_of(s), number(s.value), percent(s.value, s.value + received(p, s)));
  });
}

Sentences no_mbuf(const Picture& p) {
  return for_each(p, "mailglass_port_rx_no_mbuf_total", [](const Series& s) {
    return fmt::format(
        "{} lost {} frames because no packet buffer was free: raise run.memory_mib, "
        "and reserve the hugepages for it.",
        port_of(s), number(s.value));
  });
}

Sentences port_errors(const Picture& p) {
  return for_each(p, "mailglass_port_rx_errors_total", [](const Series& s) {
    return fmt::format("{} received {} damaged frames: check cable, transceiver, duplex and MTU.",
                       port_of(s), number(s.value));
  });
}

Sentences send_errors(const Picture& p) {
  return for_each(p, "mailglass_port_tx_errors_total", [](const Series& s) {
    return fmt::format(
        "{} took {} frames and did not send them: check its link, and that its MTU is no less "
        "than that of the port on the other side of the bridge.",
        port_of(s), number(s.value));
  });
}

// ---- workers ------------------------------------------------------------------------------------

Sentences imbalance(const Picture& p) {
  const auto queues = p.by("mailglass_frames_total", "worker");
  const double all = frames(p);
  if (queues.size() < 2 || all < 100 * kEnough) return {};
  const auto most =
      std::max_element(queues.begin(), queues.end(),
                       [](const auto& a, const auto& b) { return a.second < b.second; });
  if (most->second < 2 * all / static_cast<double>(queues.size())) return {};
  return one(
      fmt::format("Worker {} of {} gets {} of all frames: one flow or one tunnel carries "
                  "most of the traffic, or RSS does not see it; try run.distribution = "
                  "\"software\".",
                  most->first, queues.size(), percent(most->second, all)));
}

Sentences distribution_full(const Picture& p) {
  const double lost = p.sum("mailglass_distributed_total", {{"fate", "ring_full"}});
  if (lost == 0) return {};
  return one(
      fmt::format("{} frames were lost between workers because the receiving one was too "
                  "slow: raise run.workers, or let the NIC distribute (run.distribution = "
                  "\"rss\").",
                  number(lost)));
}

Sentences busy(const Picture& p) {
  Sentences sentences;
  for (const Series* spent : p.all("mailglass_worker_cycles_total", {{"state", "busy"}})) {
    const auto worker = spent->label("worker");
    const double idle =
        p.sum("mailglass_worker_cycles_total", {{"state", "idle"}, {"worker", worker}});
    if (spent->value <= 9 * idle) continue;
    sentences.push_back(
        fmt::format("Worker {} was busy {} of its time, so that any burst is lost: "
                    "raise run.workers.",
                    worker.empty() ? "0" : worker, percent(spent->value, spent->value + idle)));
  }
  return sentences;
}

Sentences stalls(const Picture& p) {
  return for_each(p, "mailglass_worker_stalls_total", [](const Series& s) {
    return fmt::format(
        "Worker {} stood still for a second or more, {} times: keep other programs "
        "off its CPU (run.cpus, isolcpus), and the machine from swapping.",
        s.label("worker"), number(s.value));
  });
}

Sentences bridge_losses(const Picture& p) {
  Sentences sentences;
  if (const double shed = drops(p, {"shed_overload"}); shed > 0) {
    sentences.push_back(
        fmt::format("{} frames were forwarded without inspection because workers "
                    "were too slow: raise run.workers.",
                    number(shed)));
  }
  if (const double lost = p.sum("mailglass_bridged_total", {{"fate", "tx_dropped"}}); lost > 0) {
    sentences.push_back(
        fmt::format("{} frames could not be forwarded because the other port took "
                    "no more: check its link and speed, and raise "
                    "port.descriptors.",
                    number(lost)));
  }
  if (const double lost = p.sum("mailglass_bridged_total", {{"fate", "link_down"}}); lost > 0) {
    sentences.push_back(
        fmt::format("{} frames could not be forwarded because the other port had no link: see "
                    "the journal for when, and check its cable.",
                    number(lost)));
  }
  if (const double lost = p.sum("mailglass_bridged_total", {{"fate", "too_long"}}); lost > 0) {
    sentences.push_back(
        fmt::format("{} frames could not be forwarded because they were longer than the other "
                    "port's MTU allows: give both interfaces one MTU and restart, and where the "
                    "kernel joins frames, ethtool -K IFACE gro off lro off tso off gso off.",
                    number(lost)));
  }
  return sentences;
}

// A virtual link hands on what its sender left to a NIC, and behind a bridge there is none.
Sentences bridge_checksums(const Picture& p) {
  const double left = p.sum("mailglass_checksums_total", {{"result", "offloaded"}});
  if (p.sum("mailglass_bridged_total", {{"fate", "forwarded"}}) == 0) return {};
  if (left < 3 || left < segments(p) / 10) return {};
  return one(
      fmt::format("{} of the segments ({}) were forwarded without a checksum, as their sender "
                  "left it to a virtual link, and their receiver discards them: there, ethtool "
                  "-K IFACE tx off.",
                  percent(left, segments(p)), number(left)));
}

constexpr Check kChecks[] = {
    {"link_down", link_down},
    {"no_frames", no_frames},
    {"nic_missed", nic_missed},
    {"no_mbuf", no_mbuf},
    {"port_errors", port_errors},
    {"send_errors", send_errors},
    {"imbalance", imbalance},
    {"distribution_full", distribution_full},
    {"busy", busy},
    {"stalls", stalls},
    {"bridge_losses", bridge_losses},
    {"bridge_checksums", bridge_checksums},
};

}  // namespace

std::span<const Check> checks_of_ports() { return kChecks; }

}  // namespace mailglass::app
