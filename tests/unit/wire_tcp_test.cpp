// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include "decode_exactly.h"

namespace mailglass::test {
namespace {

using namespace wire;  // the flags

TEST(WireTcp, StepsOverOptions) {
  for (std::size_t octets = 0; octets <= 40; octets += 4) {
    const Decoded decoded =
        decode_exactly(Packet().tcp_options(Octets(octets, 1)).payload("RSET\r\n"));
    EXPECT_EQ(decoded.drop, "none");
    EXPECT_EQ(decoded.payload(), "RSET\r\n");
    EXPECT_EQ(decoded.segment.length, 6u);
  }
}

TEST(WireTcp, ReadsEveryField) {
  const Decoded decoded = decode_exactly(
      Packet().tcp(65535, 1).seq(0xfffffffe).ack(0x80000001).window(0xfffe).flags(kAck | 0xc0));
  EXPECT_EQ(decoded.drop, "none");
  EXPECT_EQ(decoded.segment.source_port, 65535);
  EXPECT_EQ(decoded.segment.destination_port, 1);
  EXPECT_EQ(decoded.segment.seq.raw(), 0xfffffffe);
  EXPECT_EQ(decoded.segment.ack.raw(), 0x80000001);
  EXPECT_EQ(decoded.segment.window, 0xfffe);
  EXPECT_EQ(decoded.segment.flags, kAck | 0xc0);  // ECE and CWR are kept
}

TEST(WireTcp, DataOffsetStaysBetweenTheHeaderAndTheIpPayload) {
  for (unsigned words = 0; words < 16; ++words) {
    SCOPED_TRACE(words);
    const Decoded decoded = decode_exactly(Packet().payload("0123456789ab").data_offset(words));
    if (words < 5 || words > 8) {
      EXPECT_EQ(decoded.drop, "tcp_header_length");
    } else {
      EXPECT_EQ(decoded.drop, "none");
      EXPECT_EQ(decoded.segment.length, 12 - (words - 5) * 4);
    }
  }
}

TEST(WireTcp, PaddingIsNoRoomForOptions) {
  EXPECT_EQ(decode_exactly(Packet().data_offset(6).pad_to(60)).drop, "tcp_header_length");
}

TEST(WireTcp, ASnapLengthInsideTheOptionsIsShort) {
  const Packet packet = Packet().tcp_options(Octets(12, 1)).payload("x");
  EXPECT_EQ(decode_exactly(Packet(packet).snap(packet.tcp_at() + 31)).drop, "tcp_short");
  const Decoded bare = decode_exactly(Packet(packet).snap(packet.tcp_at() + 32));
  EXPECT_EQ(bare.drop, "none");
  EXPECT_TRUE(bare.segment.payload.empty());
  EXPECT_EQ(bare.segment.length, 1u);
}

// All 256 values, against the sentences of counters.def.
TEST(WireTcp, JudgesControlBits) {
  for (unsigned flags = 0; flags < 256; ++flags) {
    SCOPED_TRACE(flags);
    const bool fin = (flags & 1) != 0, syn = (flags & 2) != 0, rst = (flags & 4) != 0;
    const bool ack = (flags & 16) != 0, none = (flags & 0x3f) == 0;
    const char* expected = "none";
    if (none || (syn && (fin || rst))) {
      expected = "tcp_flags";
    } else if (!syn && !rst && !ack) {
      expected = "tcp_no_ack";
    }
    EXPECT_EQ(decode_exactly(Packet().flags(flags)).drop, expected);
  }
}

TEST(WireTcp, BothDirectionsOfAFlowMirrorEachOther) {
  const Packet there = Packet().ipv4("192.0.2.1", "198.51.100.9").tcp(40000, 110).vlan(7);
  const Segment a = decode_exactly(there).segment;
  const Segment b = decode_exactly(there.reversed()).segment;
  EXPECT_EQ(a.source, b.destination);
  EXPECT_EQ(a.destination, b.source);
  EXPECT_EQ(a.source_port, b.destination_port);
  EXPECT_EQ(a.destination_port, b.source_port);
  EXPECT_EQ(a.lane, b.lane);
}

}  // namespace
}  // namespace mailglass::test
