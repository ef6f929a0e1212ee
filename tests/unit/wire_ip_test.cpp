// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include "decode_exactly.h"

namespace mailglass::test {
namespace {

using wire::LinkType;

Packet v4() { return Packet().ipv4("192.0.2.1", "192.0.2.2").payload("NOOP\r\n"); }
Packet v6() { return Packet().ipv6("2001:db8::1", "2001:db8::2").payload("NOOP\r\n"); }

// Extension headers without their next-header octet.
const Octets kOptions8 = {0, 1, 4, 0, 0, 0, 0};  // length 0: 8 octets, PadN
const Octets kOptions16 = {1, 1, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
const Octets kAuthentication16 = {2, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 9, 9, 9, 9};  // 4-octet ICV
Octets fragment(unsigned offset_octets, bool more) {
  const unsigned field = offset_octets | (more ? 1u : 0u);
  return {0, static_cast<std::uint8_t>(field >> 8), static_cast<std::uint8_t>(field), 0, 0, 0, 1};
}

TEST(WireIpv4, StepsOverOptions) {
  for (std::size_t octets = 4; octets <= 40; octets += 4) {
    const Decoded decoded = decode_exactly(v4().ip_options(Octets(octets, 1)));
    EXPECT_EQ(decoded.drop, "none");
    EXPECT_EQ(decoded.payload(), "NOOP\r\n");
    EXPECT_EQ(decoded.segment.length, 6u);
  }
}

TEST(WireIpv4, CutsEthernetPaddingOff) {
  const Decoded decoded = decode_exactly(Packet().payload("").pad_to(60));
  EXPECT_EQ(decoded.drop, "none");
  EXPECT_EQ(decoded.segment.length, 0u);
  EXPECT_TRUE(decoded.segment.payload.empty());
  EXPECT_EQ(decode_exactly(v4().pad_to(64)).payload(), "NOOP\r\n");
}

TEST(WireIpv4, TotalLengthZeroIsTheRestOfTheFrame) {
  const Decoded decoded = decode_exactly(v4().ip_length(0));
  EXPECT_EQ(decoded.drop, "none");
  EXPECT_EQ(decoded.payload(), "NOOP\r\n");
  EXPECT_EQ(decoded.segment.length, 6u);

  const std::string big(70000, 'x');  // more than the field could say
  const Decoded offloaded = decode_exactly(Packet().payload(big).ip_length(0));
  EXPECT_EQ(offloaded.drop, "none");
  EXPECT_EQ(offloaded.segment.length, 70000u);
}

TEST(WireIpv4, DeclaredLengthOutlivesTheSnapLength) {
  const Packet packet = Packet().payload("DATA and more");
  const Decoded decoded = decode_exactly(Packet(packet).snap(packet.tcp_at() + 20 + 4));
  EXPECT_EQ(decoded.drop, "none");
  EXPECT_EQ(decoded.payload(), "DATA");
  EXPECT_EQ(decoded.segment.length, 13u);
}

TEST(WireIpv4, RefusesLengthsThatContradictEachOther) {
  EXPECT_EQ(decode_exactly(v4().header_length(4)).drop, "ip_header_length");
  EXPECT_EQ(decode_exactly(v4().header_length(0)).drop, "ip_header_length");
  EXPECT_EQ(decode_exactly(v4().header_length(15).ip_length(59)).drop, "ip_header_length");
  EXPECT_EQ(decode_exactly(v4().ip_length(19)).drop, "ip_total_length");
  EXPECT_EQ(decode_exactly(v4().ip_length(1)).drop, "ip_total_length");
  EXPECT_EQ(decode_exactly(v4().ip_length(20)).drop, "ip_total_length");  // no room for TCP
  EXPECT_EQ(decode_exactly(v4().ip_length(39)).drop, "ip_total_length");
  EXPECT_EQ(decode_exactly(v4().ip_length(40)).drop, "none");
}

TEST(WireIpv4, VersionMustMatchTheLink) {
  for (unsigned version = 0; version < 16; ++version) {
    SCOPED_TRACE(version);
    const std::string expected = version == 4 ? "none" : "ip_version";
    EXPECT_EQ(decode_exactly(v4().ip_version(version)).drop, expected);
    if (version != 6) {
      EXPECT_EQ(decode_exactly(v4().raw().ip_version(version), LinkType::kRaw).drop, expected);
    }
  }
}

TEST(WireIpv4, DontFragmentIsNoFragment) {
  EXPECT_EQ(decode_exactly(v4().fragment(0, false)).drop, "none");
  EXPECT_EQ(decode_exactly(v4()).drop, "none");
}

TEST(WireIp, NamesWhatIsNotTcp) {
  struct Row {
    unsigned protocol;
    const char* drop;
  };
  const Row rows[] = {
      {17, "udp"},
      {1, "icmp"},
      {58, "icmp"},
      {97, "tunnel_unknown"},
      {115, "tunnel_unknown"},
      {137, "tunnel_unknown"},
      {143, "tunnel_unknown"},
      {2, "not_tcp"},
      {132, "not_tcp"},
      {50, "not_tcp"},
      {135, "not_tcp"},
      {59, "not_tcp"},
      {255, "not_tcp"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.protocol);
    EXPECT_EQ(decode_exactly(v4().protocol(row.protocol)).drop, row.drop);
    EXPECT_EQ(decode_exactly(v6().protocol(row.protocol)).drop, row.drop);
    EXPECT_EQ(decode_exactly(v6().extension(60, kOptions8).protocol(row.protocol)).drop, row.drop);
  }
  for (const unsigned only_ipv6 : {0u, 43u, 44u, 51u, 60u}) {
    SCOPED_TRACE(only_ipv6);
    EXPECT_EQ(decode_exactly(v4().protocol(only_ipv6)).drop, "not_tcp");
  }
}

TEST(WireIpv6, KeepsWholeAddressesAndCutsPadding) {
  const Decoded decoded = decode_exactly(v6().pad_to(100));
  const Octets source = from_hex("20010db8 00000000 00000000 00000001");
  EXPECT_EQ(decoded.drop, "none");
  EXPECT_TRUE(decoded.segment.ipv6);
  EXPECT_EQ(decoded.segment.source, Address::v6(source.data()));
  EXPECT_EQ(decoded.payload(), "NOOP\r\n");
  EXPECT_EQ(decode_exactly(v6().ip_version(4)).drop, "ip_version");
}

TEST(WireIpv6, WalksExtensionHeaders) {
  const Packet packet = v6().extension(0, kOptions8)
                            .extension(60, kOptions16)
                            .extension(43, kOptions8)
                            .extension(44, fragment(0, false))
                            .extension(51, kAuthentication16)
                            .extension(60, kOptions8);
  const Decoded decoded = decode_exactly(packet);
  EXPECT_EQ(decoded.drop, "none");
  EXPECT_EQ(decoded.payload(), "NOOP\r\n");
  EXPECT_EQ(decoded.segment.length, 6u);
}

TEST(WireIpv6, EightExtensionHeadersAreTheMost) {
  Packet packet = v6();
  for (int i = 0; i < 8; ++i) packet.extension(60, kOptions8);
  EXPECT_EQ(decode_exactly(packet).drop, "none");
  EXPECT_EQ(decode_exactly(packet.extension(60, kOptions8)).drop, "ip6_extension");
}

TEST(WireIpv6, HopByHopComesFirstOrNotAtAll) {
  const Packet packet = v6().extension(60, kOptions8).extension(0, kOptions8);
  EXPECT_EQ(decode_exactly(packet).drop, "ip6_extension");
}

TEST(WireIpv6, AnExtensionHeaderStaysInsideThePacket) {
  Octets far = kOptions8;
  far[0] = 255;  // 2048 octets
  EXPECT_EQ(decode_exactly(v6().extension(60, far)).drop, "ip6_extension");
  EXPECT_EQ(decode_exactly(v6().extension(60, far).ip_length(9000)).drop, "ip_short");  // snapped
  EXPECT_EQ(decode_exactly(v6().extension(60, kOptions8).ip_length(7)).drop, "ip6_extension");
  EXPECT_EQ(decode_exactly(v6().extension(60, kOptions16).ip_length(8)).drop, "ip6_extension");
}

TEST(WireIpv6, OnlyAnAtomicFragmentIsWhole) {  // RFC 6946
  EXPECT_EQ(decode_exactly(v6().extension(44, fragment(0, false))).payload(), "NOOP\r\n");
  const Packet whole_units = v6().payload("12345678901234567890123456789012").pad_to(0);
  EXPECT_EQ(decode_exactly(v6().extension(44, fragment(8, false))).drop, "fragment_held");
  EXPECT_EQ(
      decode_exactly(Packet(whole_units).tcp_options(Octets(4, 1)).extension(44, fragment(0, true)))
          .drop,
      "fragment_held");
  Octets reserved_bits = fragment(0, false);
  reserved_bits[2] |= 0x06;  // ignored on reception (RFC 8200 section 4.5)
  EXPECT_EQ(decode_exactly(v6().extension(44, reserved_bits)).drop, "none");
}

TEST(WireIpv6, PayloadLengthZeroIsTheRestOfTheFrame) {
  EXPECT_EQ(decode_exactly(v6().ip_length(0)).payload(), "NOOP\r\n");  // offloaded

  const std::string big(70000, 'x');
  const Octets jumbo = {0, 0xc2, 4, 0, 0x01, 0x11, 0x8c};  // RFC 2675: 70028 octets
  const Decoded decoded =
      decode_exactly(Packet(v6()).extension(0, jumbo).payload(big).ip_length(0));
  EXPECT_EQ(decoded.drop, "none");
  EXPECT_EQ(decoded.segment.length, 70000u);
}

TEST(WireIpv6, PayloadLengthMustHoldATcpHeader) {
  EXPECT_EQ(decode_exactly(v6().ip_length(19)).drop, "ip_total_length");
  EXPECT_EQ(decode_exactly(v6().ip_length(20)).drop, "none");
  EXPECT_EQ(decode_exactly(v6().extension(60, kOptions8).ip_length(27)).drop, "ip_total_length");
}

}  // namespace
}  // namespace mailglass::test
