// SPDX-License-Identifier: BSD-3-Clause
// Any bytes are safe. Worth running under AddressSanitizer: every buffer has exactly the frame's
// size.
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>

#include "decode_exactly.h"
#include "tests/support/tunnels.h"

namespace mailglass::test {
namespace {

using wire::LinkType;

const char* const kListed[] = {
#define DROP(id, help) #id,
#include "tally/counters.def"
};

struct Shape {
  const char* name;
  LinkType link;
  Packet packet;
};

std::vector<Shape> good_shapes() {
  const Octets options = {0, 1, 4, 0, 0, 0, 0};
  const Packet v4 = Packet().payload("EHLO a.example\r\n").flags(0x18);
  const Packet v6 = Packet(v4).ipv6("2001:db8::1", "2001:db8::2");
  const Packet extended = Packet(v6)
                              .extension(0, options)
                              .extension(43, options)
                              .extension(44, {0, 0, 0, 0, 0, 0, 1})
                              .extension(51, {1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1})
                              .extension(60, options);
  return {
      {"ethernet ipv4", LinkType::kEthernet, v4},
      {"ethernet ipv6", LinkType::kEthernet, v6},
      {"ipv4 and tcp options", LinkType::kEthernet,
       Packet(v4).ip_options(Octets(8, 1)).tcp_options(Octets(12, 1))},
      {"extension headers", LinkType::kEthernet, extended},
      {"vlan", LinkType::kEthernet, Packet(v4).vlan(100)},
      {"qinq", LinkType::kEthernet, Packet(v6).vlan(100, 0x88a8).vlan(200)},
      {"sll", LinkType::kLinuxSll, Packet(v4).linux_sll().vlan(3)},
      {"sll2", LinkType::kLinuxSll2, Packet(v6).linux_sll2()},
      {"raw ipv4", LinkType::kRaw, Packet(v4).raw()},
      {"raw ipv6", LinkType::kRaw, Packet(extended).raw()},
      {"null", LinkType::kNull, Packet(v4).null()},
      {"null, other order", LinkType::kNull, Packet(v6).null_big_endian()},
      {"loop", LinkType::kLoop, Packet(v6).loop()},
  };
}

// An inner packet in everything that carries one. The frame ends with its payload.
std::vector<Shape> tunnel_shapes() {
  const Packet v4 = Packet().payload("EHLO a.example\r\n").flags(0x18);
  const Packet v6 = Packet(v4).ipv6("2001:db8::1", "2001:db8::2");
  const Octets ethernet = Packet(v4).vlan(7).frame();
  const Octets ip4 = Packet(v4).raw().frame(), ip6 = Packet(v6).raw().frame();
  const Octets ethernet_header(ethernet.begin(), ethernet.begin() + 18);
  const auto outer = [] { return Packet().ipv4("198.51.100.1", "198.51.100.2"); };
  const auto outer6 = [] { return Packet().ipv6("2001:db8::3", "2001:db8::4"); };
  const Octets nested =
      outer6().carry(47, gre(0x2000, 0x6558, word(9, 4), ethernet)).vlan(5).frame();
  const auto all = LinkType::kEthernet;
  return {
      {"three tags", all, Packet(v4).vlan(1).vlan(2).vlan(3)},
      {"labels", all, Packet(v4).shim(0x8847, labels({16, 17, 18}))},
      {"labels, ipv6", all, Packet(v6).shim(0x8847, labels({16}))},
      {"pseudowire", all,
       Packet(v4).shim(0x8847, joined({labels({16}), Octets(4), ethernet_header}))},
      {"pppoe", all, Packet(v4).shim(0x8864, pppoe(1, ip4.size()))},
      {"pppoe, ipv6", all, Packet(v6).shim(0x8864, pppoe(1, ip6.size(), 0x0057))},
      {"gre", all, outer().carry(47, gre(0xb000, 0x0800, Octets(12), ip4))},
      {"gre, ethernet", all, outer6().carry(47, gre(0, 0x6558, {}, ethernet))},
      {"erspan", all, outer().carry(47, erspan1(ethernet))},
      {"erspan ii", all, outer().carry(47, erspan2(5, ethernet))},
      {"erspan iii", all, outer().carry(47, erspan3(5, ethernet, 0, true))},
      {"erspan iii, ip", all, outer().carry(47, erspan3(5, ip6, 2))},
      {"vxlan", all, outer().carry(17, vxlan(42, ethernet))},
      {"geneve", all, outer6().carry(17, geneve(42, 0x6558, ethernet, Octets(8)))},
      {"geneve, ip", all, outer().carry(17, geneve(42, 0x86dd, ip6))},
      {"ip in ip", all, outer().carry(4, ip4)},
      {"6in4", all, outer().carry(41, ip6)},
      {"4in6", all, outer6().carry(4, ip4)},
      {"ipv6 in ipv6", all, outer6().extension(60, {0, 1, 4, 0, 0, 0, 0}).carry(41, ip6)},
      {"nested", all, outer().carry(17, vxlan(1, nested))},
      {"sll, labels", LinkType::kLinuxSll, Packet(v4).linux_sll().shim(0x8847, labels({16}))},
      {"raw gre", LinkType::kRaw, outer().raw().carry(47, gre(0, 0x0800, {}, ip4))},
  };
}

std::vector<Shape> all_shapes() {
  std::vector<Shape> shapes = good_shapes();
  for (const Shape& shape : tunnel_shapes()) shapes.push_back(shape);
  const Packet fragment = Packet().payload("EHLO a.example, and more\r\n");
  shapes.push_back({"a fragment", LinkType::kEthernet, Packet(fragment).fragment(24, false)});
  shapes.push_back({"a first fragment", LinkType::kEthernet,
                    Packet(fragment).carry(6, Octets(40, 0x55)).fragment(0, true)});
  shapes.push_back({"an ipv6 fragment", LinkType::kEthernet,
                    Packet(fragment).ipv6("::1", "::2").extension(44, {0, 0, 0x08, 0, 0, 0, 1})});
  return shapes;
}

TEST(WireHostile, EveryTruncationHasTheNameOfItsPlace) {
  for (const Shape& shape : good_shapes()) {
    SCOPED_TRACE(shape.name);
    const Octets whole = shape.packet.frame();
    const std::string text = "EHLO a.example\r\n";
    const std::size_t payload_at = whole.size() - text.size();
    for (std::size_t size = 0; size <= whole.size(); ++size) {
      SCOPED_TRACE(size);
      const Decoded decoded = decode_exactly(Packet(shape.packet).snap(size), shape.link);
      if (size < shape.packet.ip_at()) {
        EXPECT_EQ(decoded.drop, "link_short");
      } else if (size < shape.packet.tcp_at()) {
        EXPECT_EQ(decoded.drop, "ip_short");
      } else if (size < payload_at) {
        EXPECT_EQ(decoded.drop, "tcp_short");
      } else {
        EXPECT_EQ(decoded.drop, "none");
        EXPECT_EQ(decoded.segment.length, text.size());
        EXPECT_EQ(decoded.payload(), text.substr(0, size - payload_at));
      }
    }
  }
}

TEST(WireHostile, EveryTruncationOfATunnelIsNamed) {
  const std::set<std::string> kNames = {"link_short", "tunnel_short", "ip_short", "tcp_short",
                                        "udp"};
  for (const Shape& shape : tunnel_shapes()) {
    SCOPED_TRACE(shape.name);
    const std::string text = "EHLO a.example\r\n";
    const Octets whole = shape.packet.frame();
    for (std::size_t size = 0; size <= whole.size(); ++size) {
      SCOPED_TRACE(size);
      const Decoded decoded = decode_exactly(Packet(shape.packet).snap(size), shape.link);
      if (size + text.size() < whole.size()) {
        EXPECT_EQ(kNames.count(decoded.drop), 1u) << decoded.drop;
        continue;
      }
      EXPECT_EQ(decoded.drop, "none");
      EXPECT_EQ(decoded.segment.length, text.size());
      EXPECT_EQ(decoded.payload(), text.substr(0, text.size() - (whole.size() - size)));
    }
  }
}

// One changed octet, every value, at every place, in every shape.
TEST(WireHostile, EverySingleOctetMutationIsSound) {
  std::set<std::string> fates;
  for (const Shape& shape : all_shapes()) {
    const Octets whole = shape.packet.frame();
    const auto buffer = std::make_unique<std::uint8_t[]>(whole.size());
    std::copy(whole.begin(), whole.end(), buffer.get());
    for (std::size_t at = 0; at < whole.size(); ++at) {
      for (unsigned value = 0; value < 256; ++value) {
        buffer[at] = static_cast<std::uint8_t>(value);
        tally::Drop drop{};
        const char* broken = broken_rule(shape.link, Bytes(buffer.get(), whole.size()), drop);
        ASSERT_EQ(broken, nullptr)
            << broken << ": " << shape.name << ", octet " << at << " = " << value;
        fates.insert(std::string(tally::name_of(drop)));
      }
      buffer[at] = whole[at];
    }
  }
  // What takes a cut, two octets, another frame or another configuration.
  const std::set<std::string> kElsewhere = {
      "link_short",   "vlan_too_many",      "ip_short",         "tcp_short",     "fragment_cut",
      "tunnel_depth", "fragment_duplicate", "fragment_overlap", "fragment_full", "ip_checksum",
      "tcp_checksum", "tunnel_short",       "shed_overload"};  // a bridge's
  for (const char* const name : kListed) {
    EXPECT_TRUE(fates.count(name) == 1 || kElsewhere.count(name) == 1) << name;
  }
}

// Several octets changed and the frame cut anywhere: what one change alone can't reach.
TEST(WireHostile, RandomMutationsAreSound) {
  std::mt19937 random(9293);
  const std::vector<Shape> shapes = all_shapes();
  for (int round = 0; round < 100000; ++round) {
    const Shape& shape = shapes[random() % shapes.size()];
    Octets frame = shape.packet.frame();
    frame.resize(random() % 4 == 0 ? random() % (frame.size() + 1) : frame.size());
    for (auto changes = random() % 6; changes > 0 && !frame.empty(); --changes) {
      frame[random() % frame.size()] = static_cast<std::uint8_t>(random());
    }
    const auto buffer = std::make_unique<std::uint8_t[]>(frame.size());
    std::copy(frame.begin(), frame.end(), buffer.get());
    tally::Drop drop{};
    const char* broken = broken_rule(shape.link, Bytes(buffer.get(), frame.size()), drop);
    ASSERT_EQ(broken, nullptr) << broken << ": " << shape.name << ", round " << round;
  }
}

// A row of counters.def that no frame can reach is a promise nobody keeps.
TEST(WireHostile, EveryDropOfTheListIsReached) {
  const Octets options = {0, 1, 4, 0, 0, 0, 0};
  const Packet packet = Packet().payload("x");
  const auto part = [](unsigned offset, bool more, std::size_t octets, unsigned id = 1) {
    return Packet().carry(6, Octets(octets, 0x55)).fragment(offset, more).identification(id);
  };
  const std::map<std::string, std::vector<Packet>> rows = {
      {"link_short", {Packet(packet).snap(13)}},
      {"link_unknown", {Packet(packet).ether_type(0x0806)}},
      {"vlan_too_many", {Packet(packet).vlan(1).vlan(2).vlan(3).vlan(4)}},
      {"tunnel_short", {Packet(packet).shim(0x8847, {}).snap(15)}},
      {"tunnel_malformed", {Packet(packet).shim(0x8864, Octets(8))}},
      {"tunnel_unknown", {Packet(packet).protocol(97)}},
      {"tunnel_depth", {Packet(packet).shim(0x8847, Octets(64))}},
      {"ip_short", {Packet(packet).snap(20)}},
      {"ip_version", {Packet(packet).ip_version(6)}},
      {"ip_header_length", {Packet(packet).header_length(4)}},
      {"ip_total_length", {Packet(packet).ip_length(19)}},
      {"ip_checksum", {Packet(packet).ip_checksum(1)}},
      {"ip6_extension",
       {Packet(packet).ipv6("::1", "::1").extension(60, options).extension(0, options)}},
      {"fragment_held", {part(24, true, 24)}},
      {"fragment_duplicate", {part(24, true, 24), part(24, true, 24)}},
      {"fragment_overlap", {part(24, true, 24), part(32, true, 24)}},
      {"fragment_malformed", {part(24, true, 23)}},
      {"fragment_header_split",
       {Packet().ipv6("::1", "::1").carry(6, Octets(8)).extension(44, {0, 0, 1, 0, 0, 0, 1})}},
      {"fragment_cut", {part(24, true, 24).snap(50)}},
      {"fragment_full", {}},  // wire_fragment_test.cpp, NoRoomForTheWhole
      {"udp", {Packet(packet).protocol(17)}},
      {"icmp", {Packet(packet).protocol(1)}},
      {"not_tcp", {Packet(packet).protocol(132)}},
      {"tcp_short", {Packet(packet).snap(14 + 20 + 19)}},
      {"tcp_header_length", {Packet(packet).data_offset(4)}},
      {"tcp_flags", {Packet(packet).flags(3)}},
      {"tcp_no_ack", {Packet(packet).flags(1)}},
      {"tcp_checksum", {Packet(packet).tcp_checksum(1)}},
      {"shed_overload", {}},  // nic_bridge_test.cpp: before a decoder sees the frame
  };
  EXPECT_EQ(rows.size(), std::size(kListed));
  for (const char* const name : kListed) {
    SCOPED_TRACE(name);
    ASSERT_EQ(rows.count(name), 1u);
    wire::Limits limits = small_wire();
    limits.checksums = wire::Checksums::on;
    WireRig rig(limits);
    tally::Drop last{};
    for (const Packet& each : rows.at(name)) {
      const Octets frame = each.frame();
      wire::Segment segment;
      last = rig.decode(LinkType::kEthernet, {frame, Tick{}}, segment);
    }
    if (rows.at(name).empty()) continue;
    EXPECT_EQ(tally::name_of(last), name);
  }
}

}  // namespace
}  // namespace mailglass::test
