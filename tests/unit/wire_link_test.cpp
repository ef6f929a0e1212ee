// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include "decode_exactly.h"

namespace mailglass::test {
namespace {

using wire::LinkType;

Packet quit() { return Packet().tcp(40000, 25).flags(wire::kPsh | wire::kAck).payload("QUIT\r\n"); }

// Written down octet by octet, so that the builder and the decoder can't share a mistake.
TEST(WireLink, ReadsAnEthernetFrameByHand) {
  const Octets frame = from_hex(R"(
      00 1b 21 aa bb cc  00 1b 21 dd ee ff  08 00     # to, from, IPv4
      45 00 00 2e 00 01 40 00 40 06 00 00             # 46 octets, TCP
      c0 00 02 01  c6 33 64 02                        # 192.0.2.1 -> 198.51.100.2
      9c 40 00 19  00 00 03 e8  00 00 07 d0           # 40000 -> 25, seq 1000, ack 2000
      50 18 01 f6  00 00 00 00                        # 5 words, PSH ACK, window 502
      51 55 49 54 0d 0a                               # QUIT
  )");
  const Decoded decoded = decode_exactly(frame);
  const wire::Segment& segment = decoded.segment;
  ASSERT_EQ(decoded.drop, "none");
  const std::uint8_t from[] = {192, 0, 2, 1}, to[] = {198, 51, 100, 2};
  EXPECT_EQ(segment.source, Address::v4(from));
  EXPECT_EQ(segment.destination, Address::v4(to));
  EXPECT_EQ(segment.source_port, 40000);
  EXPECT_EQ(segment.destination_port, 25);
  EXPECT_EQ(segment.seq.raw(), 1000u);
  EXPECT_EQ(segment.ack.raw(), 2000u);
  EXPECT_EQ(segment.flags, wire::kPsh | wire::kAck);
  EXPECT_EQ(segment.window, 502);
  EXPECT_EQ(segment.length, 6u);
  EXPECT_EQ(decoded.payload(), "QUIT\r\n");
  EXPECT_EQ(segment.time, Tick{42});
  EXPECT_FALSE(segment.ipv6);
  EXPECT_EQ(segment.lane, wire::Lane{});
  ASSERT_EQ(segment.ether, decoded.buffer.get());
  EXPECT_EQ(segment.ether[0], 0x00);
  EXPECT_EQ(segment.ether[11], 0xff);
}

TEST(WireLink, ReadsEveryLinkTypeWithBothIpVersions) {
  struct Row {
    LinkType link;
    Packet packet;
  };
  const Row rows[] = {
      {LinkType::kEthernet, quit().ethernet()},
      {LinkType::kLinuxSll, quit().linux_sll()},
      {LinkType::kLinuxSll2, quit().linux_sll2()},
      {LinkType::kRaw, quit().raw()},
      {LinkType::kNull, quit().null()},
      {LinkType::kNull, quit().null_big_endian()},
      {LinkType::kLoop, quit().loop()},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(static_cast<int>(row.link));
    const Decoded v4 = decode_exactly(row.packet, row.link);
    EXPECT_EQ(v4.drop, "none");
    EXPECT_EQ(v4.payload(), "QUIT\r\n");
    EXPECT_FALSE(v4.segment.ipv6);
    EXPECT_EQ(v4.segment.ether != nullptr, row.link == LinkType::kEthernet);

    const Decoded v6 =
        decode_exactly(Packet(row.packet).ipv6("2001:db8::1", "2001:db8::2"), row.link);
    EXPECT_EQ(v6.drop, "none");
    EXPECT_EQ(v6.payload(), "QUIT\r\n");
    EXPECT_TRUE(v6.segment.ipv6);
    EXPECT_EQ(v6.segment.destination.octet[15], 2);
  }
}

TEST(WireLink, LoopbackKnowsTheIpv6FamilyOfEverySystem) {
  for (const unsigned family : {10u, 24u, 28u, 30u}) {
    SCOPED_TRACE(family);
    const Packet packet = quit().ipv6("::1", "::1");
    EXPECT_EQ(decode_exactly(Packet(packet).null(family), LinkType::kNull).drop, "none");
    EXPECT_EQ(decode_exactly(Packet(packet).null_big_endian(family), LinkType::kNull).drop, "none");
    EXPECT_EQ(decode_exactly(Packet(packet).loop(family), LinkType::kLoop).drop, "none");
  }
}

TEST(WireLink, LoopbackOfAnotherFamilyIsUnknown) {
  for (const unsigned family : {0x00010002u, 7u, 0x02000000u}) {
    SCOPED_TRACE(family);
    EXPECT_EQ(decode_exactly(quit().loop(family), LinkType::kLoop).drop, "link_unknown");
  }
  EXPECT_EQ(decode_exactly(quit().null(7), LinkType::kNull).drop, "link_unknown");
  EXPECT_EQ(decode_exactly(quit().null(0x00010002), LinkType::kNull).drop, "link_unknown");
}

TEST(WireLink, KeepsTwoVlansOuterFirst) {
  const Decoded one = decode_exactly(quit().vlan(100));
  EXPECT_EQ(one.drop, "none");
  EXPECT_EQ(one.segment.lane.vlans, 1);
  EXPECT_EQ(one.segment.lane.vlan[0], 100);

  for (const unsigned outer : {0x8100u, 0x88a8u, 0x9100u}) {
    SCOPED_TRACE(outer);
    const Decoded two = decode_exactly(quit().vlan(4095, outer, 5).vlan(1));
    EXPECT_EQ(two.drop, "none");
    EXPECT_EQ(two.segment.lane.vlans, 2);
    EXPECT_EQ(two.segment.lane.vlan[0], 4095);
    EXPECT_EQ(two.segment.lane.vlan[1], 1);
    EXPECT_EQ(two.payload(), "QUIT\r\n");
  }
}

TEST(WireLink, ReadsVlansInCookedCaptures) {
  const Decoded v1 = decode_exactly(quit().linux_sll().vlan(5), LinkType::kLinuxSll);
  EXPECT_EQ(v1.drop, "none");
  EXPECT_EQ(v1.segment.lane.vlan[0], 5);
  const Decoded v2 = decode_exactly(quit().linux_sll2().vlan(5).vlan(6), LinkType::kLinuxSll2);
  EXPECT_EQ(v2.drop, "none");
  EXPECT_EQ(v2.segment.lane.vlan[1], 6);
}

TEST(WireLink, APriorityTagIsNoVlan) {
  const Decoded alone = decode_exactly(quit().vlan(0, 0x8100, 7));
  EXPECT_EQ(alone.drop, "none");
  EXPECT_EQ(alone.segment.lane, wire::Lane{});

  const Decoded inside = decode_exactly(quit().vlan(0, 0x8100, 7).vlan(9));
  EXPECT_EQ(inside.drop, "none");
  EXPECT_EQ(inside.segment.lane.vlans, 1);
  EXPECT_EQ(inside.segment.lane.vlan[0], 9);
}

TEST(WireLink, KeepsThreeVlans) {
  const Decoded three = decode_exactly(quit().vlan(30, 0x88a8).vlan(20).vlan(10));
  EXPECT_EQ(three.drop, "none");
  EXPECT_EQ(three.segment.lane, (wire::Lane{{30, 20, 10}, 3, 0, 0}));
}

TEST(WireLink, AFourthTagIsTooMany) {
  EXPECT_EQ(decode_exactly(quit().vlan(1).vlan(2).vlan(3).vlan(4)).drop, "vlan_too_many");
  EXPECT_EQ(decode_exactly(quit().vlan(0).vlan(0).vlan(0).vlan(0)).drop, "vlan_too_many");
}

TEST(WireLink, TheLaneOfTheLastFrameIsForgotten) {
  const Octets tagged = quit().vlan(3).vlan(4).frame();
  const Octets plain = quit().frame();
  wire::Segment segment;
  WireRig rig;
  ASSERT_EQ(rig.decode(LinkType::kEthernet, {tagged, {}}, segment), tally::Drop::none);
  ASSERT_EQ(rig.decode(LinkType::kEthernet, {plain, {}}, segment), tally::Drop::none);
  EXPECT_EQ(segment.lane, wire::Lane{});
}

TEST(WireLink, OtherEtherTypesAreUnknown) {
  for (const unsigned type : {0x0806u,           // ARP
                              0x88ccu,           // LLDP
                              0x8863u,           // PPPoE discovery
                              0x05dcu, 0x0026u,  // 802.3 lengths: LLC follows
                              0x0008u}) {        // IPv4's, swapped
    SCOPED_TRACE(type);
    EXPECT_EQ(decode_exactly(quit().ether_type(type)).drop, "link_unknown");
    EXPECT_EQ(decode_exactly(quit().vlan(1).ether_type(type)).drop, "link_unknown");
    EXPECT_EQ(decode_exactly(quit().linux_sll().ether_type(type), LinkType::kLinuxSll).drop,
              "link_unknown");
  }
}

TEST(WireLink, AnEmptyFrameIsShort) {
  for (const LinkType link : {LinkType::kEthernet, LinkType::kLinuxSll, LinkType::kLinuxSll2,
                              LinkType::kNull, LinkType::kLoop}) {
    EXPECT_EQ(decode_exactly(Octets{}, link).drop, "link_short");
  }
  EXPECT_EQ(decode_exactly(Octets{}, LinkType::kRaw).drop, "ip_short");  // no link header at all
}

}  // namespace
}  // namespace mailglass::test
