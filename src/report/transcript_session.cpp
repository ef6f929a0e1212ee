// SPDX-License-Identifier: BSD-3-Clause
// The head and the end of a transcript's block, and the rows that are no dialogue.
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <iterator>

#include "report/anomaly_text.h"
#include "report/detect/detectors.h"
#include "report/plain_words.h"
#include "report/transcript.h"

namespace mailglass::report {
namespace {

using tally::CloseReason;
using tally::Direction;

std::string_view name_of(tally::Protocol protocol) {
  constexpr std::array<std::string_view, 4> kNames = {"????", "SMTP", "LMTP", "POP3"};
  return kNames.at(static_cast<std::size_t>(protocol));
}

std::string_view peer(Direction direction) {  // who sent in that direction
  return direction == Direction::to_server ? "client" : "server";
}

std::string socket_text(const std::string& address, std::uint16_t port, bool ipv6) {
  return ipv6 ? fmt::format("[{}]:{}", address, port) : fmt::format("{}:{}", address, port);
}

std::string mac_text(const MacAddress& m) {
  return fmt::format("{:02x}:{:02x}:{:02x}:{:02x}:{:02x}:{:02x}", m[0], m[1], m[2], m[3], m[4],
                     m[5]);
}

std::string tunnel_text(const Dialogue& dialogue) {
  std::string text = fmt::format(" in {}", mailglass::name_of(dialogue.opened.tunnel.type));
  if (dialogue.opened.tunnel.has_id) text += fmt::format(" {}", dialogue.opened.tunnel.id);
  if (!dialogue.tunnel_client.empty()) {
    text += fmt::format(", {} -> {}", dialogue.tunnel_client, dialogue.tunnel_server);
  }
  return text;
}

std::string milliseconds(std::uint64_t us) {
  return fmt::format("{}.{:03} ms", us / 1000, us % 1000);
}

std::string handshake(const tally::Opened& flow) {
  if (flow.midstream) return "the beginning of the connection was not captured";
  if (flow.syn_ack_us == 0 && flow.handshake_us == 0) return "TCP handshake seen in part";
  std::string text = "TCP handshake";
  if (flow.syn_ack_us != 0) text += ": SYN-ACK after " + milliseconds(flow.syn_ack_us);
  if (flow.handshake_us != 0) {
    text +=
        (flow.syn_ack_us != 0 ? ", ACK after " : ": ACK after ") + milliseconds(flow.handshake_us);
  }
  return text;
}

std::string_view ending(CloseReason reason) {
  constexpr std::array<std::string_view, 6> kWords = {"closed",
                                                      "reset",
                                                      "silent for too long, forgotten",
                                                      "forgotten, the flow table was full",
                                                      "a new connection took its ports",
                                                      "still open at the end of the capture"};
  return kWords.at(static_cast<std::size_t>(reason));
}

}  // namespace

bool wants_colour(int fd) {
  const char* refused = std::getenv("NO_COLOR");
  return isatty(fd) == 1 && (refused == nullptr || *refused == '\0');
}

std::string Transcript::head(const Dialogue& dialogue) {
  const tally::Opened& flow = dialogue.opened;
  std::string start(timestamp_(flow.start));
  start.replace(10, 1, " ").replace(start.size() - 5, 5, " UTC");
  std::string ends = fmt::format("{}  {} -> {}", name_of(dialogue.protocol),
                                 socket_text(dialogue.client, flow.client_port, flow.ipv6),
                                 socket_text(dialogue.server, flow.server_port, flow.ipv6));
  constexpr std::size_t kEnd = 100;
  const bool beside = ends.size() + 2 + start.size() <= kEnd;  // not with long IPv6 addresses
  std::string text;
  if (colour_) text.append("\x1b[1m");
  text.append(ends);
  if (beside) text.append(kEnd - ends.size() - start.size(), ' ').append(start);
  if (colour_) text.append("\x1b[0m");
  text.push_back('\n');
  if (!beside) text.append("      ").append(start).append("\n");
  if (flow.has_ether || flow.vlans > 0 || flow.tunnel.type != TunnelType::none) {
    text.append("     ");
    if (flow.has_ether) {
      text.append(fmt::format(" {} -> {} ", mac_text(flow.client_mac), mac_text(flow.server_mac)));
    }
    for (std::size_t i = flow.vlans; i-- > 0;) {
      text.append(fmt::format("{}{}", i + 1 == flow.vlans ? " VLAN " : ", inside ", flow.vlan[i]));
    }
    if (flow.tunnel.type != TunnelType::none) text.append(tunnel_text(dialogue));
    while (text.ends_with(' ')) text.pop_back();
    text.push_back('\n');
  }
  text.append("      ").append(handshake(flow)).append("\n");
  return text;
}

void Transcript::login(Dialogue& dialogue, const tally::Login& login, const LoginTexts& texts,
                       Tick time) {
  constexpr std::array<std::string_view, 3> kOutcomes = {"outcome not seen", "accepted", "refused"};
  std::string text = fmt::format("login with {}", texts.mechanism);
  if (!texts.user.empty()) text += fmt::format(" as \"{}\"", texts.user);
  if (!texts.authzid.empty()) text += fmt::format(" for \"{}\"", texts.authzid);
  if (!texts.domain.empty()) text += fmt::format(" of domain \"{}\"", texts.domain);
  if (!texts.workstation.empty()) text += fmt::format(" at \"{}\"", texts.workstation);
  text += fmt::format(": {}", kOutcomes.at(static_cast<std::size_t>(login.outcome)));
  if (login.exposed) text += "; password readable on the wire";
  if (login.exposed && login.tls_offered) text += " although TLS was offered";
  if (!texts.secret.empty()) {
    text += fmt::format("; {} {}", login.hashed ? "secret's hash" : "secret", texts.secret);
  }
  TranscriptRows(dialogue, colour_).step({since_start(dialogue, time), Mark::login, text, {}, {}});
}

void Transcript::proxied(Dialogue& dialogue, Tick time) {
  const tally::Proxied& said = *dialogue.proxied;
  std::string text = fmt::format("PROXY version {}", said.version);
  if (said.local) {
    text += ", naming nobody";
  } else {
    text += fmt::format(": for {} -> {}",
                        socket_text(dialogue.proxy_source, said.source_port, said.ipv6),
                        socket_text(dialogue.proxy_destination, said.destination_port, said.ipv6));
  }
  TranscriptRows(dialogue, colour_).step({since_start(dialogue, time), Mark::client, text, {}, {}});
}

void Transcript::gap(Dialogue& dialogue, const tally::Gap& gap, Tick time) {
  const std::string text =
      fmt::format("{} of the {} not captured", counted(gap.octets, "octet"), peer(gap.direction));
  TranscriptRows(dialogue, colour_).step({since_start(dialogue, time), Mark::gap, text, {}, {}});
}

void Transcript::anomaly(Dialogue& dialogue, const tally::AnomalySeen& seen,
                         std::string_view detail, Tick time) {
  std::string text = fmt::format("{}: {}", peer(seen.direction), sentence_of(seen.event));
  if (!detail.empty()) text.append(": ").append(detail);
  TranscriptRows rows(dialogue, colour_);
  rows.step({since_start(dialogue, time), Mark::anomaly, text, {}, {}});
  if (const auto reading = other_reading(seen.event); !reading.empty()) rows.detail(reading);
}

void Transcript::alert(Dialogue& dialogue, const Evidence& evidence, Tick time) {
  const AlertRow& row = row_of(evidence.alert);
  const std::string text =
      fmt::format("alert {}: {}: {} {} in {} s, {} {}", row.id, row.help, evidence.count, row.unit,
                  evidence.limit.seconds, row.subject, evidence.subject);
  TranscriptRows(dialogue, colour_)
      .step({since_start(dialogue, time), Mark::anomaly, text, {}, {}});
}

void Transcript::encrypted(Dialogue& dialogue, const tally::Encrypted& encrypted, Tick time) {
  const std::string_view text =
      encrypted.implicit ? "TLS from the first octet on: opaque" : "TLS from here on: opaque";
  TranscriptRows(dialogue, colour_)
      .step({since_start(dialogue, time), Mark::session, text, {}, {}});
}

void Transcript::tls(Dialogue& dialogue, Tick time) {
  const TlsView& tls = dialogue.tls;
  std::string text = tls.version.empty() ? "TLS, its version not seen" : tls.version;
  if (!tls.sni.empty()) text += fmt::format(", SNI {}", tls.sni);
  for (std::size_t i = 0; i < tls.alpns.size(); ++i) {
    text += fmt::format("{}{}", i == 0 ? ", ALPN " : " ", tls.alpns[i]);
  }
  if (!tls.ja4.empty()) text += fmt::format(", JA4 {}", tls.ja4);
  TranscriptRows rows(dialogue, colour_);
  rows.step({since_start(dialogue, time), Mark::session, text, {}, {}});
  rows.detail("Subject", tls.subject);
  rows.detail("Issuer", tls.issuer);
  if (!tls.not_before.empty()) {
    rows.detail("Valid", fmt::format("{} to {}", tls.not_before, tls.not_after));
  }
  rows.detail("SHA-1", tls.fingerprint);
}

void Transcript::lost(Dialogue& dialogue, std::uint64_t records, Tick time) {
  const std::string text =
      fmt::format("{} lost here: the reporter was too slow for the ring", counted(records, "step"));
  TranscriptRows(dialogue, colour_).step({since_start(dialogue, time), Mark::gap, text, {}, {}});
}

void Transcript::closed(Dialogue& dialogue, const tally::Closed* closed, Tick time) {
  std::string text = "its end was not reported";
  if (closed != nullptr) {
    const auto client = static_cast<std::size_t>(Direction::to_server);
    const auto server = static_cast<std::size_t>(Direction::to_client);
    text = fmt::format("{}; {} + {} segments, {} + {} octets", ending(closed->reason),
                       closed->segments[client], closed->segments[server], closed->octets[client],
                       closed->octets[server]);
    if (closed->retransmitted > 0) text += fmt::format(", {} retransmitted", closed->retransmitted);
    if (closed->out_of_order > 0) text += fmt::format(", {} out of order", closed->out_of_order);
    if (closed->oneside_to_server) text += ", only the client was seen";
    if (closed->oneside_to_client) text += ", only the server was seen";
  }
  TranscriptBlock& block = dialogue.transcript;
  const std::uint64_t left_out = block.left_out;
  std::string page = head(dialogue);
  page.append(block.rows);
  dialogue.allowance.give_back(block.kept);
  block = {};
  TranscriptRows rows(dialogue, colour_);
  if (left_out > 0) rows.detail(fmt::format("... and {} more rows, left out", left_out));
  rows.step({since_start(dialogue, time), Mark::session, text, {}, {}});
  page.append(block.rows).push_back('\n');
  sink_.write_block(page);
}

}  // namespace mailglass::report
