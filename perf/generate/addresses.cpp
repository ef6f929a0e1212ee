// SPDX-License-Identifier: BSD-3-Clause
#include "addresses.h"

#include <algorithm>

namespace mailglass::generate {

namespace {

constexpr std::uint64_t kClients = 20'011;  // prime
constexpr std::uint64_t kFirstPort = 32'768;
constexpr std::uint64_t kPorts = 28'232;            // the ephemeral range of Linux
constexpr std::uint32_t kClientNet = 0xc612'0000U;  // 198.18.0.0/15, RFC 2544
constexpr std::uint32_t kMailNet = 0xc000'0200U;    // 192.0.2.0/24, RFC 5737
constexpr std::uint32_t kWebNet = 0xcb00'7100U;     // 203.0.113.0/24, RFC 5737

Address ipv4(std::uint32_t value) {
  Address address;
  for (std::size_t i = 0; i < 4; ++i) {
    address.octets[i] = static_cast<std::uint8_t>((value >> (24U - 8U * i)) & 0xffU);
  }
  return address;
}

// 2001:db8:SITE::HOST, RFC 3849.
Address ipv6(std::uint64_t site, std::uint64_t host) {
  Address address;
  address.v6 = true;
  address.octets = {0x20, 0x01, 0x0d, 0xb8};
  for (std::size_t i = 0; i < 2; ++i) {
    address.octets[4 + i] = static_cast<std::uint8_t>((site >> (8U - 8U * i)) & 0xffU);
    address.octets[14 + i] = static_cast<std::uint8_t>((host >> (8U - 8U * i)) & 0xffU);
  }
  return address;
}

// Locally administered; clients are behind one router.
std::array<std::uint8_t, 6> mac(std::uint8_t kind, std::uint64_t number) {
  return {0x02, 0x4d, 0x47, 0x00, kind, static_cast<std::uint8_t>(number & 0xffU)};
}

Host server_host(std::uint64_t number, bool v6, Protocol protocol, std::uint16_t port) {
  const bool web = protocol == Protocol::kHttp || protocol == Protocol::kTls;
  const std::uint64_t host =
      web ? 1 + number % 200 : (protocol == Protocol::kPop3 ? 20 + number % 4 : 10 + number % 8);
  Host server;
  server.address = v6 ? ipv6(web ? 0xfffe : 0xffff, host)
                      : ipv4((web ? kWebNet : kMailNet) + static_cast<std::uint32_t>(host));
  server.mac = mac(web ? 3 : 2, host);
  server.port = port;
  return server;
}

}  // namespace

Ends session_ends(std::uint64_t number, bool v6, Protocol protocol, std::uint16_t server_port) {
  const std::uint64_t client = number * 7919 % kClients;
  Ends ends;
  ends.client.address = v6 ? ipv6(client, 0x100 + client % 97)
                           : ipv4(kClientNet + 256 + static_cast<std::uint32_t>(client * 6));
  ends.client.mac = mac(1, 1);
  ends.client.port =
      static_cast<std::uint16_t>(kFirstPort + (number / kClients + client * 31) % kPorts);
  ends.client.hops = static_cast<std::uint8_t>(44 + client % 17);
  ends.server = server_host(number / 3, v6, protocol, server_port);
  return ends;
}

Ends flood_ends(std::uint64_t number, std::uint64_t seed) {
  // An odd factor permutes the 32-bit numbers. What is not unicast is folded into 32.0.0.0/3.
  std::uint32_t source =
      static_cast<std::uint32_t>(seed) + static_cast<std::uint32_t>(number) * 2'654'435'761U;
  const std::uint32_t first = source >> 24U;
  if (first == 0 || first == 127 || first >= 224) source = (source & 0x1fff'ffffU) | 0x2000'0000U;
  Ends ends;
  ends.client.address = ipv4(source);
  ends.client.mac = mac(1, 1);
  ends.client.port = static_cast<std::uint16_t>(1024 + (source ^ number) % 64'000);
  ends.server = server_host(number, false, Protocol::kSmtp, number % 2 == 0 ? 25 : 110);
  return ends;
}

}  // namespace mailglass::generate
