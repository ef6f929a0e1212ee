// SPDX-License-Identifier: BSD-3-Clause
// What a receiver would not take must not reach the stream, and what it would read differently must
// be said: numbers out of place, second copies, octets on a SYN and behind a FIN.
#include "tests/unit/stream_rig.h"

namespace mailglass::test {
namespace {

using With = Rig::With;
constexpr auto kBeforeFirst = static_cast<std::uint64_t>(-1);  // where a SYN stands
constexpr With kSynOnly{.flags = wire::kSyn};

With syn_ack(std::uint64_t ack) { return {.ack = ack, .flags = wire::kSyn | wire::kAck}; }

// ---- second copies ------------------------------------------------------------------------------

TEST(StreamAcceptance, ASecondCopyOfDeliveredOctetsIsCompared) {
  Rig rig;
  rig.handshake().client(0, "MAIL FROM:<a@x>\r\n").client(0, "MAIL FROM:<b@x>\r\n");
  EXPECT_EQ(rig.sink().conflict_at(), 11u);
  EXPECT_EQ(rig.count(Count::stream_conflict), 1u);
  rig.client(0, "MAIL FROM:<a@x>\r\n");
  EXPECT_EQ(rig.count(Count::stream_conflict), 1u);
  EXPECT_EQ(rig.count(Count::stream_not_compared), 0u);
  EXPECT_EQ(rig.finish(), ">MAIL FROM:<a@x>\r\n!");
}

TEST(StreamAcceptance, WhereverItsSegmentsBeginAndEnd) {
  for (std::uint64_t begin = 0; begin < 12; ++begin) {
    for (std::uint64_t end = begin + 1; end <= 14; ++end) {  // two octets beyond what was delivered
      const std::string sent = "abcdefghijklmn";
      std::string copy = sent.substr(begin, end - begin);
      copy[0] ^= 1;
      Rig rig;
      rig.handshake().client(0, "abcd").server(0, "ok", 4).client(4, "efgh", 2).client(8, "ijkl");
      rig.client(begin, copy);
      EXPECT_EQ(rig.count(Count::stream_conflict), 1u) << begin << ' ' << end;
      EXPECT_EQ(rig.sink().conflict_at(), begin);
      EXPECT_EQ(rig.count(Count::stream_not_compared), 0u);
      rig.finish();
    }
  }
}

TEST(StreamAcceptance, OctetsThatWaitedAreRememberedToo) {
  Rig rig;
  rig.handshake().client(4, "efgh").client(0, "abcd").client(0, "abcdeFgh");
  EXPECT_EQ(rig.sink().conflict_at(), 5u);
  EXPECT_EQ(rig.finish(), ">abcdefgh!");
}

TEST(StreamAcceptance, WhatWasNeverSeenCannotBeCompared) {
  Rig rig;
  rig.handshake().client(5, "later", With{.ack = 0}).server(0, "", 10).wait_ms(1001);
  rig.server(0, "", 10).client(0, "12345");
  EXPECT_EQ(rig.count(Count::stream_not_compared), 1u);
  EXPECT_EQ(rig.count(Count::stream_conflict), 0u);
  EXPECT_EQ(rig.finish(), ">[5]later");
}

// ---- octets on a SYN (RFC 7413) -----------------------------------------------------------------

TEST(StreamAcceptance, OctetsOnASynAreReadOnceTheServerTookThem) {
  Rig rig;
  rig.take(Direction::to_server, kBeforeFirst, "EHLO", kSynOnly);
  EXPECT_EQ(rig.told(), "");
  rig.take(Direction::to_client, kBeforeFirst, "", syn_ack(4));
  EXPECT_EQ(rig.told(), ">EHLO");
  rig.client(4, " me");
  EXPECT_EQ(rig.finish(), ">EHLO me");
  EXPECT_EQ(rig.count(Count::stream_syn_data_refused), 0u);
}

TEST(StreamAcceptance, OctetsOnASynThatTheServerRefusedAreNotOfTheStream) {
  Rig rig;
  rig.take(Direction::to_server, kBeforeFirst, "NOOP", kSynOnly);
  rig.take(Direction::to_client, kBeforeFirst, "", syn_ack(0));
  rig.client(0, "EHLO");
  EXPECT_EQ(rig.finish(), ">EHLO");
  EXPECT_EQ(rig.count(Count::stream_syn_data_refused), 1u);
  EXPECT_EQ(rig.count(Count::stream_conflict), 0u);
}

TEST(StreamAcceptance, WithoutTheServersSideTheClientsNextNumberTells) {
  for (const bool taken : {true, false}) {
    Rig rig;
    rig.oneside().take(Direction::to_server, kBeforeFirst, "EHLO", kSynOnly);
    rig.client(taken ? 4 : 0, taken ? " me" : "QUIT");
    EXPECT_EQ(rig.finish(), taken ? ">EHLO me" : ">QUIT");
  }
}

TEST(StreamAcceptance, ASynThatComesAgainLateHasNothingToAdd) {
  Rig rig;
  rig.handshake().server(0, "220").take(Direction::to_server, kBeforeFirst, "EVIL", kSynOnly);
  rig.client(0, "EHLO");
  EXPECT_EQ(rig.finish(), "<220>EHLO");
  EXPECT_EQ(rig.count(Count::stream_syn_data_refused), 1u);
}

TEST(StreamAcceptance, ASynThatComesAfterLaterOctetsTakesNothingAway) {
  Rig rig;
  rig.oneside().flow().set_base(Direction::to_server, SeqNum(1001));
  rig.client(4, " me").take(Direction::to_server, kBeforeFirst, "EHLO", kSynOnly);
  EXPECT_EQ(rig.finish(), ">EHLO me");
  EXPECT_EQ(rig.count(Count::stream_syn_data_refused), 0u);
}

TEST(StreamAcceptance, ASynNobodyAnsweredSaysNothing) {
  Rig rig;
  rig.take(Direction::to_server, kBeforeFirst, "EHLO", kSynOnly);
  EXPECT_EQ(rig.finish(), "");
}

TEST(StreamAcceptance, OctetsOnASynOrRstInTheMiddleAreNotOfTheStream) {
  for (const unsigned flags : {0u + wire::kSyn + wire::kAck, 0u + wire::kSyn, 0u + wire::kRst,
                               0u + wire::kRst + wire::kAck}) {
    const With evil{.ack = 3, .flags = static_cast<std::uint8_t>(flags)};
    // A SYN takes the number in front of its octets.
    const std::uint64_t at = (flags & wire::kSyn) != 0 ? 2 : 3;
    Rig rig;
    rig.handshake().server(0, "220").client(0, "abc", 3);
    rig.take(Direction::to_server, at, "EVIL", evil).take(Direction::to_client, at, "EVIL", evil);
    rig.client(3, "def", 3).server(3, "250", 6);
    EXPECT_EQ(rig.finish(), "<220>abcdef<250") << flags;
    EXPECT_EQ(rig.count(Count::stream_conflict), 0u);
    EXPECT_EQ(rig.count(Count::stream_syn_data_refused) + rig.count(Count::stream_unacceptable),
              2u);
  }
}

TEST(StreamAcceptance, AResetSaysNothingOfWhereItsSenderIs) {
  Rig rig;
  rig.client(0, "EHLO", With{.ack = 7});
  rig.take(Direction::to_client, 0x70000000, "", With{.ack = 0, .flags = wire::kRst});
  rig.server(7, "250", 4);
  EXPECT_EQ(rig.told(), ">EHLO<250");
  rig.finish();
}

// ---- octets behind a FIN ------------------------------------------------------------------------

TEST(StreamAcceptance, BehindAFinThatTheReceiverHasNothingIsRead) {
  Rig rig;
  rig.handshake().client(0, "QUIT", With{.flags = wire::kAck | wire::kFin}).server(0, "", 5);
  rig.client(4, "DATA").client(5, "RSET").client(0, "QUITx");
  EXPECT_EQ(rig.finish(), ">QUIT");
  EXPECT_EQ(rig.count(Count::stream_after_fin), 3u);
}

TEST(StreamAcceptance, AFinTheReceiverDidNotTakeWasNone) {
  Rig rig;
  rig.handshake().client(0, "QUIT", With{.flags = wire::kAck | wire::kFin}).server(0, "", 4);
  rig.client(4, "DATA");
  EXPECT_EQ(rig.finish(), ">QUITDATA");
}

// ---- RST and FIN in place -----------------------------------------------------------------------

TEST(StreamAcceptance, ARstOrFinCountsInItsReceiversWindow) {
  Rig rig;
  rig.handshake().client(0, "0123456789").server(0, "ok", 10).client(10, "abc", 2);
  const auto accepts = [&](std::int64_t offset) {
    wire::Segment s;
    s.flags = wire::kRst;
    s.seq = SeqNum(1000) + 1 + static_cast<std::uint32_t>(offset);
    return rig.reassembler().acceptable(rig.flow(), rig.conversation(), s, Direction::to_server);
  };
  constexpr auto kWindow = static_cast<std::int64_t>(stream::Hold::kWindow);
  EXPECT_FALSE(accepts(9));  // acknowledged before
  EXPECT_TRUE(accepts(10));
  EXPECT_TRUE(accepts(13));  // the next
  EXPECT_TRUE(accepts(13 + kWindow));
  EXPECT_FALSE(accepts(14 + kWindow));
  EXPECT_FALSE(accepts(1 << 30));
  EXPECT_FALSE(accepts(-1));
  rig.finish();
}

}  // namespace
}  // namespace mailglass::test
