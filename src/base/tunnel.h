// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace mailglass {

// What a packet was carried in. The names are those of the event log's `tunnel.type`.
enum class TunnelType : std::uint8_t {
  none,
  mpls,      // a label stack (RFC 3032), as one; id: its bottom label
  pppoe,     // a PPPoE session (RFC 2516); id: the session
  gre,       // RFC 2784; id: the key (RFC 2890), where there is one
  erspan,    // a switch's mirror, type I, II or III; id: the session, but in type I
  vxlan,     // RFC 7348; id: the VNI
  geneve,    // RFC 8926; id: the VNI
  ip_in_ip,  // RFC 2003, RFC 2473: a version in itself
  six_in_4,  // RFC 4213
  four_in_6  // RFC 2473
};

constexpr std::string_view name_of(TunnelType type) {
  constexpr std::string_view kNames[] = {"none",  "mpls",   "pppoe",    "gre",  "erspan",
                                         "vxlan", "geneve", "ip_in_ip", "6in4", "4in6"};
  return kNames[static_cast<std::size_t>(type)];
}

}  // namespace mailglass
