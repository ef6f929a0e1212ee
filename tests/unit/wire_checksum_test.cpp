// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include <random>

#include "decode_exactly.h"
#include "tests/support/tunnels.h"
#include "wire/checksum.h"

namespace mailglass::test {
namespace {

using tally::Count;
using wire::Checksum;
using wire::Checksums;
using wire::LinkType;

// RFC 1071, an octet at a time.
unsigned plain_sum(Bytes octets) {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < octets.size(); ++i) {
    sum += i % 2 == 0 ? std::uint64_t{octets[i]} << 8 : octets[i];
  }
  while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<unsigned>(sum);
}

TEST(WireChecksum, SumsAsTheStupidWay) {
  std::mt19937 random(1071);
  Octets octets(4096 + 64);
  for (auto& octet : octets) octet = static_cast<std::uint8_t>(random());
  Octets ones(70000, 0xff);
  for (std::size_t size = 0; size < 600; ++size) {
    for (std::size_t at = 0; at < 9; ++at) {
      const Bytes part = Bytes(octets).subspan(at, size);
      const std::uint16_t sum = wire::ones_sum(part);
      ASSERT_EQ(static_cast<unsigned>(sum >> 8 | (sum & 0xff) << 8), plain_sum(part))
          << size << " octets at " << at;
    }
  }
  EXPECT_EQ(wire::ones_sum(ones), 0xffff);
  EXPECT_EQ(wire::ones_sum(Bytes()), 0);
}

Packet mail() { return Packet().flags(0x18).payload("EHLO client.example\r\n"); }
Packet mail6() { return mail().ipv6("2001:db8::1", "2001:db8::2"); }

struct Judged {
  std::string drop;
  Checksum checksum;
  std::uint64_t unverifiable;
};

Judged judge(const Packet& packet, Checksums mode, Verified ip = Verified::unknown,
             Verified tcp = Verified::unknown) {
  const Octets frame = packet.frame();
  wire::Limits limits = small_wire();
  limits.checksums = mode;
  WireRig rig(limits);
  wire::Segment segment;
  const auto drop = rig.decode(LinkType::kEthernet, {frame, Tick{}, ip, tcp}, segment);
  return {std::string(tally::name_of(drop)),
          drop == tally::Drop::none ? segment.checksum : Checksum::unknown,
          rig.count(Count::checksums_unverifiable)};
}

TEST(WireChecksum, RightOnesAreGood) {
  for (const Packet& packet :
       {mail(), mail6(), mail().payload("odd"), mail().ip_options(Octets(8, 1)), mail().payload(""),
        mail().payload(std::string(70000, 'x')).ip_length(0), mail().pad_to(100),
        mail6().extension(60, {0, 1, 4, 0, 0, 0, 0})}) {
    EXPECT_EQ(judge(packet, Checksums::automatic).checksum, Checksum::good);
    EXPECT_EQ(judge(packet, Checksums::on).checksum, Checksum::good);
    EXPECT_EQ(judge(packet, Checksums::off).checksum, Checksum::unknown);
  }
}

TEST(WireChecksum, WrongOnesByMode) {
  struct Row {
    Packet packet;
    const char* on;
    Checksum automatic;
  };
  const Row rows[] = {
      {mail().tcp_checksum(0x1234), "tcp_checksum", Checksum::bad_tcp},
      {mail6().tcp_checksum(0), "tcp_checksum", Checksum::bad_tcp},
      {mail().unfinished(), "tcp_checksum", Checksum::unfinished},
      {mail6().unfinished(), "tcp_checksum", Checksum::unfinished},
      {mail().ip_checksum(0x1234), "ip_checksum", Checksum::bad_ip},
      {mail().ip_checksum(0), "ip_checksum", Checksum::unfinished},
      {mail().ip_checksum(0).tcp_checksum(0x1234), "ip_checksum", Checksum::bad_tcp},
      {mail().ip_checksum(0x1234).unfinished(), "ip_checksum", Checksum::bad_ip},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(&row - rows);
    EXPECT_EQ(judge(row.packet, Checksums::on).drop, row.on);
    EXPECT_EQ(judge(row.packet, Checksums::automatic).drop, "none");
    EXPECT_EQ(judge(row.packet, Checksums::automatic).checksum, row.automatic);
    EXPECT_EQ(judge(row.packet, Checksums::off).drop, "none");
  }
}

// Every octet of a segment and of its pseudo header counts.
TEST(WireChecksum, SeesEveryChangedOctet) {
  for (const Packet& packet : {mail(), mail6()}) {
    const Octets right = packet.frame();
    for (std::size_t at = packet.ip_at(); at < right.size(); ++at) {
      Octets frame = right;
      frame[at] ^= 0x01;
      const Decoded decoded = decode_exactly(frame);
      if (decoded.drop != "none") continue;                           // a length or a version
      const bool covered = packet.tcp_at() - packet.ip_at() == 20 ||  // IPv4: by one of the two
                           at >= packet.ip_at() + 8 || at / 2 == (packet.ip_at() + 4) / 2;
      EXPECT_EQ(decoded.segment.checksum == Checksum::good, !covered) << at;
    }
  }
}

TEST(WireChecksum, TheNicIsBelievedWhereItLooked) {
  const auto good = Verified::good, bad = Verified::bad, unknown = Verified::unknown;
  const Packet wrong = mail().tcp_checksum(0x1234).ip_checksum(0x1234);
  for (const Checksums mode : {Checksums::automatic, Checksums::on}) {
    EXPECT_EQ(judge(wrong, mode, good, good).checksum, Checksum::good);
    EXPECT_EQ(judge(mail(), mode, bad, good).drop, "ip_checksum");
    EXPECT_EQ(judge(mail(), mode, good, bad).drop, "tcp_checksum");
    EXPECT_EQ(judge(mail(), mode, unknown, good).checksum, Checksum::good);
  }
  EXPECT_EQ(judge(mail(), Checksums::off, bad, bad).drop, "none");
  // It has not looked into a tunnel.
  const Packet tunnel = Packet().carry(4, Packet(wrong).raw().frame());
  EXPECT_EQ(judge(tunnel, Checksums::on, good, good).drop, "ip_checksum");
  EXPECT_EQ(judge(tunnel, Checksums::automatic, good, good).checksum, Checksum::bad_tcp);
  const Packet sound = Packet().carry(4, mail().raw().frame());
  EXPECT_EQ(judge(sound, Checksums::on, good, bad).drop, "none");
}

TEST(WireChecksum, WhatCannotBeVerifiedIsTaken) {
  const Packet cut = mail().snap(mail().frame().size() - 1);
  EXPECT_EQ(judge(cut, Checksums::on).drop, "none");
  EXPECT_EQ(judge(cut, Checksums::on).unverifiable, 1u);
  EXPECT_EQ(judge(cut, Checksums::automatic).checksum, Checksum::unknown);
  EXPECT_EQ(judge(cut, Checksums::off).unverifiable, 0u);
  // RFC 8200 section 8.1: the checksum was made with the last address of a routing header.
  const Packet routed = mail6().tcp_checksum(7).extension(43, {0, 0, 1, 0, 0, 0, 0});
  EXPECT_EQ(judge(routed, Checksums::on).unverifiable, 1u);
  const Packet arrived = mail6().tcp_checksum(7).extension(43, {0, 0, 0, 0, 0, 0, 0});
  EXPECT_EQ(judge(arrived, Checksums::on).drop, "tcp_checksum");
}

}  // namespace
}  // namespace mailglass::test
