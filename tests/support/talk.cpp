// SPDX-License-Identifier: BSD-3-Clause
#include "tests/support/talk.h"

#include "wire/segment.h"

namespace mailglass::test {

using wire::kAck;
using wire::kFin;
using wire::kPsh;
using wire::kRst;
using wire::kSyn;

Talk::Talk(unsigned server_port, unsigned client_port)
    : client_{"192.0.2.10", client_port, 1000}, server_{"198.51.100.25", server_port, 5000} {}

Talk& Talk::base(std::uint32_t client_isn, std::uint32_t server_isn) {
  client_.seq = client_isn;
  server_.seq = server_isn;
  return *this;
}

Talk& Talk::addresses(const std::string& client, const std::string& server) {
  client_.address = client;
  server_.address = server;
  return *this;
}

Talk& Talk::segment_size(std::size_t octets) {
  segment_size_ = octets;
  return *this;
}

void Talk::send(End& from, End& to, unsigned flags, std::string_view payload, bool captured) {
  Packet packet;
  if (from.address.find(':') == std::string::npos) {
    packet.ipv4(from.address, to.address);
  } else {
    packet.ipv6(from.address, to.address);
  }
  if (&from == &server_) packet.macs("02:00:00:00:00:02", "02:00:00:00:00:01");
  packet.tcp(from.port, to.port).seq(from.seq).flags(flags).payload(payload);
  if ((flags & kAck) != 0) packet.ack(to.seq).flags(flags);
  now_.us += 1000;
  if (captured) frames_.push_back({packet.frame(), now_});
  from.seq += static_cast<std::uint32_t>(payload.size());
  if ((flags & (kSyn | kFin)) != 0) ++from.seq;
}

Talk& Talk::say(End& from, End& to, std::string_view octets, bool captured) {
  while (!octets.empty()) {
    const std::string_view part = octets.substr(0, segment_size_);
    octets.remove_prefix(part.size());
    send(from, to, kPsh | kAck, part, captured);
  }
  return *this;
}

Talk& Talk::handshake() {
  send(client_, server_, kSyn, {});
  send(server_, client_, kSyn | kAck, {});
  send(client_, server_, kAck, {});
  return *this;
}

Talk& Talk::client(std::string_view octets) { return say(client_, server_, octets, true); }
Talk& Talk::server(std::string_view octets) { return say(server_, client_, octets, true); }
Talk& Talk::lose_client(std::string_view octets) { return say(client_, server_, octets, false); }
Talk& Talk::lose_server(std::string_view octets) { return say(server_, client_, octets, false); }

Talk& Talk::client_ack() {
  send(client_, server_, kAck, {});
  return *this;
}

Talk& Talk::server_ack() {
  send(server_, client_, kAck, {});
  return *this;
}

Talk& Talk::farewell() {
  send(client_, server_, kFin | kAck, {});
  send(server_, client_, kFin | kAck, {});
  send(client_, server_, kAck, {});
  return *this;
}

Talk& Talk::client_reset() {
  send(client_, server_, kRst | kAck, {});
  return *this;
}

Talk& Talk::wait(std::int64_t microseconds) {
  now_.us += microseconds;
  return *this;
}

}  // namespace mailglass::test
