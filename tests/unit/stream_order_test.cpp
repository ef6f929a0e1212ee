// SPDX-License-Identifier: BSD-3-Clause
// The two orders a reassembler keeps: of sequence within a direction, of cause between them.
#include "tests/unit/stream_rig.h"

namespace mailglass::test {
namespace {

TEST(StreamOrder, OctetsInOrderArePassedOnAtOnceAndNeverHeld) {
  Rig rig;
  rig.handshake().client(0, "one ").client(4, "two ");
  EXPECT_EQ(rig.told(), ">one two ");
  EXPECT_EQ(rig.holds().peak(), 0u);
  EXPECT_EQ(rig.finish(), ">one two ");
  EXPECT_EQ(rig.count(Count::stream_octets_delivered), 8u);
}

TEST(StreamOrder, SegmentsOutOfOrderAreHeldUntilTheirTurn) {
  Rig rig;
  rig.handshake().client(8, "three").client(4, "two ");
  EXPECT_EQ(rig.told(), "");
  rig.client(0, "one ");
  EXPECT_EQ(rig.finish(), ">one two three");
  EXPECT_EQ(rig.count(Count::stream_out_of_order), 2u);
  EXPECT_EQ(rig.count(Count::stream_octets_missing), 0u);
}

TEST(StreamOrder, OneRetransmissionIsCountedAndNotReadTwice) {
  Rig rig;
  rig.handshake().client(0, "QUIT\r\n").client(0, "QUIT\r\n");
  EXPECT_EQ(rig.finish(), ">QUIT\r\n");
  EXPECT_EQ(rig.count(Count::stream_retransmitted), 1u);
  EXPECT_EQ(rig.count(Count::stream_octets_duplicate), 6u);
}

TEST(StreamOrder, OfARetransmissionOnlyTheNewPartIsRead) {
  Rig rig;
  rig.handshake().client(0, "abc").client(1, "bcdef");
  EXPECT_EQ(rig.finish(), ">abcdef");
  EXPECT_EQ(rig.count(Count::stream_octets_duplicate), 2u);
}

// RFC 9293 section 3.8.4: an octet before the next number, to make the other side answer.
TEST(StreamOrder, KeepAliveIsNoRetransmission) {
  for (const char* octet : {"c", "?"}) {  // section 3.8.4 allows garbage
    Rig rig;
    rig.handshake().client(0, "abc").server(0, "", 3).client(2, octet).client(2, "");
    EXPECT_EQ(rig.finish(), ">abc");
    EXPECT_EQ(rig.count(Count::stream_keep_alive), 1u);
    EXPECT_EQ(rig.count(Count::stream_retransmitted), 0u);
  }
}

// Each octet twice, in a segment of its own: the first one dies on its way, the second is taken.
// Keep-alives come when everything has been acknowledged; these are two readings.
TEST(StreamOrder, OctetsNotAcknowledgedAreNoKeepAlives) {
  Rig rig;
  rig.handshake();
  for (std::uint64_t at = 0; at < 4; ++at) {
    rig.client(at, std::string(1, "NOOP"[at])).client(at, std::string(1, "QUIT"[at]));
  }
  EXPECT_EQ(rig.finish(), ">N!O!O!P!");
  EXPECT_EQ(rig.count(Count::stream_keep_alive), 0u);
  EXPECT_EQ(rig.count(Count::stream_conflict), 4u);
}

// The octet behind a closed window, sent to ask whether it has opened (RFC 9293 section 3.8.6.1).
TEST(StreamOrder, ZeroWindowProbesAreTheStreamsNextOctet) {
  for (const char* rest : {"defg", "d"}) {
    Rig rig;
    rig.handshake().client(0, "abc").server(0, "", 3);
    for (int probe = 0; probe < 5; ++probe) rig.client(3, "d").server(0, "", 3);
    rig.client(3, rest).server(0, "ok", 3 + std::string(rest).size());
    EXPECT_EQ(rig.finish(), ">abc" + std::string(rest) + "<ok");
    EXPECT_EQ(rig.count(Count::stream_conflict), 0u);
    EXPECT_EQ(rig.conversation().retransmitted, rest[1] == 0 ? 0u : 1u);
  }
  // The window never opens: nothing but the probe was said, and its receiver has not got it.
  Rig rig;
  rig.handshake().client(0, "abc").server(0, "", 3).client(3, "d").server(0, "no", 3);
  EXPECT_EQ(rig.finish(), ">abcd<no");
}

TEST(StreamOrder, FirstCopyOfHeldOctetsWinsAndTheOtherIsReported) {
  Rig rig;
  rig.handshake().client(3, "DEF").client(2, "cXeF").client(0, "ab");
  EXPECT_EQ(rig.finish(), ">!abcDEF");
  EXPECT_EQ(rig.count(Count::stream_conflict), 1u);
}

TEST(StreamOrder, EqualCopiesAreNoConflict) {
  Rig rig;
  rig.handshake().client(3, "def").client(2, "cdefg").client(4, "ef").client(0, "ab");
  EXPECT_EQ(rig.finish(), ">abcdefg");
  EXPECT_EQ(rig.count(Count::stream_conflict), 0u);
}

TEST(StreamOrder, SegmentThatClosesAHoleBetweenHeldOctetsDoesNotReplaceThem) {
  Rig rig;
  rig.handshake().client(1, "bcd").client(7, "hij").client(4, "efgXXXX").client(0, "a");
  EXPECT_EQ(rig.finish(), ">!abcdefghijX");
  EXPECT_EQ(rig.count(Count::stream_conflict), 1u);
}

TEST(StreamOrder, SegmentThatFillsAHoleAndOverlapsWhatIsBehindIsReadOnce) {
  Rig rig;
  rig.handshake().client(3, "def").client(9, "jkl").client(0, "abcdefghijklmn");
  EXPECT_EQ(rig.finish(), ">abcdefghijklmn");
}

TEST(StreamOrder, NumbersWrapAtEveryOffset) {
  const std::string text = "0123456789abcdef";
  for (std::uint32_t before = 0; before < 20; ++before) {
    Rig rig;
    rig.handshake(0u - before, 7u - before)
        .client(8, text.substr(8, 4))
        .client(12, text.substr(12));
    rig.server(0, "ok", 16).client(4, text.substr(4, 4)).client(0, text.substr(0, 4));
    EXPECT_EQ(rig.finish(), ">" + text + "<ok") << before;
  }
}

TEST(StreamOrder, ReplyNeverOvertakesItsCommand) {
  Rig rig;
  rig.handshake().server(0, "220\n").server(4, "250\n", 5).client(0, "EHLO\n", 4);
  EXPECT_EQ(rig.finish(), "<220\n>EHLO\n<250\n");
  EXPECT_EQ(rig.count(Count::stream_early), 1u);
}

TEST(StreamOrder, LongChainHandedOverBackwardsIsPutRight) {
  Rig rig({.stream = {.patience_segments = 16}});
  rig.handshake();
  for (std::uint64_t i = 8; i-- > 0;) {
    rig.server(i, std::string(1, static_cast<char>('0' + i)), i + 1);
    rig.client(i, std::string(1, static_cast<char>('a' + i)), i);
  }
  EXPECT_EQ(rig.finish(), ">a<0>b<1>c<2>d<3>e<4>f<5>g<6>h<7");
}

// Both hold octets that claim to have been sent after the other's: no honest pair does.
TEST(StreamOrder, TwoSidesThatWaitForEachOtherDoNotWaitForEver) {
  Rig rig;
  rig.handshake().client(0, "client", 6).server(0, "server", 6);
  EXPECT_EQ(rig.told(), ">client<server");
  EXPECT_EQ(rig.finish(), ">client<server");
  EXPECT_EQ(rig.count(Count::stream_octets_missing), 0u);
}

TEST(StreamOrder, MutualWaitingBehindAHoleEndsWhenTheHoleIsFilled) {
  Rig rig;
  rig.handshake().client(2, "ient", 6).server(0, "server", 6).client(0, "cl", 6);
  EXPECT_EQ(rig.finish(), ">client<server");
  EXPECT_EQ(rig.count(Count::stream_octets_missing), 0u);
}

TEST(StreamOrder, AcknowledgedFinIsNoOctetToWaitFor) {
  Rig rig;
  rig.handshake().client(0, "QUIT", Rig::With{.flags = wire::kAck | wire::kFin});
  rig.server(0, "221", 5);
  EXPECT_EQ(rig.told(), ">QUIT<221");
  EXPECT_EQ(rig.finish(), ">QUIT<221");
}

TEST(StreamOrder, AnswerToAFinMayOvertakeIt) {
  Rig rig;
  rig.handshake().server(0, "221", 5);
  rig.client(0, "QUIT", Rig::With{.flags = wire::kAck | wire::kFin});
  EXPECT_EQ(rig.told(), ">QUIT<221");
  EXPECT_EQ(rig.finish(), ">QUIT<221");
  EXPECT_EQ(rig.count(Count::stream_octets_missing), 0u);
}

TEST(StreamOrder, AcknowledgementOfAFinThatOvertakesItIsNoGap) {
  Rig rig;
  rig.handshake().client(0, "QUIT").server(0, "", 5);
  rig.client(4, "", Rig::With{.flags = wire::kAck | wire::kFin});
  EXPECT_EQ(rig.finish(), ">QUIT");
  EXPECT_EQ(rig.conversation()[Direction::to_server].missing, 0u);
}

TEST(StreamOrder, StoppedSinkGetsNothingMoreAndThePoolsAreEmpty) {
  Rig rig;
  rig.handshake();
  rig.sink().stop_after(5, rig.conversation());
  rig.client(6, "GHI").client(3, "DEF").server(0, "early", 9).client(0, "abc").client(9, "more");
  EXPECT_EQ(rig.holds().used(), 0u);
  EXPECT_EQ(rig.blocks().used(), 0u);
  EXPECT_EQ(rig.finish(), ">abcDEFGHI");
}

TEST(StreamOrder, SmallestSegmentsInReverseAndAcrossBlocks) {
  constexpr std::uint64_t kStart = stream::Block::kOctets - 20;
  Rig rig;
  const std::string before(kStart, '.');
  rig.handshake().client(0, before);
  const std::string text = "the quick brown fox jumps over the lazy dog";
  for (std::size_t i = text.size(); i-- > 1;) rig.client(kStart + i, text.substr(i, 1));
  EXPECT_EQ(rig.blocks().used(), 2u);
  rig.client(kStart, "t");
  EXPECT_EQ(rig.finish(), ">" + before + text);
}

}  // namespace
}  // namespace mailglass::test
