// SPDX-License-Identifier: BSD-3-Clause
// IP fragments as frames: what becomes of each of them, and of the datagram.
#include <gtest/gtest.h>

#include "decode_exactly.h"
#include "tests/support/tunnels.h"

namespace mailglass::test {
namespace {

using tally::Count;
using wire::LinkType;

const std::string kText = "MAIL FROM:<someone@example.org> SIZE=1234\r\n";

Packet mail() { return Packet().ipv4("192.0.2.1", "192.0.2.2").flags(0x18).payload(kText); }
Packet mail6() { return mail().ipv6("2001:db8::1", "2001:db8::2"); }

// Octets [from, to) of what stands behind the IP header, as a fragment of its own.
Packet part(const Packet& packet, std::size_t from, std::size_t to, unsigned id = 1) {
  const Octets all = packet.segment();
  to = std::min(to, all.size());
  const Octets octets(all.begin() + static_cast<std::ptrdiff_t>(from),
                      all.begin() + static_cast<std::ptrdiff_t>(to));
  return Packet(packet)
      .carry(6, octets)
      .fragment(static_cast<unsigned>(from), to != all.size())
      .identification(id);
}

Packet part6(const Packet& packet, std::size_t from, std::size_t to, unsigned id = 1) {
  const Octets all = packet.segment();
  to = std::min(to, all.size());
  const Octets octets(all.begin() + static_cast<std::ptrdiff_t>(from),
                      all.begin() + static_cast<std::ptrdiff_t>(to));
  const auto field = static_cast<unsigned>(from) | (to != all.size() ? 1u : 0u);
  return Packet(packet).carry(6, octets).extension(
      44, joined({word(0, 1), word(field, 2), word(id, 4)}));
}

class Line {
 public:
  explicit Line(const wire::Limits& limits = small_wire()) : rig(limits) {}

  std::string take(const Octets& frame, std::int64_t second = 0) {
    buffer_ = std::make_unique<std::uint8_t[]>(frame.size());
    std::copy(frame.begin(), frame.end(), buffer_.get());
    if (rig.decoder.crowded()) rig.decoder.begin_burst();
    const Bytes bytes(buffer_.get(), frame.size());
    return std::string(tally::name_of(
        rig.decode(LinkType::kEthernet, {bytes, Tick{second * 1'000'000}}, segment)));
  }
  std::string take(const Packet& packet, std::int64_t second = 0) {
    return take(packet.frame(), second);
  }
  std::string payload() const { return std::string(as_text(segment.payload)); }

  WireRig rig;
  wire::Segment segment;

