// SPDX-License-Identifier: BSD-3-Clause
// Octets that never come: when a hole is given up, what is said of it, and what an attacker gains.
#include "tests/unit/stream_rig.h"

namespace mailglass::test {
namespace {

using With = Rig::With;
constexpr std::uint64_t kWindow = stream::Hold::kWindow;

std::string noise(std::size_t octets) { return std::string(octets, '.'); }

TEST(StreamGap, AcknowledgedHoleIsGivenUpAfterSomeSegments) {
  Rig rig;
  rig.handshake().client(5, "later");
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(rig.told(), "") << i;
    rig.server(0, "", 10);
  }
  EXPECT_EQ(rig.told(), ">[5]later");
  EXPECT_EQ(rig.finish(), ">[5]later");
  EXPECT_EQ(rig.count(Count::stream_octets_missing), 5u);
}

TEST(StreamGap, AcknowledgedHoleIsGivenUpAfterSomeTime) {
  Rig rig;
  rig.handshake().client(5, "later").server(0, "", 10).wait_ms(1001);
  EXPECT_EQ(rig.told(), "");
  rig.server(0, "", 10);
  EXPECT_EQ(rig.told(), ">[5]later");
  rig.finish();
}

TEST(StreamGap, HoleNobodyAcknowledgedIsWaitedForMuchLonger) {
  Rig rig;
  rig.handshake().client(5, "later").wait_ms(29'000).client(10, " too");
  EXPECT_EQ(rig.told(), "");
  rig.wait_ms(1'001).client(14, "!");
  EXPECT_EQ(rig.told(), ">[5]later too!");
  rig.finish();
}

TEST(StreamGap, LostCommandDelaysItsReplyAndIsAGapBeforeIt) {
  Rig rig;
  rig.handshake().server(0, "250 ok", 6).wait_ms(2000).client(6, "DATA", 6);
  EXPECT_EQ(rig.told(), ">[6]<250 ok>DATA");
  rig.finish();
}

TEST(StreamGap, EndOfTheFlowGivesUpEveryHole) {
  Rig rig;
  rig.handshake().client(1, "b").client(3, "d").server(2, "z", 6);
  EXPECT_EQ(rig.told(), "");
  EXPECT_EQ(rig.finish(), ">[1]b[1]d<[2]>[2]<z");
}

TEST(StreamGap, AcknowledgedOctetsThatNeverCameAreMissingInTheEnd) {
  Rig rig;
  rig.handshake().client(0, "abc").server(0, "", 9);
  EXPECT_EQ(rig.finish(), ">abc[6]");
}

TEST(StreamGap, AcknowledgedFinNobodySawIsNoMissingOctet) {
  Rig rig;
  rig.handshake().client(0, "QUIT").server(0, "221", 5).wait_ms(2000).server(3, "!", 5);
  EXPECT_EQ(rig.told(), ">QUIT<221!");
  EXPECT_EQ(rig.finish(), ">QUIT<221!");
  EXPECT_EQ(rig.count(Count::stream_octets_missing), 0u);
}

TEST(StreamGap, WhatTheSnapLengthCutOffIsAGap) {
  Rig rig;
  rig.handshake().client(0, "Subj", With{.cut = 6}).client(10, "next");
  EXPECT_EQ(rig.finish(), ">Subj[6]next");
}

TEST(StreamGap, OneOctetCutOffIsAGapTooAndNoFin) {
  Rig rig;
  rig.handshake().client(0, "abc", With{.cut = 1}).client(4, "efg");
  EXPECT_EQ(rig.finish(), ">abc[1]efg");
}

TEST(StreamGap, CaptureOfHeadersAloneIsAllGaps) {
  Rig rig;
  rig.handshake().client(0, "", With{.cut = 10}).server(0, "", With{.ack = 10, .cut = 20});
  EXPECT_EQ(rig.finish(), ">[10]<[20]");
}

TEST(StreamGap, CutDoesNotReachOverWhatIsHeld) {
  Rig rig;
  rig.handshake().client(6, "ghi").client(0, "abc", With{.cut = 6});
  EXPECT_EQ(rig.finish(), ">abc[3]ghi");
}

TEST(StreamGap, HeldSegmentThatWasCutLeavesAHole) {
  Rig rig;
  rig.handshake().client(3, "def", With{.cut = 3}).client(9, "jkl").client(0, "abc");
  EXPECT_EQ(rig.told(), ">abcdef");
  EXPECT_EQ(rig.finish(), ">abcdef[3]jkl");
}

TEST(StreamGap, NoHoldLeftAndTheReceiverHasTheOctets) {
  Rig rig({.holds = 0});
  rig.handshake().server(0, "", 4).client(1, "bcd");
  EXPECT_EQ(rig.finish(), ">[1]bcd");
  EXPECT_EQ(rig.count(Count::stream_refused_holds), 1u);
}

TEST(StreamGap, NoHoldLeftAndTheHoleMayStillBeFilled) {
  Rig rig({.holds = 0});
  rig.handshake().client(3, "def").client(0, "abc").server(0, "", 6);
  EXPECT_EQ(rig.finish(), ">abc[3]");
  EXPECT_EQ(rig.count(Count::stream_refused_holds), 1u);
}

TEST(StreamGap, NoHoldLeftForAReplyMeansItIsReadAtOnce) {
  Rig rig({.holds = 0});
  rig.handshake().server(0, "250", 4).client(0, "EHLO");
  EXPECT_EQ(rig.finish(), "<250>EHLO");
}

TEST(StreamGap, NoBlockLeftAndTheReceiverHasTheOctets) {
  Rig rig({.blocks = 1});
  rig.handshake().client(1, noise(2000)).server(0, "", 4001).client(2001, noise(2000));
  EXPECT_EQ(rig.finish(), ">[1]" + noise(4000));
  EXPECT_GE(rig.count(Count::stream_refused_blocks), 1u);
}

TEST(StreamGap, SegmentThatFillsTheHoleNeedsNoBlock) {
  Rig rig({.blocks = 1});
  rig.handshake().client(2048, noise(10)).client(0, noise(2048));
  EXPECT_EQ(rig.finish(), ">" + noise(2058));
  EXPECT_EQ(rig.count(Count::stream_refused_blocks), 0u);
  EXPECT_EQ(rig.count(Count::stream_octets_missing), 0u);
}

TEST(StreamGap, TooManyRangesAndTheReceiverHasTheOctets) {
  Rig rig({.stream = {.patience_segments = 100}});
  rig.handshake().server(0, "", 1000);
  std::string expected = ">";
  for (std::uint64_t i = 0; i <= stream::Assembler::kMaxRanges; ++i) {
    rig.client(2 * i + 1, "x");
    expected += "[1]x";
  }
  EXPECT_EQ(rig.count(Count::stream_refused_ranges), 1u);
  EXPECT_EQ(rig.finish(), expected + "[" + std::to_string(1000 - 98) + "]");
}

TEST(StreamGap, TooManyRangesAndTheHoleMayStillBeFilled) {
  Rig rig;
  rig.handshake();
  for (std::uint64_t i = 0; i <= stream::Assembler::kMaxRanges; ++i) rig.client(2 * i + 1, "x");
  EXPECT_EQ(rig.count(Count::stream_refused_ranges), 1u);
  rig.client(0, noise(200));
  EXPECT_EQ(rig.told().size(), 1 + 200u + 1);  // with the mark of the side, and of the conflict
  rig.finish();
}

TEST(StreamGap, WindowIsFullAndTheReceiverHasTheOctets) {
  Rig rig;
  rig.handshake().client(10, "abc").server(0, "", kWindow + 20).client(kWindow + 20, "xyz");
  EXPECT_EQ(rig.finish(), ">[10]abc[" + std::to_string(kWindow + 7) + "]xyz");
}

// ---- what an attacker writes
// ---------------------------------------------------------------------

TEST(StreamAttack, WildNumberDoesNotMakeUsMissWhatFollows) {
  for (const std::uint64_t wild :
       {kWindow - 1, kWindow, kWindow + 1, kWindow + 10, std::uint64_t{1} << 20,
        std::uint64_t{1} << 29, (std::uint64_t{1} << 30) + 5, std::uint64_t{1} << 31,
        (std::uint64_t{1} << 32) - (1 << 20)}) {
    Rig rig;
    rig.handshake().client(0, "EHLO", 0).client(wild, "junk").server(0, "250", 4);
    rig.client(4, "MAIL", 3).server(3, "ok", 8);
    EXPECT_EQ(rig.told(), ">EHLO<250>MAIL<ok") << wild;
    rig.finish();
  }
}

TEST(StreamAttack, OctetsBeyondTheWindowOfALivingReceiverAreForgotten) {
  Rig rig;
  rig.handshake().client(0, "EHLO").client(200'000, "junk");
  EXPECT_EQ(rig.blocks().used(), 1u);
  rig.server(0, "", 4).wait_ms(31'000).server(0, "", 4);
  EXPECT_EQ(rig.blocks().used(), 0u);
  rig.server(0, "250", 4).client(4, "MAIL", 3).server(3, "ok", 8);
  EXPECT_EQ(rig.finish(), ">EHLO<250>MAIL<ok");
}

TEST(StreamAttack, ManyRangesBeyondAHoleDoNotMoveUsPastIt) {
  Rig rig;
  rig.handshake();
  for (std::uint64_t i = 0; i < 100; ++i) rig.client(100'000 + 2 * i, "x");
  rig.client(0, "EHLO").server(0, "250", 4).client(4, "MAIL", 3);
  EXPECT_EQ(rig.told(), ">EHLO<250>MAIL");
  rig.finish();
}

// The server drops a segment that acknowledges what it never sent (RFC 9293 section 3.10.7.4).
TEST(StreamAttack, AcknowledgementOfOctetsNeverSentDoesNotSilenceTheServer) {
  for (const std::uint64_t lie : {2ul, 3ul, 1000ul, 1ul << 20, 1ul << 29}) {
    Rig rig;
    rig.handshake().client(0, "EHLO", lie).wait_ms(2000).client(0, "EHLO", 0);
    rig.server(0, "250-", 4).server(4, "STARTTLS", 4);
    EXPECT_EQ(rig.told(), "<[" + std::to_string(lie) + "]>EHLO<250-STARTTLS");
    EXPECT_EQ(rig.conversation()[Direction::to_client].missing, 0u);
    rig.finish();
  }
}

TEST(StreamAttack, AcknowledgementOfAFinNeverSentDoesNotEither) {
  Rig rig;
  rig.handshake().client(0, "EHLO", 1).wait_ms(2000).client(0, "EHLO", 0);
  rig.server(0, "250-", 4).server(4, "STARTTLS", 4);
  EXPECT_EQ(rig.told(), ">EHLO<250-STARTTLS");
  rig.server(12, "\n", 8).client(4, "MAIL", 12);
  EXPECT_EQ(rig.finish(), ">EHLO<250-STARTTLS>MAIL<\n");
}

TEST(StreamAttack, AcknowledgementsBeyondReasonAreNotBelieved) {
  Rig rig;
  rig.handshake().client(0, "EHLO", std::uint64_t{1} << 30 | 1).server(0, "250", 4);
  EXPECT_EQ(rig.finish(), ">EHLO<250");
}

TEST(StreamAttack, RepeatedLiesOnlyDelay) {
  Rig rig;
  rig.handshake();
  std::string expected;
  for (std::uint64_t i = 0; i < 50; ++i) {
    rig.client(i, "c", 1000 * (i + 1)).wait_ms(1500).client(i, "c", i).server(i, "s", i + 1);
  }
  EXPECT_EQ(rig.sink().octets(Direction::to_server), 50u);
  EXPECT_EQ(rig.sink().octets(Direction::to_client), 50u);
  rig.finish();
}

// ---- captures of one side, or from the middle
// ----------------------------------------------------

TEST(StreamOneSided, ClientAloneIsReadWithoutWaiting) {
  Rig rig;
  rig.oneside().client(0, "EHLO", 10).client(4, "MAIL", 20).client(8, "QUIT", 30);
  EXPECT_EQ(rig.told(), ">EHLOMAILQUIT");
  EXPECT_EQ(rig.finish(), ">EHLOMAILQUIT");
}

TEST(StreamOneSided, ServerAloneIsReadWithoutWaiting) {
  Rig rig;
  rig.oneside().server(0, "220", 0).server(3, "250", 10).server(6, "221", 20);
  EXPECT_EQ(rig.told(), "<220250221");
  EXPECT_EQ(rig.finish(), "<220250221");
}

TEST(StreamOneSided, HoleIsGivenUpAlthoughNobodyAcknowledges) {
  Rig rig;
  rig.oneside().client(0, "abc", 5).client(6, "ghi", 5);
  EXPECT_EQ(rig.told(), ">abc");
  rig.wait_ms(31'000).client(9, "jkl", 5);
  EXPECT_EQ(rig.told(), ">abc[3]ghijkl");
  rig.finish();
}

TEST(StreamOneSided, LossOfMoreThanAWindowIsOneGap) {
  Rig rig;
  rig.oneside().client(0, "abc", 5).client(3 + 2 * kWindow, "xyz", 5);
  EXPECT_EQ(rig.finish(), ">abc[" + std::to_string(2 * kWindow) + "]xyz");
}

TEST(StreamMidstream, BeginsWithTheFirstOctetsSeen) {
  Rig rig;
  rig.client(700, "MAIL", 300).server(300, "250", 704).client(704, "RCPT", 303);
  EXPECT_EQ(rig.finish(), ">MAIL<250>RCPT");
  EXPECT_EQ(rig.count(Count::stream_octets_missing), 0u);
}

TEST(StreamMidstream, LossOfMoreThanAWindowBothWaysIsFoundAgain) {
  Rig rig;
  rig.handshake().client(0, "abc").server(0, "ok", 3);
  const std::uint64_t far = 5 * kWindow;
  rig.client(far, "lost").server(2, "", far + 4).client(far + 4, "xyz", 2).server(2, "ok", far + 7);
  rig.wait_ms(2000).server(4, "!", far + 7);
  EXPECT_EQ(rig.told(), ">abc<ok>[" + std::to_string(far + 4 - 3) + "]xyz<ok!");
  rig.finish();
}

TEST(StreamGap, OctetsCutOffASegmentThatWaitedAreMissingAtTheEnd) {
  Rig rig;
  rig.handshake().client(0, "abc").client(6, "ghi", With{.cut = 3}).client(3, "def");
  EXPECT_EQ(rig.finish(), ">abcdefghi[3]");
}

TEST(StreamGap, ReceiverThatSpeaksLastAndStillAsksNeverGotWhatLiesBehind) {
  Rig rig;
  rig.handshake().server(0, "banner").server(10, "xyz");
  rig.client(0, "cause", With{.ack = 6});
  EXPECT_EQ(rig.finish(), "<banner>cause");
}

}  // namespace
}  // namespace mailglass::test
