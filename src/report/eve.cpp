// SPDX-License-Identifier: BSD-3-Clause
#include "report/eve.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace mailglass::report {
namespace {

using tally::Protocol;

void write_ether(Json& json, const tally::Opened& flow) {
  const auto mac = [&](std::string_view name, const MacAddress& m) {
    char text[18];
    fmt::format_to_n(text, sizeof text, "{:02x}:{:02x}:{:02x}:{:02x}:{:02x}:{:02x}", m[0], m[1],
                     m[2], m[3], m[4], m[5]);
    json.text(name, {text, 17});
  };
  json.open("ether");
  mac("src_mac", flow.client_mac);
  mac("dest_mac", flow.server_mac);
  json.close();
}

void write_tunnel(Json& json, const Dialogue& dialogue) {
  json.open("tunnel");
  json.text("type", name_of(dialogue.opened.tunnel.type));
  json.known("src_ip", dialogue.tunnel_client);
  json.known("dest_ip", dialogue.tunnel_server);
  if (dialogue.opened.tunnel.has_id) json.number("id", dialogue.opened.tunnel.id);
  json.close();
}

void write_proxy(Json& json, const Dialogue& dialogue) {
  const tally::Proxied& proxied = *dialogue.proxied;
  json.open("proxy");
  json.number("version", proxied.version);
  if (!proxied.local) {
    json.text("src_ip", dialogue.proxy_source);
    json.number("src_port", proxied.source_port);
    json.text("dest_ip", dialogue.proxy_destination);
    json.number("dest_port", proxied.destination_port);
  }
  json.close();
}

std::string_view app_proto(Protocol protocol) {
  switch (protocol) {
    case Protocol::smtp:
      return "smtp";
    case Protocol::lmtp:
      return "lmtp";
    case Protocol::pop3:
      return "pop3";
    case Protocol::unknown:
      break;
  }
  return {};
}

}  // namespace

void EveLog::begin(EventType type, Tick time) {
  json_.begin();
  json_.text("timestamp", timestamp_(time));
  json_.text("event_type", kEventTypes[static_cast<std::size_t>(type)]);
}

// What every event of a session says alike is written once: the members in front of event_type, and
// those around app_proto and tx_id.
void EveLog::know(Dialogue& dialogue) {
  const tally::Opened& flow = dialogue.opened;
  json_.begin();
  json_.number("flow_id", dialogue.id);
  if (dialogue.capture) json_.known("pcap_filename", *dialogue.capture);
  json_.known("in_iface", origin_.in_iface);
  dialogue.eve.identity = json_.inside();

  json_.begin();
  if (flow.vlans > 0) {
    json_.open_list("vlan");
    const auto tags = std::min<std::size_t>(flow.vlans, std::size(flow.vlan));
    for (std::size_t i = 0; i < tags; ++i) json_.value(std::uint64_t{flow.vlan[i]});
    json_.close_list();
  }
  json_.text("src_ip", dialogue.client);
  json_.number("src_port", flow.client_port);
  json_.text("dest_ip", dialogue.server);
  json_.number("dest_port", flow.server_port);
  json_.text("proto", "TCP");
  json_.number("ip_v", flow.ipv6 ? 6 : 4);
  json_.known("community_id", dialogue.community_id);
  dialogue.eve.ends = json_.inside();

  json_.begin();
  if (flow.has_ether) write_ether(json_, flow);
  if (flow.tunnel.type != TunnelType::none) write_tunnel(json_, dialogue);
  if (dialogue.proxied) write_proxy(json_, dialogue);
  json_.known("host", origin_.host);
  dialogue.eve.around = json_.inside();
}

void EveLog::begin(EventType type, const Dialogue& dialogue, Tick time, std::uint32_t tx) {
  json_.begin();
  json_.text("timestamp", timestamp_(time));
  json_.members(dialogue.eve.identity);
  json_.text("event_type", kEventTypes[static_cast<std::size_t>(type)]);
  json_.members(dialogue.eve.ends);
  json_.known("app_proto", app_proto(dialogue.protocol));
  if (tx > 0) json_.number("tx_id", tx - 1);  // EVE counts from 0
  json_.members(dialogue.eve.around);
}

void EveLog::end(EventType type) {
  json_.close();
  const std::string_view line = json_.line();
  if (file_ != nullptr) file_->write(line);
  if (socket_ != nullptr) socket_->write(line);
  totals_.rendered(type);
  count();
}

void EveLog::flush() {
  if (file_ != nullptr) file_->flush();
  if (socket_ != nullptr) socket_->flush();
  count();
}

void EveLog::count() {
  if (file_ != nullptr) {
    totals_.written.set(file_->written());
    totals_.dropped.set(file_->dropped());
  }
  if (socket_ != nullptr) {
    totals_.socket_written.set(socket_->written());
    totals_.socket_dropped.set(socket_->dropped());
  }
}

void EveLog::smtp(const Dialogue& dialogue, const SmtpTransaction* transaction, Tick time) {
  begin(EventType::smtp, dialogue, time, transaction == nullptr ? 0 : transaction->tx);
  write_smtp(json_, dialogue.smtp, transaction, dialogue.lost > 0);
  if (transaction != nullptr && transaction->email.present) {
    json_.open("email");
    write_email(json_, transaction->email, transaction->message, transaction->kept.truncated);
    write_from_matches_envelope(json_, transaction->email, *transaction);
    json_.close();
  }
  end(EventType::smtp);
}

void EveLog::pop3(const Dialogue& dialogue, const Pop3Exchange& exchange, Tick time) {
  begin(EventType::pop3, dialogue, time, exchange.index);
  write_pop3(json_, exchange, dialogue.lost > 0);
  if (exchange.email.present) {
    json_.open("email");
    write_email(json_, exchange.email, exchange.message, exchange.kept.truncated);
    json_.close();
  }
  end(EventType::pop3);
}

void EveLog::login(const Dialogue& dialogue, const tally::Login& login, const LoginTexts& texts,
                   Tick time) {
  begin(EventType::login, dialogue, time);
  write_login(json_, login, texts);
  end(EventType::login);
}

void EveLog::file(const Dialogue& dialogue, const Attachment& attachment, std::string_view magic,
                  const FileDigests& digests, Tick time) {
  const tally::Part& part = attachment.part;
  begin(EventType::fileinfo, dialogue, time, dialogue.is_pop3() ? part.command : part.tx);
  write_fileinfo(json_, attachment, magic, digests);
  end(EventType::fileinfo);
}

void EveLog::anomaly(const Dialogue& dialogue, const tally::AnomalySeen& seen,
                     std::string_view detail, Tick time) {
  begin(EventType::anomaly, dialogue, time, seen.tx);
  write_anomaly(json_, seen, detail);
  end(EventType::anomaly);
}

void EveLog::stats(std::span<const tally::Counters* const> workers, Tick time) {
  begin(EventType::stats, time);
  json_.known("host", origin_.host);
  write_stats(json_, workers, totals_);
  end(EventType::stats);
}

}  // namespace mailglass::report
