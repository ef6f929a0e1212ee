// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include "decode_exactly.h"
#include "tests/support/tunnels.h"

namespace mailglass::test {
namespace {

using wire::Lane;
using wire::LinkType;

Packet inner() {
  return Packet().ipv4("10.0.0.1", "10.0.0.2").tcp(40000, 25).flags(0x18).payload("QUIT\r\n");
}
Packet inner6() { return inner().ipv6("fd00::1", "fd00::2"); }
Packet outer() { return Packet().ipv4("198.51.100.1", "198.51.100.2"); }
Packet outer6() { return Packet().ipv6("2001:db8::1", "2001:db8::2"); }

// The inner packet as it stands in a tunnel that carries IP.
Octets ip(const Packet& packet) { return Packet(packet).raw().frame(); }

Address address(const char* hex) { return Address::v4(from_hex(hex).data()); }

// Every test of a kind ends here: the inner segment came out, and the tunnel is described.
void expect_inner(const Packet& packet, TunnelType type, std::optional<std::uint32_t> id,
                  bool ends = true) {
  SCOPED_TRACE(name_of(type));
  const Decoded decoded = decode_exactly(packet);
  const wire::Tunnel& tunnel = decoded.segment.tunnel;
  ASSERT_EQ(decoded.drop, "none");
  EXPECT_EQ(decoded.payload(), "QUIT\r\n");
  EXPECT_EQ(decoded.segment.destination_port, 25);
  EXPECT_EQ(decoded.segment.source.octet[15], 1);
  EXPECT_EQ(decoded.segment.destination.octet[15], 2);
  EXPECT_EQ(decoded.segment.checksum, wire::Checksum::good);
  EXPECT_EQ(tunnel.type, type);
  EXPECT_EQ(tunnel.has_id, id.has_value());
  EXPECT_EQ(tunnel.id, id.value_or(0));
  ASSERT_EQ(tunnel.ends != nullptr, ends);
  if (!ends) return;
  EXPECT_EQ(tunnel.source().octet[15], 1);
  EXPECT_EQ(tunnel.destination().octet[15], 2);
  if (tunnel.ipv6) return;
  EXPECT_EQ(tunnel.source(), address("c6 33 64 01"));
}

TEST(WireTunnel, OpensIpInIpOfEveryKind) {
  expect_inner(outer().carry(4, ip(inner())), TunnelType::ip_in_ip, {});
  expect_inner(outer().carry(41, ip(inner6())), TunnelType::six_in_4, {});
  expect_inner(outer6().carry(4, ip(inner())), TunnelType::four_in_6, {});
  expect_inner(outer6().carry(41, ip(inner6())), TunnelType::ip_in_ip, {});
  expect_inner(outer6().extension(60, {0, 1, 4, 0, 0, 0, 0}).carry(4, ip(inner())),
               TunnelType::four_in_6, {});
}

TEST(WireTunnel, OpensGreWithEveryFlag) {
  for (const bool checksum : {false, true}) {
    for (const bool key : {false, true}) {
      for (const bool sequence : {false, true}) {
        const unsigned flags =
            (checksum ? 0x8000u : 0u) | (key ? 0x2000u : 0u) | (sequence ? 0x1000u : 0u);
        const Octets fields = joined({word(0xabcd0000, checksum ? 4 : 0),
                                      word(0xdeadbeef, key ? 4 : 0), word(99, sequence ? 4 : 0)});
        std::optional<std::uint32_t> id;
        if (key) id = 0xdeadbeef;
        expect_inner(outer().carry(47, gre(flags, 0x0800, fields, ip(inner()))), TunnelType::gre,
                     id);
        expect_inner(outer6().carry(47, gre(flags, 0x86dd, fields, ip(inner6()))), TunnelType::gre,
                     id);
        expect_inner(outer().carry(47, gre(flags, 0x6558, fields, inner().frame())),
                     TunnelType::gre, id);
      }
    }
  }
}

TEST(WireTunnel, OpensErspan) {
  expect_inner(outer().carry(47, erspan1(inner().frame())), TunnelType::erspan, {});
  expect_inner(outer().carry(47, erspan2(0x3ff, inner().frame())), TunnelType::erspan, 0x3ff);
  expect_inner(outer().carry(47, erspan2(0xfc05, inner().frame())), TunnelType::erspan, 5);
  expect_inner(outer().carry(47, erspan3(17, inner().vlan(9).frame())), TunnelType::erspan, 17);
  expect_inner(outer().carry(47, erspan3(17, inner().frame(), 0, true)), TunnelType::erspan, 17);
  expect_inner(outer().carry(47, erspan3(17, ip(inner()), 2)), TunnelType::erspan, 17);
  EXPECT_EQ(decode_exactly(outer().carry(47, erspan3(17, ip(inner()), 3))).drop, "tunnel_unknown");
  Octets version = erspan2(1, inner().frame());
  version[8] = 0x20;
  EXPECT_EQ(decode_exactly(outer().carry(47, version)).drop, "tunnel_malformed");
}

TEST(WireTunnel, OpensVxlanAndGeneve) {
  expect_inner(outer().carry(17, vxlan(0xfffffe, inner().frame())), TunnelType::vxlan, 0xfffffe);
  expect_inner(outer6().carry(17, vxlan(0, inner6().frame())), TunnelType::vxlan, 0);
  expect_inner(outer().carry(17, vxlan(7, inner().frame(), 8472)), TunnelType::vxlan, 7);
  expect_inner(outer().carry(17, geneve(9, 0x6558, inner().frame())), TunnelType::geneve, 9);
  expect_inner(outer().carry(17, geneve(9, 0x0800, ip(inner()), Octets(252, 1))),
               TunnelType::geneve, 9);
  expect_inner(outer().carry(17, geneve(9, 0x86dd, ip(inner6()), Octets(4, 1))), TunnelType::geneve,
               9);
  EXPECT_EQ(decode_exactly(outer().carry(17, geneve(9, 0x0806, ip(inner())))).drop,
            "tunnel_unknown");
}

TEST(WireTunnel, UdpThatIsNoTunnelIsUdp) {
  Octets flag = vxlan(7, inner().frame());
  flag[8] = 0;
  EXPECT_EQ(decode_exactly(outer().carry(17, flag)).drop, "udp");
  Octets version = geneve(9, 0x6558, inner().frame());
  version[8] = 0x40;
  EXPECT_EQ(decode_exactly(outer().carry(17, version)).drop, "udp");
  EXPECT_EQ(decode_exactly(outer().carry(17, vxlan(7, inner().frame(), 53))).drop, "udp");
  EXPECT_EQ(decode_exactly(outer().carry(17, {1, 2, 3})).drop, "udp");
  wire::Limits limits = small_wire();
  limits.vxlan_port = 53;
  EXPECT_EQ(
      decode_exactly(outer().carry(17, vxlan(7, inner().frame(), 53)), LinkType::kEthernet, limits)
          .drop,
      "none");
}

TEST(WireTunnel, OpensLabelStacks) {
  expect_inner(inner().shim(0x8847, labels({16})), TunnelType::mpls, 16, false);
  expect_inner(inner6().shim(0x8848, labels({16, 0xfffff})), TunnelType::mpls, 0xfffff, false);
  expect_inner(inner().vlan(3).shim(0x8847, labels({1, 2, 3})), TunnelType::mpls, 3, false);
  // Pseudowires. The MAC of a test frame begins with 02: only its type tells it from a control
  // word.
  const Octets ethernet = inner().frame();
  Packet plain = Packet().shim(0x8847, joined({labels({20, 21}), ethernet}));
  expect_inner(plain, TunnelType::mpls, 21, false);
  Packet controlled = Packet().shim(0x8847, joined({labels({20, 21}), word(5, 4), ethernet}));
  expect_inner(controlled, TunnelType::mpls, 21, false);
  Octets high = ethernet;
  high[0] = 0xf2;
  expect_inner(Packet().shim(0x8847, joined({labels({20}), high})), TunnelType::mpls, 20, false);
  expect_inner(outer().carry(47, gre(0, 0x8847, {}, joined({labels({20}), ip(inner())}))),
               TunnelType::mpls, 20);
}

TEST(WireTunnel, LabelsOfOtherThings) {
  EXPECT_EQ(decode_exactly(Packet().shim(0x8847, joined({labels({20}), Octets(40, 0x10)}))).drop,
            "tunnel_unknown");  // an associated channel (RFC 5586)
  EXPECT_EQ(decode_exactly(Packet().shim(0x8847, joined({labels({20}), Octets(40, 0x00)}))).drop,
            "tunnel_unknown");
  Octets endless;
  for (int i = 0; i < 16; ++i) endless = joined({endless, word(0x1040, 4)});
  EXPECT_EQ(decode_exactly(inner().shim(0x8847, joined({endless, labels({1})}))).drop,
            "tunnel_depth");
  endless.resize(15 * 4);
  EXPECT_EQ(decode_exactly(inner().shim(0x8847, joined({endless, labels({1})}))).drop, "none");
}

TEST(WireTunnel, OpensPppoeSessions) {
  const std::size_t octets = ip(inner()).size();
  expect_inner(inner().shim(0x8864, pppoe(0x1234, octets)), TunnelType::pppoe, 0x1234, false);
  expect_inner(inner6().shim(0x8864, pppoe(1, ip(inner6()).size(), 0x0057)), TunnelType::pppoe, 1,
               false);
  EXPECT_EQ(decode_exactly(inner().shim(0x8864, pppoe(1, octets, 0xc021))).drop, "tunnel_unknown");
  EXPECT_EQ(decode_exactly(inner().shim(0x8864, pppoe(1, octets - 1))).drop, "ip_total_length");
  for (const std::size_t at : {0u, 1u}) {
    Octets header = pppoe(1, octets);
    header[at] ^= 1;
    EXPECT_EQ(decode_exactly(inner().shim(0x8864, header)).drop, "tunnel_malformed");
  }
  Octets length = pppoe(1, octets);
  length[4] = 0;
  length[5] = 1;
  EXPECT_EQ(decode_exactly(inner().shim(0x8864, length)).drop, "tunnel_malformed");
}

TEST(WireTunnel, GreOfOtherVersionsIsNotOpened) {
  EXPECT_EQ(decode_exactly(outer().carry(47, gre(0x2001, 0x880b, word(0, 4), {}))).drop,
            "tunnel_unknown");  // PPTP
  EXPECT_EQ(decode_exactly(outer().carry(47, gre(0x4000, 0x0800, word(0, 4), ip(inner())))).drop,
            "tunnel_unknown");  // RFC 1701
  EXPECT_EQ(decode_exactly(outer().carry(47, gre(0, 0x0806, {}, ip(inner())))).drop,
            "tunnel_unknown");
}

// An inner length is bounded by the outer one, whatever else is in the frame.
TEST(WireTunnel, AnInnerPacketStaysInsideTheOuterOne) {
  const Octets content = ip(inner());
  EXPECT_EQ(decode_exactly(outer().carry(4, content).pad_to(200)).drop, "none");
  const auto shortened = static_cast<unsigned>(20 + content.size() - 1);
  EXPECT_EQ(decode_exactly(outer().carry(4, content).ip_length(shortened)).drop, "ip_total_length");
  EXPECT_EQ(decode_exactly(outer().carry(4, Octets(19))).drop, "ip_total_length");
  EXPECT_EQ(decode_exactly(outer6().carry(41, Octets(39))).drop, "ip_total_length");
  EXPECT_EQ(decode_exactly(outer().carry(47, Octets(3))).drop, "ip_total_length");
  Octets udp_length = vxlan(7, inner().frame());
  udp_length[4] = 0xff;
  EXPECT_EQ(decode_exactly(outer().carry(17, udp_length)).drop, "tunnel_malformed");
  udp_length[4] = 0;
  udp_length[5] = 7;
  EXPECT_EQ(decode_exactly(outer().carry(17, udp_length)).drop, "tunnel_malformed");
}

TEST(WireTunnel, ASnappedInnerPacketKeepsItsLength) {
  const Packet packet = outer().carry(17, vxlan(7, inner().frame()));
  const Octets whole = packet.frame();
  const Decoded decoded = decode_exactly(Packet(packet).snap(whole.size() - 2));
  EXPECT_EQ(decoded.drop, "none");
  EXPECT_EQ(decoded.payload(), "QUIT");
  EXPECT_EQ(decoded.segment.length, 6u);
}

TEST(WireTunnel, NestsToTheConfiguredDepth) {
  Packet packet = inner();
  for (int depth = 1; depth <= 8; ++depth) {
    packet = outer().carry(4, ip(packet));
    for (unsigned limit = 1; limit <= 8; ++limit) {
      wire::Limits limits = small_wire();
      limits.tunnel_depth = limit;
      EXPECT_EQ(decode_exactly(packet, LinkType::kEthernet, limits).drop,
                depth <= static_cast<int>(limit) ? "none" : "tunnel_depth");
    }
  }
  const Octets mixed = outer6().carry(17, geneve(3, 0x6558, inner().vlan(8).frame())).frame();
  const Decoded decoded = decode_exactly(outer().vlan(4).carry(17, vxlan(5, mixed)));
  EXPECT_EQ(decoded.drop, "none");
  EXPECT_EQ(decoded.segment.tunnel.type, TunnelType::geneve);
  EXPECT_TRUE(decoded.segment.tunnel.ipv6);
  EXPECT_EQ(decoded.segment.lane.vlans, 2);
  EXPECT_EQ(decoded.segment.lane.vlan[1], 8);
}

TEST(WireTunnel, EveryKindInsideEveryOtherToTheConfiguredDepth) {
  using Around = Octets (*)(const Octets& ethernet);
  const Around kinds[] = {
      [](const Octets& e) { return outer().vlan(5).carry(17, vxlan(1, e)).frame(); },
      [](const Octets& e) { return outer6().carry(17, vxlan(2, e, 8472)).frame(); },
      [](const Octets& e) {
        return outer().carry(17, geneve(3, 0x6558, e, Octets(252, 7))).frame();
      },
      [](const Octets& e) {
        return outer6().carry(47, gre(0x2000, 0x6558, word(4, 4), e)).frame();
      },
      [](const Octets& e) { return outer().carry(47, erspan1(e)).frame(); },
      [](const Octets& e) { return outer().carry(47, erspan2(5, e)).frame(); },
      [](const Octets& e) {
        return outer().vlan(6, 0x88a8).carry(47, erspan3(6, e, 0, true)).frame();
      },
      [](const Octets& e) {
        return Packet().shim(0x8847, joined({labels({7, 8}), word(0, 4), e})).frame();
      },
  };
  wire::Limits limits = small_wire();
  const auto fate = [&](const Octets& frame, unsigned depth) {
    limits.tunnel_depth = depth;
    const Decoded decoded = decode_exactly(frame, LinkType::kEthernet, limits);
    if (decoded.drop == "none") {
      EXPECT_EQ(decoded.payload(), "QUIT\r\n");
    }
    return decoded.drop;
  };
  for (const Around first : kinds) {
    for (const Around second : kinds) {
      const Octets two = first(second(inner().vlan(9).frame()));
      EXPECT_EQ(fate(two, 2), "none");
      EXPECT_EQ(fate(two, 1), "tunnel_depth");
    }
  }
  Octets frame = inner().frame();
  for (unsigned depth = 1; depth <= 8; ++depth) {
    frame = kinds[depth - 1](frame);
    EXPECT_EQ(fate(frame, depth), "none");
    EXPECT_EQ(fate(frame, depth - 1), "tunnel_depth");
  }
}

TEST(WireTunnel, MacsAreTheInnermost) {
  const Packet tenant = inner().macs("02:00:00:00:0a:01", "02:00:00:00:0a:02");
  const Decoded decoded = decode_exactly(outer().carry(17, vxlan(7, tenant.frame())));
  ASSERT_NE(decoded.segment.ether, nullptr);
  EXPECT_EQ(decoded.segment.ether[4], 0x0a);
}

// ---- lanes --------------------------------------------------------------------------------------

Lane lane_of(const Packet& packet) {
  const Decoded decoded = decode_exactly(packet);
  EXPECT_EQ(decoded.drop, "none");
  return decoded.segment.lane;
}

TEST(WireLane, TenantsWithEqualAddressesAreApart) {
  const Octets ethernet = inner().frame(), packet = ip(inner());
  const std::vector<Lane> lanes = {
      lane_of(inner()),
      lane_of(inner().vlan(1)),
      lane_of(inner().vlan(1).vlan(2)),
      lane_of(inner().vlan(1).vlan(2).vlan(3)),
      lane_of(outer().carry(17, vxlan(1, ethernet))),
      lane_of(outer().carry(17, vxlan(2, ethernet))),
      lane_of(outer().carry(17, geneve(1, 0x6558, ethernet))),
      lane_of(outer().carry(17, vxlan(1, inner().vlan(7).frame()))),
      lane_of(outer().carry(47, gre(0x2000, 0x0800, word(1, 4), packet))),
      lane_of(outer().carry(47, gre(0x2000, 0x0800, word(2, 4), packet))),
      lane_of(outer().carry(47, gre(0, 0x0800, {}, packet))),
      lane_of(outer().ipv4("198.51.100.1", "198.51.100.3").carry(47, gre(0, 0x0800, {}, packet))),
      lane_of(outer().carry(47, erspan2(1, ethernet))),
      lane_of(outer().carry(47, erspan2(2, ethernet))),
      lane_of(outer().carry(4, packet)),
      lane_of(outer().ipv4("198.51.100.3", "198.51.100.2").carry(4, packet)),
      lane_of(outer6().carry(4, packet)),
      lane_of(inner().shim(0x8864, pppoe(1, packet.size()))),
      lane_of(inner().shim(0x8864, pppoe(2, packet.size()))),
      // Tunnels in tunnels: each of them counts, and their order.
      lane_of(outer().carry(17, vxlan(1, outer().carry(17, vxlan(2, ethernet)).frame()))),
      lane_of(outer().carry(17, vxlan(2, outer().carry(17, vxlan(1, ethernet)).frame()))),
      lane_of(outer().carry(17, vxlan(1, outer().carry(17, vxlan(1, ethernet)).frame()))),
      // More tags than a lane shows, across a tunnel: they still tell lanes apart.
      lane_of(outer().vlan(1).vlan(2).vlan(3).carry(17, vxlan(1, inner().vlan(4).frame()))),
      lane_of(outer().vlan(1).vlan(2).vlan(3).carry(17, vxlan(1, inner().vlan(5).frame()))),
  };
  for (std::size_t a = 0; a < lanes.size(); ++a) {
    for (std::size_t b = 0; b < a; ++b) EXPECT_NE(lanes[a], lanes[b]) << a << " and " << b;
  }
}

TEST(WireLane, DirectionsOfATunnelAreTogether) {
  const Packet back = inner().reversed();
  const auto expect_together = [](const Packet& there, const Packet& again) {
    EXPECT_EQ(lane_of(there), lane_of(again));
  };
  // Both ends swapped, as tunnels between two routers have it.
  expect_together(outer().carry(4, ip(inner())), outer().reversed().carry(4, ip(back)));
  expect_together(outer6().carry(47, gre(0, 0x0800, {}, ip(inner()))),
                  outer6().reversed().carry(47, gre(0, 0x0800, {}, ip(back))));
  // Other ends altogether: a first frame is flooded to a group, a pair of switches shares a tunnel.
  expect_together(outer().ipv4("198.51.100.1", "239.1.1.1").carry(17, vxlan(7, inner().frame())),
                  outer().reversed().carry(17, vxlan(7, back.frame())));
  expect_together(outer().carry(47, erspan2(7, inner().frame())),
                  outer().carry(47, erspan2(7, back.frame())));
  // Labels belong to a direction, and the last hop has none (RFC 3031 section 3.16).
  expect_together(inner().shim(0x8847, labels({100, 200})),
                  Packet(back).shim(0x8847, labels({300})));
  expect_together(inner().shim(0x8847, labels({100, 200})), inner().reversed());
}

}  // namespace
}  // namespace mailglass::test
