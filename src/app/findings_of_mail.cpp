// SPDX-License-Identifier: BSD-3-Clause
// Of the way from a frame to an event.
#include <algorithm>

#include "app/finding_words.h"
#include "app/findings.h"

namespace mailglass::app {
namespace {

// ---- frames -------------------------------------------------------------------------------------

Sentences no_tcp(const Picture& p) {
  if (frames(p) < kSome || segments(p) >= frames(p) / 100) return {};
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

constexpr const char* kMirrorBoth =
    "mirror both directions (receive and transmit) of the port, and every path of an asymmetric "
    "route.";

// Flows are counted when they end, which in one direction takes flow.idle_seconds. Until then the
// dialogues tell.
Sentences one_sided_dialogues(const Picture& p) {
  const double commands =
      p.sum("mailglass_smtp_commands_total") + p.sum("mailglass_pop3_commands_total");
  const double replies =
      p.sum("mailglass_smtp_replies_total") + p.sum("mailglass_pop3_replies_total");
  const bool client = commands >= kSome && replies < commands / 10;
  const bool server = replies >= kSome && commands < replies / 10;
  if (!client && !server) return {};
  return one(
      fmt::format("{} commands and {} replies were seen: mail comes in one direction only, "
                  "the {}'s: {}",
                  number(commands), number(replies), client ? "client" : "server", kMirrorBoth));
}

Sentences one_direction(const Picture& p) {
  const double one_sided = p.sum("mailglass_flows_oneside_total");
  const double all = p.sum("mailglass_flows_closed_total");
  if (one_sided < kSome || one_sided < all / 10) return one_sided_dialogues(p);
  const double client = p.sum("mailglass_flows_oneside_total", {{"seen", "client"}});
  return one(fmt::format("Of {} flows {} were seen in one direction only, mostly the {}'s: {}",
                         number(all), percent(one_sided, all),
                         2 * client >= one_sided ? "client" : "server", kMirrorBoth));
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

// A session has its events at its end. Who reads a capture has asked for them, or not.
Sentences no_sink(const Picture& p) {
  const bool live = !p.all("mailglass_port_link_up").empty();
  const double ended = sessions(p) - p.sum("mailglass_reporter_sessions");
  if (!live || ended <= 0 || p.sum("mailglass_eve_events_total") > 0) return {};
  return one(fmt::format(
      "{} mail sessions have ended, but no event was rendered: set eve.file or eve.socket.",
      number(ended)));
}

Sentences reload_failed(const Picture& p) {
  const auto last = p.all("mailglass_config_last_reload_successful");
  if (last.empty() || last.front()->value != 0) return {};
  return one("The last reload failed, and the configuration before it goes on: the log says why.");
}

constexpr Check kChecks[] = {
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

std::span<const Check> checks_of_mail() { return kChecks; }

}  // namespace mailglass::app
