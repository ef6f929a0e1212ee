// SPDX-License-Identifier: BSD-3-Clause
#include "perf/floods/kinds.h"

#include <array>

#include "perf/forge.h"
#include "wire/segment.h"

namespace mailglass::perf {
namespace {

using wire::kAck;
using wire::kPsh;
using wire::kRst;
using wire::kSyn;

using Room = std::span<std::uint8_t>;

constexpr std::uint32_t kServer = 192u << 24 | 2u << 8 | 10;  // 192.0.2.10, the generator's too
constexpr std::uint8_t kData = kPsh | kAck;

// splitmix64: a different number for each.
constexpr std::uint64_t scatter(std::uint64_t n) {
  n += 0x9e3779b97f4a7c15;
  n = (n ^ n >> 30) * 0xbf58476d1ce4e5b9;
  n = (n ^ n >> 27) * 0x94d049bb133111eb;
  return n ^ n >> 31;
}

// A segment of the client of flow `flow`, whose first octet has number 1.
Forged from_client(std::uint64_t flow, std::uint32_t seq, std::uint8_t flags,
                   std::string_view payload = {}) {
  const std::uint64_t random = scatter(flow);
  Forged f;
  f.source = static_cast<std::uint32_t>(random);
  if (f.source >> 17 == (198u << 8 | 18) >> 1) f.source ^= 1u << 31;
  f.destination = kServer;
  f.source_port = static_cast<std::uint16_t>(1024 + (random >> 32) % 60'000);
  f.destination_port = (random >> 63) != 0 ? 25 : 110;
  f.seq = seq;
  f.ack = (flags & kAck) != 0 ? 1 : 0;
  f.flags = flags;
  f.payload = payload;
  return f;
}

Forged from_server(std::uint64_t flow, std::uint32_t seq, std::uint32_t ack, std::uint8_t flags,
                   std::string_view payload = {}) {
  Forged f = from_client(flow, seq, flags, payload);
  std::swap(f.source, f.destination);
  std::swap(f.source_port, f.destination_port);
  f.ack = ack;
  return f;
}

// The handshake of `flow`: three packets.
Forged handshake(std::uint64_t flow, std::uint64_t step) {
  if (step == 0) return from_client(flow, 0, kSyn);
  if (step == 1) return from_server(flow, 0, 1, kSyn | kAck);
  return from_client(flow, 1, kAck);
}

std::size_t syn(std::uint64_t n, Bytes, Room out) { return forge(from_client(n, 0, kSyn), out); }

std::size_t one_segment(std::uint64_t n, Bytes, Room out) {
  return forge(from_client(n, 1, kData, "the middle of some line"), out);
}

std::size_t one_command(std::uint64_t n, Bytes, Room out) {
  return forge(from_client(n, 1, kData, "EHLO client.example\r\n"), out);
}

// Flows of three packets: a SYN, and two segments behind holes, 2 KiB apart.
std::size_t holes(std::uint64_t n, Bytes, Room out) {
  const std::uint64_t flow = n / 3, step = n % 3;
  if (step == 0) return forge(from_client(flow, 0, kSyn), out);
  return forge(from_client(flow, static_cast<std::uint32_t>(step) * 3000, kData, "behind"), out);
}

// The same in flows that are mail, of which both sides are seen: a handshake, a banner, then
// segments of the client behind a hole. As many as are real connections.
constexpr std::uint64_t kHolders = 5000;

std::size_t mail_holes(std::uint64_t n, Bytes, Room out) {
  const std::uint64_t flow = n % kHolders, step = n / kHolders;
  if (step < 3) return forge(handshake(flow, step), out);
  if (step == 3) return forge(from_server(flow, 1, 1, kData, "220 a ESMTP\r\n"), out);
  const auto behind = static_cast<std::uint32_t>(step % 64 * 3000);
  return forge(from_client(flow, behind, kData, "behind"), out);
}

// First fragments of datagrams that never get a second one.
std::size_t fragments(std::uint64_t n, Bytes, Room out) {
  static constexpr std::array<char, 1460> kOctets{};
  Forged f = from_client(n, 1, kData, {kOctets.data(), kOctets.size()});
  f.id = static_cast<std::uint16_t>(scatter(n) >> 16);
  f.fragment = 0x2000;  // more fragments
  return forge(f, out);
}

// A thousand flows, an octet in each in turn, of lines that are mail's.
constexpr std::uint64_t kTalkers = 1000;

std::size_t one_octet(std::uint64_t n, Bytes, Room out) {
  static constexpr std::string_view kText = "NOOP a very long way of saying nothing at all\r\n";
  const std::uint64_t flow = n % kTalkers, step = n / kTalkers;
  if (step < 3) return forge(handshake(flow, step), out);
  const std::uint64_t at = step - 3;
  return forge(from_client(flow, static_cast<std::uint32_t>(1 + at), kData,
                           kText.substr(at % kText.size(), 1)),
               out);
}

// Every second octet only, so that no two ever touch.
std::size_t every_second(std::uint64_t n, Bytes, Room out) {
  const std::uint64_t flow = n % kTalkers, step = n / kTalkers;
  if (step < 3) return forge(handshake(flow, step), out);
  const std::uint64_t at = (step - 3) % 60'000 * 2 + 1;
  return forge(from_client(flow, static_cast<std::uint32_t>(1 + at), kData, "x"), out);
}

// The offset of the TCP header in a frame of the generator: Ethernet, IPv4 or IPv6.
std::size_t tcp_at(Bytes frame) { return frame[12] == 0x08 ? 34 : 54; }

// Aimed: what was just said, as a reset with a wild number.
std::size_t rst(std::uint64_t n, Bytes said, Room out) {
  const std::size_t tcp = tcp_at(said);
  const std::size_t size = tcp + 20;
  std::memcpy(out.data(), said.data(), size);
  if (tcp == 34) {
    out[16] = 0, out[17] = 40;
  } else {
    out[18] = 0, out[19] = 20;
  }
  const std::uint64_t wild = scatter(n);
  std::memcpy(&out[tcp + 4], &wild, 4);
  out[tcp + 12] = 5 << 4;
  out[tcp + 13] = kRst;
  return size;
}

// Aimed: what was just said, once more with other octets.
std::size_t overlap(std::uint64_t n, Bytes said, Room out) {
  const std::size_t tcp = tcp_at(said);
  std::memcpy(out.data(), said.data(), said.size());
  const std::size_t payload = tcp + (said[tcp + 12] >> 4) * 4u;
  for (std::size_t at = payload; at < said.size(); ++at) {
    out[at] = static_cast<std::uint8_t>(out[at] ^ (1 + n % 255));
  }
  return said.size();
}

constexpr Kind kKinds[] = {
    {"syn", "SYNs from random addresses", syn},
    {"one-segment", "flows of one segment that may be the middle of mail", one_segment},
    {"one-command", "flows of one segment, a mail command", one_command},
    {"holes", "flows of a SYN and segments behind holes", holes},
    {"mail-holes", "mail flows, both sides seen, with segments behind holes", mail_holes},
    {"fragments", "first fragments of datagrams never completed", fragments},
    {"one-octet", "segments of one octet in 1,000 mail flows", one_octet},
    {"every-second", "every second octet of 1,000 mail flows", every_second},
    {"rst", "resets with wild numbers for the sessions themselves", rst},
    {"overlap", "the sessions' segments again with other octets", overlap},
};

}  // namespace

std::span<const Kind> kinds() { return kKinds; }

}  // namespace mailglass::perf
