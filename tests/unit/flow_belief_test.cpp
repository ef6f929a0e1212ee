// SPDX-License-Identifier: BSD-3-Clause
#include "flow/belief.h"

#include <gtest/gtest.h>

#include "tests/support/inspection.h"

namespace mailglass::test {
namespace {

using tally::Count;
using wire::Checksum;

// What becomes of segments from the lower end: one letter for each in, one out. g good, t bad TCP,
// i bad IP, u unfinished, ? unknown; + taken, o taken without proof, - refused.
std::string fates(const std::string& checksums) {
  flow::FlowGroup group;
  flow::Flow& flow = group.flow[0];
  std::string out;
  for (const char c : checksums) {
    wire::Segment s;
    s.checksum = c == 'g'   ? Checksum::good
                 : c == 't' ? Checksum::bad_tcp
                 : c == 'i' ? Checksum::bad_ip
                 : c == 'u' ? Checksum::unfinished
                            : Checksum::unknown;
    if (flow::disbelieves(flow, s, true)) {
      out += '-';
    } else {
      out += flow::learn(flow, s, true) ? 'o' : '+';
    }
    EXPECT_EQ(flow::sums_of(flow, false), flow::Sums::unseen);
  }
  return out;
}

TEST(FlowBelief, WhoSentARightOneIsHeldToIt) {
  EXPECT_EQ(fates("ggtgig"), "++-+-+");
  EXPECT_EQ(fates("?gut"), "++o-");
}

TEST(FlowBelief, WhoNeverDidIsBelieved) {
  EXPECT_EQ(fates("ttiit"), "ooooo");
  EXPECT_EQ(fates("tgttg"), "o+oo+");  // right by chance, once in 65,536
  EXPECT_EQ(fates("tggt"), "o++-");
  EXPECT_EQ(fates("???t"), "+++o");
}

TEST(FlowBelief, UnfinishedSaysNothing) {
  EXPECT_EQ(fates("uuu"), "ooo");
  EXPECT_EQ(fates("gugut"), "+o+o-");
  EXPECT_EQ(fates("utut"), "oooo");
  EXPECT_EQ(fates("tgugt"), "o+o+-");
}

// The classic evasion: a RST, or octets, that the server discards and a naive inspector takes.
TEST(FlowBelief, AForgedSegmentNeverReachesTheStream) {
  const Packet client = Packet().ipv4("192.0.2.1", "192.0.2.25").tcp(40000, 25);
  const Packet server = client.reversed();
  const auto frames = [&](const std::vector<Packet>& forged) {
    std::vector<TimedFrame> out;
    std::int64_t us = 0;
    const auto put = [&](const Packet& p) { out.push_back({p.frame(), Tick{us += 1000}}); };
    put(Packet(client).seq(999).flags(wire::kSyn));
    put(Packet(server).seq(4999).ack(1000).flags(wire::kSyn | wire::kAck));
    put(Packet(client).seq(1000).ack(5000));
    put(Packet(server).seq(5000).ack(1000).payload("220 mx.example ESMTP\r\n"));
    for (const Packet& p : forged) put(p);
    put(Packet(client).seq(1000).ack(5022).payload("EHLO a.example\r\n"));
    put(Packet(server).seq(5022).ack(1016).payload("250 mx.example\r\n"));
    put(Packet(client).seq(1016).ack(5038).payload("QUIT\r\n"));
    put(Packet(server).seq(5038).ack(1022).payload("221 bye\r\n"));
    return out;
  };
  const auto inspect = [&](const std::vector<Packet>& forged, wire::Checksums mode) {
    Inspection::Options options;
    options.limits.wire.checksums = mode;
    Inspection inspection(options);
    inspection.take(frames(forged));
    inspection.finish();
    EXPECT_EQ(balance(inspection.counters()), "");
    return std::array{inspection.count(Count::smtp_EHLO), inspection.count(Count::smtp_QUIT),
                      inspection.count(Count::flow_refused_checksum),
                      inspection.count(Count::drop_tcp_checksum)};
  };
  using Counts = std::array<std::uint64_t, 4>;
  const Packet reset = Packet(client).seq(1000).flags(wire::kRst).tcp_checksum(0xdead);
  const Packet noise =
      Packet(client).seq(1000).ack(5022).payload("NOOP 3456789abc\r\n").tcp_checksum(7);
  EXPECT_EQ(inspect({}, wire::Checksums::automatic), (Counts{1, 1, 0, 0}));
  EXPECT_EQ(inspect({reset, noise}, wire::Checksums::automatic), (Counts{1, 1, 2, 0}));
  EXPECT_EQ(inspect({reset, noise}, wire::Checksums::on), (Counts{1, 1, 0, 2}));
  EXPECT_EQ(inspect({noise}, wire::Checksums::off)[0], 0u);  // the EHLO is lost
}

// Captures whose names or bodies were blotted out: sums are wrong where octets were changed, right
// elsewhere. The receiver acknowledges them, and nothing else comes in their place.
TEST(FlowBelief, WhatTheReceiverAcknowledgesIsReadInTheEnd) {
  const Packet client = Packet().ipv4("192.0.2.1", "192.0.2.25").tcp(40000, 25);
  const Packet server = client.reversed();
  Inspection inspection;
  std::int64_t us = 0;
  const auto put = [&](const Packet& p) { inspection.take({p.frame(), Tick{us += 1000}}); };
  put(Packet(client).seq(999).flags(wire::kSyn));
  put(Packet(server).seq(4999).ack(1000).flags(wire::kSyn | wire::kAck));
  put(Packet(client).seq(1000).ack(5000));
  put(Packet(server).seq(5000).ack(1000).payload("220 XXXXXXXXXX ESMTP\r\n").tcp_checksum(7));
  put(Packet(client).seq(1000).ack(5022));
  put(Packet(client).seq(1000).ack(5022).payload("EHLO XXXXXXXXX\r\n").tcp_checksum(7));
  put(Packet(server).seq(5022).ack(1016).payload("250 mx.example\r\n"));
  put(Packet(client).seq(1016).ack(5038).payload("QUIT\r\n"));
  put(Packet(server).seq(5038).ack(1022).payload("221 bye\r\n"));
  inspection.finish();
  EXPECT_EQ(balance(inspection.counters()), "");
  EXPECT_EQ(inspection.count(Count::smtp_EHLO), 1u);
  EXPECT_EQ(inspection.count(Count::smtp_QUIT), 1u);
  EXPECT_EQ(inspection.count(Count::smtp_replies_2xx), 3u);
  EXPECT_EQ(inspection.count(Count::flow_refused_checksum), 2u);
  EXPECT_EQ(inspection.count(Count::stream_recovered), 2u);
  EXPECT_EQ(inspection.count(Count::stream_octets_missing), 0u);
}

}  // namespace
}  // namespace mailglass::test
