// SPDX-License-Identifier: BSD-3-Clause
#include "options.h"

#include <CLI/CLI.hpp>
#include <cstdlib>

namespace mailglass::generate {

namespace {

void add_amounts(CLI::App& app, Options& options) {
  const auto suffixes = CLI::AsSizeValue(false);  // K, M and G are powers of 1024
  app.add_option("--out", options.out, "capture to write: classic pcap, microseconds, Ethernet")
      ->required();
  app.add_option("--truth", options.truth, "what the capture holds, as one JSON object");
  app.add_option("--per-session", options.per_session, "one JSON object a session, one a line");
  app.add_option("--seed", options.seed, "same seed and options, same bytes")
      ->capture_default_str();
  app.add_option("--size", options.size,
                 "octets of capture, flood not counted, after which no session is opened; "
                 "K, M, G [100M unless --sessions is given]")
      ->transform(suffixes);
  app.add_option("--sessions", options.sessions, "sessions to open");
  app.add_option("--concurrency", options.concurrency, "sessions alive at once")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  app.add_option("--syn-flood", options.syn_flood,
                 "SYNs from random IPv4 addresses, spread over the capture")
      ->capture_default_str();
  app.add_flag("--connections-only", options.connections_only,
               "open and close every connection without data");
}

void add_mix(CLI::App& app, Options& options) {
  const auto share = CLI::Range(0.0, 1.0);
  const auto add_share = [&](const char* name, double& value, const char* help) {
    app.add_option(name, value, help)->check(share)->capture_default_str();
  };
  add_share("--smtp-share", options.smtp_share, "share of mail sessions that are SMTP, else POP3");
  add_share("--background", options.background, "share of packets that are HTTP and TLS");
  add_share("--ipv6", options.ipv6, "share of sessions over IPv6");
  add_share("--attachments", options.attachments, "share of messages with an attachment");
  add_share("--pipelining", options.pipelining, "share of SMTP sessions that pipeline (RFC 2920)");
  add_share("--auth", options.auth, "share of SMTP sessions that log in, on port 587");
  add_share("--reject", options.reject, "share of recipients refused with 550 5.1.1");
  app.add_option("--rcpt", options.rcpt, "mean recipients of a transaction (at most 100)")
      ->check(CLI::Range(1.0, 100.0))
      ->capture_default_str();
  app.add_option("--body", options.body,
                 "mean octets of a message body, log-normal with sigma 1 cut to mean/100 .. "
                 "20 means, in whole lines; K, M")
      ->transform(CLI::AsSizeValue(false))
      ->check(CLI::Range(100, 16 << 20))
      ->capture_default_str();
}

void add_transport(CLI::App& app, Options& options) {
  const auto add_share = [&](const char* name, double& value, const char* help) {
    app.add_option(name, value, help)->check(CLI::Range(0.0, 1.0))->capture_default_str();
  };
  app.add_option("--mss", options.mss,
                 "octets of data in a full IPv4 segment; IPv6 carries 20 fewer")
      ->check(CLI::Range(100, 8948))
      ->capture_default_str();
  app.add_option("--segment", options.segment, "cut data into segments of this many octets [--mss]")
      ->check(CLI::Range(1, 8948));
  app.add_option("--vlan", options.vlan, "802.1Q identifier on every frame [no tag]")
      ->check(CLI::Range(1, 4094));
  app.add_option("--gap-us", options.gap_us,
                 "mean time between two packets of one flow inside a turn, microseconds")
      ->check(CLI::Range(0, 1'000'000))
      ->capture_default_str();
  add_share("--reorder", options.reorder,
            "share of data segments that arrive behind one to three later ones of their turn");
  add_share("--duplicate", options.duplicate, "share of data segments that are sent again");
  add_share("--loss", options.loss,
            "share of data segments the capture misses though they arrived");
}

}  // namespace

Options read_options(int argc, char** argv) {
  Options options;
  CLI::App app{
      "Writes a capture of SMTP and POP3 sessions and the truth about what it holds.\n"
      "Everything is made up: names of RFC 2606, addresses of RFC 2544, 3849 and 5737."};
  add_amounts(app, options);
  add_mix(app, options);
  add_transport(app, options);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    std::exit(app.exit(error) == 0 ? 0 : 2);
  }
  if (options.size == 0 && options.sessions == 0) options.size = 100U << 20U;
  return options;
}

}  // namespace mailglass::generate
