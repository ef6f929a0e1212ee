// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "base/frame.h"
#include "tally/counters.h"
#include "wire/fragments.h"
#include "wire/limits.h"
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

// What a decoder has for all frames.
struct Common {
  const Limits& limits;
  Fragments& fragments;
  tally::Counters& counters;
};

// Takes frames apart down to their TCP segments: link layer, VLAN tags, tunnels, IPv4 (RFC 791) or
// IPv6 (RFC 8200) and their fragments, TCP (RFC 9293). Any bytes are safe; nothing is read outside
// `frame.data`. One thread.
class Decoder {
 public:
  // `fragments` and `counters` outlive the decoder.
  Decoder(const Limits& limits, Fragments& fragments, tally::Counters& counters)
      : limits_(limits), fragments_(fragments), common_{limits_, fragments, counters} {}

  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;

  // drop none, and every field of `segment` filled; or the one reason why the frame ends here, and
  // `segment` means nothing. The segment points into the frame, or into a datagram the frame
  // completed: it dies with the burst.
  [[nodiscard]] tally::Drop decode(LinkType link, const Frame& frame, Segment& segment);

  // The segments of the last burst are done with.
  void begin_burst() { fragments_.begin_burst(); }

  // Whether the next frame may complete more datagrams than there is room for, one in each tunnel:
  // begin a new burst first, so that the fate of a frame never depends on the size of bursts.
  bool crowded() const { return fragments_.room() < kMaxDatagram * (limits_.tunnel_depth + 1); }

  // Octets of room for whole datagrams that are enough for any frame, and then some.
  static constexpr std::size_t kRoom = std::size_t{1} << 20;
  static_assert(kRoom > kMaxDatagram * (kMaxTunnelDepth + 1));

  // Lets unfinished datagrams grow old.
  void age(Tick now, std::uint32_t budget) { fragments_.age(now, budget); }

 private:
  const Limits limits_;
  Fragments& fragments_;
  const Common common_;
  Tick now_;
};

}  // namespace mailglass::wire