 private:
  std::unique_ptr<std::uint8_t[]> buffer_;
};

TEST(WireFragment, TheLastOneIsTheSegment) {
  Line line;
  EXPECT_EQ(line.take(part(mail(), 0, 24)), "fragment_held");
  EXPECT_EQ(line.take(part(mail(), 48, 100)), "fragment_held");
  EXPECT_EQ(line.rig.datagrams.used(), 1u);
  EXPECT_EQ(line.take(part(mail(), 24, 48)), "none");
  EXPECT_EQ(line.payload(), kText);
  EXPECT_EQ(line.segment.length, kText.size());
  EXPECT_EQ(line.segment.checksum, wire::Checksum::good);
  EXPECT_EQ(line.segment.frame_octets, 3 * 34 + 20 + kText.size());
  EXPECT_EQ(line.rig.datagrams.used(), 0u);
  EXPECT_EQ(line.rig.count(Count::datagrams_whole), 1u);

  EXPECT_EQ(line.take(part6(mail6(), 24, 100)), "fragment_held");
  EXPECT_EQ(line.take(part6(mail6(), 0, 24)), "none");
  EXPECT_EQ(line.payload(), kText);
  EXPECT_TRUE(line.segment.ipv6);
}

// Of the things that tell datagrams apart, each alone does.
TEST(WireFragment, BelongsToOneDatagramOnly) {
  Line line;
  EXPECT_EQ(line.take(part(mail(), 0, 24, 7)), "fragment_held");
  const Packet rest = part(mail(), 24, 100, 7);
  EXPECT_EQ(line.take(part(mail(), 24, 100, 8)), "fragment_held");
  EXPECT_EQ(line.take(Packet(rest).vlan(5)), "fragment_held");
  EXPECT_EQ(line.take(Packet(rest).ipv4("192.0.2.9", "192.0.2.2")), "fragment_held");
  EXPECT_EQ(line.take(Packet(rest).ipv4("192.0.2.1", "192.0.2.9")), "fragment_held");
  EXPECT_EQ(line.take(Packet(rest).protocol(4)), "fragment_held");
  EXPECT_EQ(line.take(rest), "none");
  // IPv6 does not have the protocol of later fragments in its key: the first one's counts.
  EXPECT_EQ(line.take(part6(mail6(), 24, 100).protocol(58)), "fragment_held");
  EXPECT_EQ(line.take(part6(mail6(), 0, 24)), "none");
}

TEST(WireFragment, RepetitionsAreDuplicates) {
  Line line;
  EXPECT_EQ(line.take(part(mail(), 0, 32)), "fragment_held");
  EXPECT_EQ(line.take(part(mail(), 0, 32)), "fragment_duplicate");
  EXPECT_EQ(line.take(part(mail(), 8, 24)), "fragment_duplicate");  // adds nothing, says the same
  EXPECT_EQ(line.take(part(mail(), 32, 100)), "none");
  EXPECT_EQ(line.payload(), kText);
}

TEST(WireFragment, OverlapsRefuseTheDatagram) {  // RFC 5722
  const Packet lie = mail().payload("RCPT TO:<someone.else@example.org>........\r\n");
  struct Row {
    const char* name;
    Packet second;
  };
  const Row rows[] = {
      {"other octets in the same place", part(lie, 24, 48)},
      {"the same octets and some more", part(mail(), 24, 56)},
      {"over the front", part(mail(), 16, 48)},
      {"an end before it", part(mail(), 8, 32).fragment(8, false)},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    Line line;
    EXPECT_EQ(line.take(part(mail(), 24, 48)), "fragment_held");
    EXPECT_EQ(line.take(row.second), "fragment_overlap");
    EXPECT_EQ(line.rig.blocks.used(), 0u);
    // Those yet to come are discarded too, until the time is over.
    EXPECT_EQ(line.take(part(mail(), 0, 24)), "fragment_overlap");
    EXPECT_EQ(line.take(part(mail(), 48, 100)), "fragment_overlap");
    EXPECT_EQ(line.take(part(mail(), 24, 48)), "fragment_overlap");
    EXPECT_EQ(line.rig.count(Count::datagrams_refused), 1u);
    EXPECT_EQ(line.take(part(mail(), 24, 48), 31), "fragment_held");
  }
  Line line;
  EXPECT_EQ(line.take(part(mail(), 48, 100)), "fragment_held");
  EXPECT_EQ(line.take(part(mail(), 0, 48).fragment(24, false)), "fragment_overlap");
}

TEST(WireFragment, MalformedOnesEndAlone) {
  Line line;
  EXPECT_EQ(line.take(part(mail(), 0, 24)), "fragment_held");
  EXPECT_EQ(line.take(part(mail(), 24, 47)), "fragment_malformed");
  EXPECT_EQ(line.take(part(mail(), 24, 24).fragment(24, true)), "fragment_malformed");
  EXPECT_EQ(line.take(part(mail(), 24, 48).fragment(65528, false)), "fragment_malformed");
  EXPECT_EQ(line.take(part(mail(), 24, 100)), "none");
}

TEST(WireFragment, ALargestDatagramIsWhole) {
  const Packet large = mail().payload(std::string(65535 - 20 - 20, 'x'));
  Line line;
  for (std::size_t at = 0; at < 65515; at += 1480) {
    EXPECT_EQ(line.take(part(large, at, at + 1480)), at + 1480 < 65515 ? "fragment_held" : "none");
  }
  EXPECT_EQ(line.segment.length, 65495u);
  EXPECT_EQ(line.rig.blocks.peak(), 32u);
  const Packet over = mail().payload(std::string(65535 - 20 - 19, 'x'));
  EXPECT_EQ(line.take(part(over, 65512, 65536)), "fragment_malformed");
}

TEST(WireFragment, CutByTheSnapLengthIsNotKept) {
  Line line;
  const Packet first = part(mail(), 0, 48);
  EXPECT_EQ(line.take(Packet(first).snap(first.frame().size() - 1)), "fragment_cut");
  EXPECT_EQ(line.rig.datagrams.used(), 0u);
}

TEST(WireFragment, HeaderSplitsAndTinyOnesAreSeen) {  // RFC 1858, RFC 3128
  Line line;
  EXPECT_EQ(line.take(part(mail(), 0, 8)), "fragment_held");
  EXPECT_EQ(line.rig.count(Count::fragments_header_split), 1u);
  EXPECT_EQ(line.rig.count(Count::fragments_tiny), 1u);
  EXPECT_EQ(line.take(part(mail(), 8, 100)), "none");  // as every IPv4 host takes it
  EXPECT_EQ(line.payload(), kText);

  Packet options = mail().tcp_options(Octets(12, 1));
  EXPECT_EQ(line.take(part(options, 0, 24, 2)), "fragment_held");
  EXPECT_EQ(line.rig.count(Count::fragments_header_split), 2u);
  EXPECT_EQ(line.take(part(mail(), 0, 48, 3)), "fragment_held");
  EXPECT_EQ(line.rig.count(Count::fragments_tiny), 2u);  // 68 octets are what a link must carry
  EXPECT_EQ(line.rig.count(Count::fragments_header_split), 2u);
}

TEST(WireFragment, HeaderSplitsRefuseIpv6) {  // RFC 7112
  Line line;
  EXPECT_EQ(line.take(part6(mail6(), 24, 100)), "fragment_held");
  EXPECT_EQ(line.take(part6(mail6(), 0, 16)), "fragment_header_split");
  EXPECT_EQ(line.take(part6(mail6(), 16, 24)), "fragment_header_split");
  EXPECT_EQ(line.rig.count(Count::fragments_header_split), 1u);
  EXPECT_EQ(line.rig.count(Count::datagrams_refused), 1u);

  // The chain of headers ends before TCP does.
  const Octets option = {6, 0, 1, 4, 0, 0, 0, 0};
  const Packet chain =
      mail6().carry(60, option).extension(44, joined({word(0, 1), word(1, 2), word(9, 4)}));
  EXPECT_EQ(line.take(chain), "fragment_header_split");
  // Options of TCP may come later.
  EXPECT_EQ(line.take(part6(mail6().tcp_options(Octets(12, 1)), 0, 24, 10)), "fragment_held");
  EXPECT_EQ(line.rig.count(Count::fragments_header_split), 3u);
  EXPECT_EQ(line.rig.count(Count::fragments_tiny), 4u);
}

TEST(WireFragment, ExtensionHeadersInsideAreWalked) {
  const Octets options = {6, 0, 1, 4, 0, 0, 0, 0};
  const Octets segment = mail6().segment();
  const Octets whole = joined({options, segment});
  const Octets front(whole.begin(), whole.begin() + 32), back(whole.begin() + 32, whole.end());
  Line line;
  EXPECT_EQ(line.take(mail6().carry(60, back).extension(
                44, joined({word(0, 1), word(32, 2), word(1, 4)}))),
            "fragment_held");
  EXPECT_EQ(line.take(mail6().carry(60, front).extension(
                44, joined({word(0, 1), word(1, 2), word(1, 4)}))),
            "none");
  EXPECT_EQ(line.payload(), kText);

  // A datagram that was put together can be no fragment again.
  const Octets again = joined({{6, 0}, word(8, 2), word(5, 4), segment});
  const Octets front2(again.begin(), again.begin() + 32), back2(again.begin() + 32, again.end());
  EXPECT_EQ(
      line.take(
          mail6().carry(44, front2).extension(44, joined({word(0, 1), word(1, 2), word(2, 4)}))),
      "not_tcp");
}

// Most fragments of a network are of UDP: they must not fill the pool.
TEST(WireFragment, WhatNobodyWantsIsNotKept) {
  Line line;
  const Packet dns = mail().carry(17, udp(53, Octets(3000, 'x')));
  const auto of = [&](std::size_t from, std::size_t to, unsigned id) {
    Packet p = part(dns, from, to, id);
    return p.protocol(17);
  };
  EXPECT_EQ(line.take(of(0, 1480, 1)), "udp");
  EXPECT_EQ(line.take(of(1480, 2960, 1)), "udp");
  EXPECT_EQ(line.take(of(2960, 4000, 1)), "udp");
  EXPECT_EQ(line.rig.datagrams.used(), 0u);
  EXPECT_EQ(line.rig.count(Count::datagrams_unwanted), 1u);
  EXPECT_EQ(line.take(of(1480, 2960, 2)), "fragment_held");  // not known yet
  EXPECT_EQ(line.take(of(0, 1480, 2)), "udp");
  EXPECT_EQ(line.rig.blocks.used(), 0u);
  EXPECT_EQ(line.take(mail().carry(1, Octets(16)).fragment(0, true)), "icmp");
  EXPECT_EQ(line.take(mail().carry(50, Octets(16)).fragment(8, true)), "not_tcp");
}

TEST(WireFragment, ATunnelInFragmentsIsOpened) {
  const Packet tunnel =
      Packet().ipv4("198.51.100.1", "198.51.100.2").carry(17, vxlan(42, mail().vlan(6).frame()));
  Line line;
  EXPECT_EQ(line.take(part(tunnel, 0, 64).protocol(17)), "fragment_held");
  EXPECT_EQ(line.take(part(tunnel, 64, 200).protocol(17)), "none");
  EXPECT_EQ(line.payload(), kText);
  EXPECT_EQ(line.segment.tunnel.id, 42u);
  EXPECT_EQ(line.segment.tunnel.source().octet[12], 198);
  EXPECT_EQ(line.segment.lane.vlan[0], 6);

  // And fragments in a tunnel in fragments.
  unsigned id = 10;
  std::string fate;
  for (const Packet& inside : {part(mail(), 0, 24), part(mail(), 24, 100)}) {
    const Packet around = Packet(tunnel).carry(17, vxlan(42, inside.frame()));
    ++id;
    EXPECT_EQ(line.take(part(around, 0, 40, id).protocol(17)), "fragment_held");
    fate = line.take(part(around, 40, 200, id).protocol(17));
  }
  EXPECT_EQ(fate, "none");
  EXPECT_EQ(line.payload(), kText);
}

TEST(WireFragment, TimeIsUp) {
  Line line;
  EXPECT_EQ(line.take(part(mail(), 0, 24), 0), "fragment_held");
  EXPECT_EQ(line.take(part(mail(), 24, 100), 30), "none");
  EXPECT_EQ(line.take(part(mail(), 0, 24), 30), "fragment_held");
  EXPECT_EQ(line.take(part(mail(), 24, 100), 61), "fragment_held");
  EXPECT_EQ(line.rig.count(Count::datagrams_timeout), 1u);
  EXPECT_EQ(line.rig.datagrams.used(), 1u);
  line.rig.decoder.age(Tick{200'000'000}, 8);
  EXPECT_EQ(line.rig.datagrams.used(), 0u);
  EXPECT_EQ(line.rig.blocks.used(), 0u);
  EXPECT_EQ(line.rig.count(Count::datagrams_timeout), 2u);
}

// A flood takes the place of the oldest: a datagram whose parts come close together gets through.
TEST(WireFragment, AFullPoolGivesUpTheOldest) {
  Line line;
  const auto flood = [&](unsigned from, unsigned count) {
    for (unsigned id = from; id < from + count; ++id) {
      ASSERT_EQ(line.take(part(mail(), 24, 48, id)), "fragment_held");
    }
  };
  EXPECT_EQ(line.take(part(mail(), 0, 24, 1)), "fragment_held");
  flood(100, 15);
  EXPECT_EQ(line.take(part(mail(), 24, 100, 1)), "none");
  EXPECT_EQ(line.take(part(mail(), 0, 24, 2)), "fragment_held");
  flood(200, 16);
  EXPECT_EQ(line.take(part(mail(), 24, 100, 2)), "fragment_held");  // given up meanwhile
  EXPECT_EQ(line.rig.datagrams.used(), 16u);
  EXPECT_EQ(line.rig.datagrams.peak(), 16u);
  EXPECT_EQ(line.rig.count(Count::datagrams_evicted), 17u);
}

TEST(WireFragment, BlocksThatRunOutAreTakenFromTheOldest) {
  Line line;
  const Packet large = mail().payload(std::string(60000, 'x'));
  // Two datagrams of 30 blocks but their first part: the third needs what the first holds.
  for (unsigned id = 1; id <= 3; ++id) {
    for (std::size_t at = 1480; at < 60020; at += 1480) {
      ASSERT_EQ(line.take(part(large, at, at + 1480, id)), "fragment_held");
    }
  }
  EXPECT_EQ(line.rig.count(Count::datagrams_evicted), 1u);
  EXPECT_EQ(line.take(part(large, 0, 1480, 2)), "none");
  EXPECT_EQ(line.take(part(large, 0, 1480, 3)), "none");
  EXPECT_EQ(line.take(part(large, 0, 1480, 1)), "fragment_held");
  EXPECT_LE(line.rig.blocks.peak(), line.rig.blocks.capacity());
}

// The pipeline asks `crowded` and begins anew; who does not is refused, and nothing breaks.
TEST(WireFragment, NoRoomForTheWhole) {
  Line line;
  const Packet large = mail().payload(std::string(60000, 'x'));
  wire::Segment segment;
  unsigned whole = 0, full = 0;
  for (unsigned id = 1; id <= 40; ++id) {
    for (std::size_t at = 0; at < 60020; at += 1480) {
      const Octets frame = part(large, at, at + 1480, id).frame();
      const auto fate = line.rig.decode(LinkType::kEthernet, {frame, {}}, segment);
      whole += fate == tally::Drop::none ? 1 : 0;
      full += fate == tally::Drop::fragment_full ? 1 : 0;
    }
  }
  EXPECT_EQ(whole, wire::Decoder::kRoom / 60020);
  EXPECT_EQ(full, 40 - whole);
  EXPECT_TRUE(line.rig.decoder.crowded());
}

}  // namespace
}  // namespace mailglass::test
