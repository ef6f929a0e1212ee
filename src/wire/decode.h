// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "base/frame.h"
#include "tally/counters.h"
#include "wire/segment.h"

namespace mailglass::wire {

// The link types read from captures; values are ours, names those of the pcap LINKTYPE_ registry.
enum class LinkType : std::uint8_t {
  kEthernet,   // LINKTYPE_ETHERNET 1
  kLinuxSll,   // LINKTYPE_LINUX_SLL 113: Linux cooked v1
  kLinuxSll2,  // LINKTYPE_LINUX_SLL2 276: Linux cooked v2
  kRaw,        // LINKTYPE_RAW 101, IPV4 228, IPV6 229: the version nibble decides
  kNull,       // LINKTYPE_NULL 0: BSD loopback, family in the capturing host's byte order
  kLoop,       // LINKTYPE_LOOP 108: BSD loopback, family in network byte order
};

// Takes a frame apart down to its TCP segment: link layer, VLAN tags, IPv4 (RFC 791) or IPv6
// (RFC 8200), TCP (RFC 9293). On success returns Drop::none and fills every field of `segment`;
// otherwise the one reason why the frame ends here, and `segment` means nothing. Any bytes are
// safe; nothing is read outside `frame.data`. The segment points into the frame: it dies with it.
//
// Checksums are not verified: a sender's own capture has them unfinished, and a NIC has already
// dropped what came in broken.
[[nodiscard]] tally::Drop decode(LinkType link, const Frame& frame, Segment& segment);

}  // namespace mailglass::wire
