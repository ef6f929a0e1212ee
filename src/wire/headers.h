// SPDX-License-Identifier: BSD-3-Clause
// Drawings of the headers as they lie in a frame, and the registered numbers found in them.
// Every member has alignment 1, so a drawing fits any address (`overlay`, base/bytes.h).
#pragma once

#include "base/bytes.h"

namespace mailglass::wire {

// IEEE 802 numbers, "EtherType". Unscoped, as all here: compared with integers from the wire.
enum EtherType : std::uint16_t {
  kTypeIpv4 = 0x0800,
  kTypeArp = 0x0806,
  kTypeEthernet = 0x6558,  // "transparent Ethernet bridging", inside GRE and GENEVE
  kTypeVlan = 0x8100,      // 802.1Q customer tag
  kTypeIpv6 = 0x86dd,
  kTypeMpls = 0x8847,
  kTypeMplsUpstream = 0x8848,  // RFC 5332
  kTypePppoe = 0x8864,         // the session stage; discovery (0x8863) carries no IP
  kTypeErspan = 0x88be,        // type I or II, inside GRE
  kTypeErspan3 = 0x22eb,
  kTypeServiceVlan = 0x88a8,  // 802.1ad service tag
  kTypeOldQinq = 0x9100,      // stacked tags before 802.1ad; still a default of some switches
};

// IANA "Assigned Internet Protocol Numbers".
enum IpProtocol : std::uint8_t {
  kHopByHop = 0,  // IPv6 only
  kIcmp = 1,
  kIpInIp = 4,  // RFC 2003
  kTcp = 6,
  kUdp = 17,
  kIpv6InIp = 41,  // RFC 4213
  kRouting = 43,
  kFragment = 44,
  kGre = 47,  // RFC 2784
  kAuthentication = 51,
  kIcmpv6 = 58,
  kDestinationOptions = 60,
  kEtherIp = 97,       // RFC 3378
  kL2tp = 115,         // RFC 3931
  kMplsInIp = 137,     // RFC 4023
  kEthernetIn6 = 143,  // RFC 8986
};

// IANA "Service Name and Transport Protocol Port Number".
enum TunnelPort : std::uint16_t {
  kPortVxlan = 4789,
  kPortGeneve = 6081,
};

// IANA "Point-to-Point Protocol Field Assignments".
enum PppProtocol : std::uint16_t {
  kPppIpv4 = 0x0021,
  kPppIpv6 = 0x0057,
};

// The address families a BSD loopback capture may carry (LINKTYPE_NULL, LINKTYPE_LOOP).
enum AddressFamily : std::uint32_t {
  kFamilyIpv4 = 2,
  kFamilyIpv6Linux = 10,
  kFamilyIpv6NetBsd = 24,
  kFamilyIpv6FreeBsd = 28,
  kFamilyIpv6Darwin = 30,
};

struct EthernetHeader {
  std::uint8_t destination[6];
  std::uint8_t source[6];
  be16 type;
};

// What follows a tag's own type: priority, drop eligibility and 12 bits of VLAN identifier.
struct VlanTag {
  be16 control;
  be16 type;
};

struct LinuxSllHeader {
  be16 packet_type;
  be16 device_type;
  be16 address_octets;
  std::uint8_t address[8];
  be16 type;
};

struct LinuxSll2Header {
  be16 type;
  be16 reserved;
  be32 interface;
  be16 device_type;
  std::uint8_t packet_type;
  std::uint8_t address_octets;
  std::uint8_t address[8];
};

struct LoopbackHeader {
  be32 family;
};

// RFC 791 section 3.1.
struct Ipv4Header {
  std::uint8_t version_and_length;
  std::uint8_t service;
  be16 total_length;
  be16 identification;
  be16 flags_and_offset;
  std::uint8_t time_to_live;
  std::uint8_t protocol;
  be16 checksum;
  std::uint8_t source[4];
  std::uint8_t destination[4];
};

// RFC 8200 section 3.
struct Ipv6Header {
  be32 version_class_flow;
  be16 payload_length;
  std::uint8_t next_header;
  std::uint8_t hop_limit;
  std::uint8_t source[16];
  std::uint8_t destination[16];
};

// The first 8 octets of any extension header walked here; the fragment header (RFC 8200 section
// 4.5) has its offset and M flag where the others have options.
struct Ipv6Extension {
  std::uint8_t next_header;
  std::uint8_t length;  // units of 8 octets beyond the first 8; AH counts 4-octet words, less 2
  be16 fragment_offset_and_more;
  std::uint8_t rest[4];
};

// RFC 9293 section 3.1.
struct TcpHeader {
  be16 source_port;
  be16 destination_port;
  be32 seq;
  be32 ack;
  std::uint8_t data_offset;  // words of 4 octets, in the upper half
  std::uint8_t flags;
  be16 window;
  be16 checksum;
  be16 urgent_pointer;
};

static_assert(sizeof(EthernetHeader) == 14 && sizeof(VlanTag) == 4);
static_assert(sizeof(LinuxSllHeader) == 16 && sizeof(LinuxSll2Header) == 20);
static_assert(sizeof(Ipv4Header) == 20 && sizeof(Ipv6Header) == 40 && sizeof(Ipv6Extension) == 8);
static_assert(sizeof(TcpHeader) == 20);

}  // namespace mailglass::wire
