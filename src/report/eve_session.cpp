// SPDX-License-Identifier: BSD-3-Clause
// The objects of a session that are no dialogue: `login`, `anomaly`, `flow`.
#include <array>
#include <string>

#include "report/anomaly_text.h"
#include "report/eve.h"
#include "report/utf8.h"

namespace mailglass::report {
namespace {

using tally::CloseReason;
using tally::Direction;

// Suricata's words where it has them; FIN and RST are told apart, which it does elsewhere.
std::string_view reason_of(CloseReason reason) {
  constexpr std::array<std::string_view, 6> kReasons = {"fin",    "rst",       "timeout",
                                                        "forced", "tcp_reuse", "shutdown"};
  return kReasons.at(static_cast<std::size_t>(reason));
}

std::string_view state_of(const tally::Closed& closed) {
  if (closed.reason == CloseReason::fin || closed.reason == CloseReason::rst) return "closed";
  return closed.established ? "established" : "new";
}

}  // namespace

void write_login(Json& json, const tally::Login& login, const LoginTexts& texts) {
  json.open("login");
  json.octets("mechanism", texts.mechanism);
  json.octets("user", texts.user);
  json.octets("authzid", texts.authzid);
  json.octets("domain", texts.domain);
  json.octets("workstation", texts.workstation);
  if (login.outcome != tally::LoginOutcome::unknown) {
    json.flag("success", login.outcome == tally::LoginOutcome::success);
  }
  if (login.code != 0) json.number("code", login.code);
  json.octets("text", texts.text);
  json.flag("exposed", login.exposed);
  json.octets(login.hashed ? "secret_hash" : "secret", texts.secret);
  json.flag("tls_offered", login.tls_offered);
  if (login.latency_us != 0) json.milliseconds("latency_ms", login.latency_us);
  json.close();
}

void write_anomaly(Json& json, const tally::AnomalySeen& seen, std::string_view detail) {
  const std::string_view type = tally::layer_of(seen.event);
  json.open("anomaly");
  json.text("type", type);
  json.text("event", tally::name_of(seen.event));
  if (type == "applayer") json.text("layer", "proto_parser");  // Suricata's only value here
  std::string words(sentence_of(seen.event));
  if (!detail.empty()) {
    words.append(": ");
    append_text(words, detail);
  }
  if (const std::string_view reading = other_reading(seen.event); !reading.empty()) {
    words.append("; ").append(reading);
  }
  json.text("detail", words);
  json.close();
}

void EveLog::flow(const Dialogue& dialogue, const tally::Closed& closed, Tick time) {
  constexpr auto kServer = static_cast<std::size_t>(Direction::to_server);
  constexpr auto kClient = static_cast<std::size_t>(Direction::to_client);
  const tally::Opened& opened = dialogue.opened;
  begin(EventType::flow, dialogue, time);
  json_.open("flow");
  json_.number("pkts_toserver", closed.segments[kServer]);
  json_.number("pkts_toclient", closed.segments[kClient]);
  json_.number("bytes_toserver", closed.octets[kServer]);
  json_.number("bytes_toclient", closed.octets[kClient]);
  json_.text("start", second_timestamp_(opened.start));
  json_.text("end", second_timestamp_(closed.end));
  json_.number("age", closed.end.since(opened.start) / kMicrosecondsPerSecond);
  json_.text("state", state_of(closed));
  json_.text("reason", reason_of(closed.reason));
  json_.number("tx_cnt", dialogue.is_pop3() ? closed.commands : closed.transactions);
  if (opened.handshake_us != 0) json_.milliseconds("handshake_ms", opened.handshake_us);
  json_.number("retransmitted", closed.retransmitted);
  json_.number("out_of_order", closed.out_of_order);
  const std::uint64_t missing = closed.bytes_missing[kServer] + closed.bytes_missing[kClient];
  json_.number("bytes_missing", missing);
  json_.flag("gap", missing > 0);
  json_.flag("midstream", opened.midstream);
  if (closed.oneside_to_server) json_.text("oneside", "to_server");
  if (closed.oneside_to_client) json_.text("oneside", "to_client");
  if (dialogue.tls.implicit || dialogue.tls.upgraded) {
    json_.text("tls", dialogue.tls.implicit ? "implicit" : "starttls");
  }
  if (dialogue.lost > 0) json_.flag("truncated", true);
  json_.close();
  end(EventType::flow);
}

}  // namespace mailglass::report
