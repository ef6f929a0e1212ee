// SPDX-License-Identifier: BSD-3-Clause
// Whole connections made up between the segments of a session, and connections that take over the
// ports of one that never ended: what is said next is read, by whichever of them.
#include <gtest/gtest.h>

#include "tests/support/normal_form.h"
#include "tests/support/talk.h"

namespace mailglass::test {
namespace {

using tally::Count;
using wire::kAck;
using wire::kFin;
using wire::kPsh;
using wire::kRst;
using wire::kSyn;
using Frames = std::vector<TimedFrame>;

constexpr std::uint32_t kClient = 1000, kServer = 5000;  // initial numbers

Talk talk(std::int64_t silence_us = 0) {
  Talk talk;
  talk.base(kClient, kServer)
      .handshake()
      .wait(silence_us)
      .server("220 mx.example ESMTP\r\n")
      .client("EHLO client.example\r\n")
      .server("250 mx.example\r\n")
      .client("MAIL FROM:<a@example.com>\r\n")
      .server("250 ok\r\n")
      .client("QUIT\r\n")
      .server("221 bye\r\n")
      .farewell();
  return talk;
}

Packet client() { return Packet().ipv4("192.0.2.10", "198.51.100.25").tcp(40000, 25); }
Packet server() { return client().reversed(); }

struct Attacked {
  Attacked(const Frames& honest, const std::vector<Packet>& forged, std::size_t before) {
    for (std::size_t i = 0; i < honest.size(); ++i) {
      if (i == before) {
        for (const Packet& packet : forged) inspection.take({packet.frame(), honest[i - 1].time});
      }
      inspection.take(honest[i]);
    }
    inspection.finish();
    EXPECT_EQ(balance(inspection.counters()), "");
  }
  std::uint64_t count(Count c) const { return inspection.count(c); }
  bool complete() const {
    return count(Count::smtp_EHLO) == 1 && count(Count::smtp_MAIL) == 1 &&
           count(Count::smtp_QUIT) == 1 && count(Count::smtp_replies_2xx) == 4;
  }
  bool untouched() const {
    return complete() && count(Count::sessions_smtp) == 1 && count(Count::flow_closed_fin) == 1 &&
           count(Count::flow_closed_reused) == 0 && count(Count::stream_octets_missing) == 0;
  }
  Inspection inspection;
};

TEST(MailForgery, AnAnswerToASynThatNobodySentEndsNothing) {
  const Frames honest = talk().frames();
  for (std::size_t at = 1; at < honest.size() - 2; ++at) {
    for (const std::uint32_t seq : {77u, kServer + 3000, 0x90000000u}) {
      for (const std::uint32_t ack : {kClient + 1, kClient + 500, 0x80000000u}) {
        const Packet lie = server().seq(seq).ack(ack).flags(kSyn | kAck);
        const Attacked attacked(honest, {lie}, at);
        EXPECT_TRUE(attacked.untouched()) << at << ": " << seq << ", " << ack;
      }
    }
  }
}

TEST(MailForgery, NorDoesASynWithItsAnswer) {
  const Frames honest = talk().frames();
  for (std::size_t at = 3; at < honest.size() - 2; ++at) {
    const Attacked attacked(honest,
                            {client().seq(0x70000000).flags(kSyn),
                             server().seq(0x90000000).ack(0x70000001).flags(kSyn | kAck)},
                            at);
    EXPECT_TRUE(attacked.untouched() || at == 3) << at;
  }
}

// Who makes up both sides of another connection cannot be told from one. What is read of it is
// marked, and the session is found again when both its ends have spoken.
TEST(MailForgery, AWholeConnectionMadeUpHidesOneExchangeAtMost) {
  Talk longer;
  longer.base(kClient, kServer).handshake().server("220 mx.example ESMTP\r\n");
  for (const char* line : {"EHLO client.example", "MAIL FROM:<a@example.com>",
                           "RCPT TO:<b@example.com>", "RCPT TO:<c@example.com>", "RSET", "QUIT"}) {
    longer.client(std::string(line) + "\r\n").server("250 ok\r\n");
  }
  const Frames honest = longer.farewell().frames();
  for (std::size_t at = 4; at < 8; ++at) {
    const Attacked attacked(honest,
                            {client().seq(0x70000000).flags(kSyn),
                             server().seq(0x90000000).ack(0x70000001).flags(kSyn | kAck),
                             client().seq(0x70000001).ack(0x90000001).flags(kAck)},
                            at);
    EXPECT_EQ(attacked.count(Count::smtp_QUIT), 1u) << at;
    EXPECT_GE(attacked.count(Count::smtp_replies_2xx), 6u) << at;
    EXPECT_NE(attacked.inspection.eve_of_type("flow").back().find("\"midstream\":true"),
              std::string::npos);
  }
}

TEST(MailForgery, AResetBeforeTheBannerMustHaveItsNumber) {
  const Frames honest = talk(20'000'000).frames();
  for (const Packet& lie :
       {client().seq(77).flags(kRst), server().seq(77).flags(kRst),
        client().seq(kClient + 900'000).flags(kRst), server().seq(kServer).flags(kRst),
        server().seq(kServer + 900'000).ack(kClient + 1).flags(kFin | kAck)}) {
    const Attacked attacked(honest, {lie}, 3);
    EXPECT_TRUE(attacked.untouched());
    EXPECT_EQ(attacked.count(Count::stream_unacceptable), 1u);
  }
  // As a server refuses: its RST has no number to go by.
  Inspection inspection;
  inspection.take({honest[0].octets, honest[0].time});
  inspection.take({server().seq(0).ack(kClient + 1).flags(kRst | kAck).frame(), honest[0].time});
  inspection.finish();
  EXPECT_EQ(inspection.count(Count::flow_closed_rst), 1u);
}

// ---- ports used again, although nothing ended the old connection --------------------------------

Frames begun() {
  const Frames all = talk().frames();
  return {all.begin(), all.begin() + 6};
}

TEST(MailForgery, PortsUsedAgainAreAnotherSessionWhateverWasLostOfItsBeginning) {
  for (const std::uint32_t isn : {kClient + 300'000, 0x60000000u, 0x80000000u, 0xf0000000u}) {
    for (unsigned lost = 0; lost < 8; ++lost) {  // a bit for each segment of the handshake
      Talk second;
      second.base(isn, isn + 0x1234567)
          .wait(1'000'000)
          .handshake()
          .server("220 other.example ESMTP\r\n")
          .client("EHLO second.example\r\n")
          .server("250 other.example\r\n")
          .client("NOOP\r\n")
          .server("250 ok\r\n")
          .client("QUIT\r\n")
          .server("221 bye\r\n")
          .farewell();
      Inspection inspection;
      inspection.take(begun());
      for (std::size_t i = 0; i < second.frames().size(); ++i) {
        if (i >= 3 || (lost >> i & 1u) == 0) inspection.take(second.frames()[i]);
      }
      inspection.finish();
      EXPECT_EQ(inspection.count(Count::sessions_smtp), 2u) << isn << " without " << lost;
      EXPECT_EQ(inspection.count(Count::smtp_QUIT), 1u) << isn << " without " << lost;
      EXPECT_EQ(inspection.count(Count::smtp_NOOP), 1u) << isn << " without " << lost;
      const auto flows = inspection.eve_of_type("flow");
      ASSERT_EQ(flows.size(), 2u);
      EXPECT_EQ(member(flows[0], "flow", "reason"), "\"tcp_reuse\"");
      EXPECT_EQ(member(flows[1], "flow", "gap"), "false") << isn << " without " << lost;
      EXPECT_EQ(inspection.count(Count::smtp_EHLO), 2u) << isn << " without " << lost;
    }
  }
}

// A client alone, that makes up no other's segments, moves nothing.
TEST(MailForgery, OctetsFarAwayMoveNothingUnlessTheyAreAnswered) {
  const Frames honest = talk().frames();
  std::vector<Packet> wild;
  for (unsigned i = 0; i < 20; ++i) {
    wild.push_back(
        client().seq(0x70000000 + i * 6).ack(kServer + 1).flags(kPsh | kAck).payload("RSET\r\n"));
  }
  for (std::size_t at = 4; at < honest.size() - 3; ++at) {
    const Attacked attacked(honest, wild, at);
    EXPECT_TRUE(attacked.untouched()) << at;
    EXPECT_EQ(attacked.count(Count::smtp_RSET), 0u);
  }
}

}  // namespace
}  // namespace mailglass::test
