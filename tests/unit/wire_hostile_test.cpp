// SPDX-License-Identifier: BSD-3-Clause
// Any bytes are safe. Worth running under AddressSanitizer: every buffer has exactly the frame's
// size.
#include <gtest/gtest.h>

#include <random>
#include <set>

#include "decode_exactly.h"

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

// One changed octet, every value, at every place, in every shape.
TEST(WireHostile, EverySingleOctetMutationIsSound) {
  std::set<std::string> fates;
  for (const Shape& shape : good_shapes()) {
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
  // All fates but the four that take a cut, or two octets, are one octet away from a good frame.
  EXPECT_EQ(fates.size(), std::size(kListed) + 1 - 4);
}

// Several octets changed and the frame cut anywhere: what one change alone can't reach.
TEST(WireHostile, RandomMutationsAreSound) {
  std::mt19937 random(9293);
  const std::vector<Shape> shapes = good_shapes();
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
  const Packet rows[] = {
      Packet(packet).snap(13),                 // link_short
      Packet(packet).ether_type(0x0806),       // link_unknown
      Packet(packet).vlan(1).vlan(2).vlan(3),  // vlan_too_many
      Packet(packet).snap(20),                 // ip_short
      Packet(packet).ip_version(6),            // ip_version
      Packet(packet).header_length(4),         // ip_header_length
      Packet(packet).ip_length(19),            // ip_total_length
      Packet(packet).fragment(8, true),        // ip_fragment
      Packet(packet).ipv6("::1", "::1").extension(60, options).extension(0, options),
      Packet(packet).protocol(47),        // tunnel
      Packet(packet).protocol(17),        // udp
      Packet(packet).protocol(1),         // icmp
      Packet(packet).protocol(132),       // not_tcp
      Packet(packet).snap(14 + 20 + 19),  // tcp_short
      Packet(packet).data_offset(4),      // tcp_header_length
      Packet(packet).flags(3),            // tcp_flags
      Packet(packet).flags(1),            // tcp_no_ack
  };
  ASSERT_EQ(std::size(rows), std::size(kListed));
  for (std::size_t i = 0; i < std::size(rows); ++i) {
    EXPECT_EQ(decode_exactly(rows[i]).drop, kListed[i]);
  }
}

}  // namespace
}  // namespace mailglass::test
