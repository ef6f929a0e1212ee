// SPDX-License-Identifier: BSD-3-Clause
// All steps of a walk. Private to wire, see walk.h.
#pragma once

#include "wire/tunnel.h"

namespace mailglass::wire {

inline Layer step(Walk& walk, Layer layer) {
  switch (layer) {
    case Layer::ethernet:
      return read_ethernet(walk);
    case Layer::linux_sll:
      return read_cooked<LinuxSllHeader>(walk);
    case Layer::linux_sll2:
      return read_cooked<LinuxSll2Header>(walk);
    case Layer::raw:
      return read_raw(walk);
    case Layer::null:
      return read_null(walk);
    case Layer::loop:
      return read_loop(walk);
    case Layer::tags:
      return read_tags(walk);
    case Layer::mpls:
      return read_mpls(walk);
    case Layer::pppoe:
      return read_pppoe(walk);
    case Layer::ipv4:
      return read_ipv4(walk);
    case Layer::ipv6:
      return read_ipv6(walk);
    case Layer::fragment4:
      return read_fragment4(walk);
    case Layer::extensions:
      return read_extensions(walk);
    case Layer::inner_ipv4:
      return read_inner_ipv4(walk);
    case Layer::inner_ipv6:
      return read_inner_ipv6(walk);
    case Layer::gre:
      return read_gre(walk);
    case Layer::udp:
      return read_udp(walk);
    case Layer::vxlan:
      return read_vxlan(walk);
    case Layer::geneve:
      return read_geneve(walk);
    case Layer::tcp:
    case Layer::ended:
      break;
  }
  return Layer::ended;  // not reached: who walks stops at both
}

inline Layer outermost(LinkType link) {
  switch (link) {
    case LinkType::kEthernet:
      return Layer::ethernet;
    case LinkType::kLinuxSll:
      return Layer::linux_sll;
    case LinkType::kLinuxSll2:
      return Layer::linux_sll2;
    case LinkType::kRaw:
      return Layer::raw;
    case LinkType::kNull:
      return Layer::null;
    case LinkType::kLoop:
      break;
  }
  return Layer::loop;
}

}  // namespace mailglass::wire
