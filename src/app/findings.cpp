// SPDX-License-Identifier: BSD-3-Clause
#include "app/findings.h"

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>

namespace mailglass::app {
namespace {

using Sentences = std::vector<std::string>;

// Fewer say nothing about a share.
constexpr double kEnough = 100;

std::string number(double n) { return fmt::format("{:.0f}", n); }
std::string percent(double part, double whole) {
  const double share = whole > 0 ? 100 * part / whole : 0;
  return share < 10 ? fmt::format("{:.2g} %", share) : fmt::format("{:.0f} %", share);
}

double frames(const Picture& p) { return p.sum("mailglass_frames_total"); }
double segments(const Picture& p) { return p.sum("mailglass_segments_total"); }
double sessions(const Picture& p) { return p.sum("mailglass_sessions_total"); }
double opaque(const Picture& p) {
  return p.sum("mailglass_flow_segments_total", {{"kind", "opaque"}});
}
double drops(const Picture& p, std::initializer_list<std::string_view> reasons) {
  double sum = 0;
  for (const auto reason : reasons) sum += p.sum("mailglass_drops_total", {{"reason", reason}});
  return sum;
}

Sentences one(std::string sentence) { return {std::move(sentence)}; }

// One sentence for each series of `name` that is not 0, such as of each port.
template <typename Say>
Sentences for_each(const Picture& p, std::string_view name, Say&& say) {
  Sentences sentences;
  for (const Series* series : p.all(name)) {
    if (series->value > 0) sentences.push_back(say(*series));
  }
  return sentences;
}

std::string port_of(const Series& series) {
  return fmt::format("port {} ({})", series.label("port"), series.label("device"));
}
double received(const Picture& p, const Series& series) {
  return p.sum("mailglass_port_rx_frames_total", {{"port", series.label("port")}});
}

// ---- the wire -----------------------------------------------------------------------------------

Sentences link_down(const Picture& p) {
  Sentences sentences;
  for (const Series* link : p.all("mailglass_port_link_up")) {
    if (link->value != 0) continue;
    sentences.push_back(
        fmt::format("{} has no link: check cable, transceiver, and that the other "
                    "side is up.",
                    port_of(*link)));
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
        "run.workers or port.descriptors, and give workers CPUs of their own "
        "(run.cpus).",
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

// ---- frames -------------------------------------------------------------------------------------

Sentences no_tcp(const Picture& p) {
  if (frames(p) == 0 || segments(p) >= frames(p) / 100) return {};
  const auto reasons = p.by("mailglass_drops_total", "reason");
  const auto most =
      std::max_element(reasons.begin(), reasons.end(),
                       [](const auto& a, const auto& b) { return a.second < b.second; });
  return one(fmt::format(
      "Of {} frames {} are TCP; most end as {} ({}): the mirror sends other "
      "traffic than that of the mail servers, or a form of it that is not "
      "decoded.",
      number(frames(p)), percent(segments(p), frames(p)), most == reasons.end() ? "?" : most->first,
      number(most == reasons.end() ? 0 : most->second)));
}

Sentences encapsulated(const Picture& p) {
  Sentences sentences;
  for (const char* reason : {"vlan_too_many", "tunnel_unknown", "tunnel_depth", "tunnel_malformed",
                             "tunnel_short", "link_unknown"}) {
    const double n = drops(p, {reason});
    if (n < kEnough || n < frames(p) / 20) continue;
    const std::string_view what = reason;
    const char* const advice =
        what == "tunnel_depth"     ? "raise wire.tunnel_depth"
        : what == "tunnel_unknown" ? "check wire.vxlan_port, or mirror from inside the tunnel"
        : what == "link_unknown"
            ? "mirror IP traffic only, or from a point where it is not encapsulated"
            : "mirror from a point where it is not encapsulated";
    sentences.push_back(fmt::format("{} of all frames are seen but not decoded ({}, {}): {}.",
                                    percent(n, frames(p)), reason, number(n), advice));
  }
  return sentences;
}

// Also those of which enough is left for a segment: their checksum cannot be computed.
Sentences truncated(const Picture& p) {
  const double n = drops(p, {"link_short", "ip_short", "tcp_short", "ip_total_length",
                             "fragment_cut", "tunnel_short"}) +
                   p.sum("mailglass_checksums_total", {{"result", "unverifiable"}});
  if (n < 10 || n < frames(p) / 100) return {};
  return one(
      fmt::format("{} of all frames ({}) are cut: capture with a snap length of 0, mirror "
                  "whole frames, and keep the MTU of the mirror's way larger than that of "
                  "the traffic.",
                  percent(n, frames(p)), number(n)));
}

Sentences checksums(const Picture& p) {
  const double bad = drops(p, {"tcp_checksum", "ip_checksum"});
  if (bad < 10 || bad < (segments(p) + bad) / 10) return {};
  return one(
      fmt::format("{} of the segments ({}) have a wrong checksum: where they come from a "
                  "host that leaves checksums to its NIC, set wire.checksums = \"off\".",
                  percent(bad, segments(p) + bad), number(bad)));
}

// ---- flows and mail -----------------------------------------------------------------------------

Sentences one_direction(const Picture& p) {
  const double one_sided = p.sum("mailglass_flows_oneside_total");
  const double all = p.sum("mailglass_flows_closed_total");
  if (one_sided < 10 || one_sided < all / 10) return {};
  const double client = p.sum("mailglass_flows_oneside_total", {{"seen", "client"}});
  return one(fmt::format(
      "Of {} flows {} were seen in one direction only, mostly the {}'s: mirror "
      "both directions (receive and transmit) of the port, and every path of "
      "an asymmetric route.",
      number(all), percent(one_sided, all), 2 * client >= one_sided ? "client" : "server"));
}

Sentences missing(const Picture& p) {
  const double lost = p.sum("mailglass_stream_octets_total", {{"kind", "missing"}});
  const double all = lost + p.sum("mailglass_stream_octets_total", {{"kind", "delivered"}});
  if (lost == 0 || lost < all / 1000) return {};
  return one(
      fmt::format("{} of the octets of mail never arrived here though their receivers got "
                  "them: the mirror, or something before it, loses packets.",
                  percent(lost, all)));
}

Sentences tables_full(const Picture& p) {
  constexpr std::pair<std::string_view, const char*> kKeys[] = {
      {"flows", "flow.flows"},
      {"sessions", "mail.sessions"},
      {"holds", "stream.holds"},
      {"blocks", "stream.blocks"},
      {"mail_blocks", "mail.blocks"},
      {"datagrams", "wire.datagrams"},
      {"fragment_blocks", "wire.fragment_blocks"},
      {"digests", "mail.digest_slots"}};
  Sentences sentences;
  const auto pools = p.by("mailglass_pool_refused_total", "pool");
  for (const auto& [pool, key] : kKeys) {
    const auto refused = pools.find(std::string(pool));
    if (refused == pools.end() || refused->second == 0) continue;
    sentences.push_back(fmt::format("The pool of {} was full {} times: raise {}.", pool,
                                    number(refused->second), key));
  }
  return sentences;
}

Sentences no_mail(const Picture& p) {
  if (segments(p) < kEnough || sessions(p) > 0 || opaque(p) > 0) return {};
  return one(
      fmt::format("{} TCP segments and not one mail session ({} flows spoke something else): "
                  "this is not the mail servers' traffic; check which ports the switch "
                  "mirrors.",
                  number(segments(p)), number(p.sum("mailglass_probes_failed_total"))));
}

Sentences encrypted(const Picture& p) {
  const double tls = p.sum("mailglass_tls_sessions_total");
  const double all = sessions(p) + p.sum("mailglass_tls_sessions_total", {{"begun", "implicit"}});
  if (tls < 10 || tls < 0.9 * all) return {};
  return one(
      fmt::format("{} of the mail sessions are in TLS, of which only handshakes can be read: "
                  "tap behind the TLS proxy, or be content with handshakes.",
                  percent(tls, all)));
}

// ---- events -------------------------------------------------------------------------------------

Sentences records_lost(const Picture& p) {
  const double lost = p.sum("mailglass_events_total", {{"fate", "dropped_ring_full"}});
  if (lost == 0) return {};
  return one(
      fmt::format("{} records were lost because the reporter was behind: raise eve.ring_mib, "
                  "and write eve.file to a faster disk.",
                  number(lost)));
}

Sentences lines_lost(const Picture& p) {
  Sentences sentences;
  for (const Series* lost : p.all("mailglass_eve_lines_total", {{"fate", "dropped"}})) {
    if (lost->value == 0) continue;
    const bool socket = lost->label("sink") == "socket";
    sentences.push_back(fmt::format("{} events never reached the {}: {}.", number(lost->value),
                                    socket ? "Unix socket" : "event file",
                                    socket ? "check that somebody listens there and keeps up"
                                           : "check that its disk has room and is writable"));
  }
  return sentences;
}

Sentences no_sink(const Picture& p) {
  if (sessions(p) == 0 || p.sum("mailglass_eve_events_total") > 0) return {};
  return one(
      fmt::format("{} mail sessions were seen, but no event was rendered: set eve.file or "
                  "eve.socket.",
                  number(sessions(p))));
}

Sentences reload_failed(const Picture& p) {
  const double failed = p.sum("mailglass_reloads_total", {{"outcome", "failure"}});
  if (failed == 0) return {};
  return one(fmt::format("{} reloads failed, and the old configuration went on: the log says why.",
                         number(failed)));
}

constexpr Check kChecks[] = {
    {"link_down", link_down},
    {"no_frames", no_frames},
    {"nic_missed", nic_missed},
    {"no_mbuf", no_mbuf},
    {"port_errors", port_errors},
    {"imbalance", imbalance},
    {"distribution_full", distribution_full},
    {"busy", busy},
    {"stalls", stalls},
    {"bridge_losses", bridge_losses},
    {"bridge_checksums", bridge_checksums},
    {"no_tcp", no_tcp},
    {"encapsulated", encapsulated},
    {"truncated", truncated},
    {"checksums", checksums},
    {"one_direction", one_direction},
    {"missing", missing},
    {"tables_full", tables_full},
    {"no_mail", no_mail},
    {"encrypted", encrypted},
    {"records_lost", records_lost},
    {"lines_lost", lines_lost},
    {"no_sink", no_sink},
    {"reload_failed", reload_failed},
};

}  // namespace

std::span<const Check> checks() { return kChecks; }

std::vector<Finding> diagnose(const Picture& picture) {
  std::vector<Finding> findings;
  for (const Check& check : kChecks) {
    for (std::string& sentence : check.look(picture)) {
      findings.push_back({check.name, std::move(sentence)});
    }
  }
  return findings;
}

}  // namespace mailglass::app
