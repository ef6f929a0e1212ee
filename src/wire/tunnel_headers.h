// SPDX-License-Identifier: BSD-3-Clause
// Drawings of the headers between an outer and an inner packet, as headers.h has the others'.
#pragma once

#include "base/bytes.h"

namespace mailglass::wire {

// RFC 3032 section 2.1: 20 bits of label, 3 of traffic class, the bottom of the stack, 8 of TTL.
struct MplsLabel {
  be32 entry;
};
constexpr std::uint32_t kBottomOfStack = 0x100;

// RFC 2516 section 4, and the protocol of the PPP frame behind it.
struct PppoeHeader {
  std::uint8_t version_and_type;  // 1 and 1
  std::uint8_t code;              // 0: session data
  be16 session;
  be16 length;  // of what follows, the protocol among it
  be16 protocol;
};

// RFC 2784, with the flags of RFC 2890. Checksum, key and sequence number follow as flagged.
struct GreHeader {
  be16 flags_and_version;
  be16 protocol;  // an EtherType
};
enum GreFlag : std::uint16_t {
  kGreChecksum = 0x8000,
  kGreRouting = 0x4000,  // RFC 1701 only
  kGreKey = 0x2000,
  kGreSequence = 0x1000,
  kGreVersion = 0x0007,
};

// draft-foschiano-erspan-03 section 4.2: type II.
struct ErspanHeader {
  be16 version_and_vlan;  // 4 bits: 1
  be16 session;           // the lower 10 bits
  be32 index;
};

// Section 4.3: type III.
struct Erspan3Header {
  be16 version_and_vlan;  // 4 bits: 2
  be16 session;
  be32 timestamp;
  be16 group_tag;
  be16 kind;  // frame type in bits 10..14 counted from the left as 1..5; the last: a subheader
};
constexpr std::uint16_t kErspanFrameType = 0x7c00;
constexpr std::uint16_t kErspanSubheader = 0x0001;  // 8 more octets

// RFC 768.
struct UdpHeader {
  be16 source_port;
  be16 destination_port;
  be16 length;
  be16 checksum;
};

// RFC 7348 section 5.
struct VxlanHeader {
  std::uint8_t flags;
  std::uint8_t reserved[3];
  be32 network;  // the upper 24 bits
};
constexpr std::uint8_t kVxlanHasNetwork = 0x08;

// RFC 8926 section 3.4. Options follow.
struct GeneveHeader {
  std::uint8_t version_and_length;  // 2 bits: 0; 6 bits: words of 4 octets of options
  std::uint8_t flags;
  be16 protocol;  // an EtherType
  be32 network;   // the upper 24 bits
};

static_assert(sizeof(PppoeHeader) == 8 && sizeof(GreHeader) == 4 && sizeof(ErspanHeader) == 8);
static_assert(sizeof(Erspan3Header) == 12 && sizeof(UdpHeader) == 8);
static_assert(sizeof(VxlanHeader) == 8 && sizeof(GeneveHeader) == 8);

}  // namespace mailglass::wire
