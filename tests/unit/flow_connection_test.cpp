// SPDX-License-Identifier: BSD-3-Clause
// Roles, handshake and teardown, from segments alone.
#include <gtest/gtest.h>

#include "flow/connection.h"

namespace mailglass::test {
namespace {

using flow::Direction;
using flow::Flow;
using flow::FlowGroup;
using flow::State;
using wire::kAck;
using wire::kFin;
using wire::kRst;
using wire::kSyn;
using wire::Segment;

Segment segment(unsigned flags, std::int64_t us = 0, std::uint32_t seq = 0,
                std::uint32_t octets = 0) {
  Segment s;
  s.flags = static_cast<std::uint8_t>(flags);
  s.time = {us};
  s.seq = SeqNum(seq);
  s.length = octets;
  s.source_port = 40000;
  s.destination_port = 25;
  return s;
}

Segment acknowledging(std::uint32_t ack, Segment s) {
  s.ack = SeqNum(ack);
  return s;
}

Segment answer(std::int64_t us, std::uint32_t seq, std::uint32_t ack) {
  Segment s = segment(kSyn | kAck, us, seq);
  s.ack = SeqNum(ack);
  return s;
}

// A flow as the table opens it.
FlowGroup opened(const Segment& s, bool from_low = true) {
  FlowGroup group;
  Flow& flow = group.flow[0];
  flow.state = State::opening;
  flow.detail().first = flow.last = s.time;
  flow::begin(flow, s, from_low);
  flow::track(flow, s, flow::direction_of(flow, from_low));
  return group;
}

TEST(FlowConnection, OnlySynAndOctetsOpenAFlow) {
  EXPECT_TRUE(flow::opens_flow(segment(kSyn)));
  EXPECT_TRUE(flow::opens_flow(segment(kSyn | kAck)));
  EXPECT_TRUE(flow::opens_flow(segment(kAck, 0, 0, 1)));
  EXPECT_FALSE(flow::opens_flow(segment(kAck)));
  EXPECT_FALSE(flow::opens_flow(segment(kFin | kAck)));
  EXPECT_FALSE(flow::opens_flow(segment(kRst)));
  EXPECT_FALSE(flow::opens_flow(segment(kRst | kAck, 0, 0, 10)));  // a diagnostic text
}

TEST(FlowConnection, HandshakeIsTimed) {
  FlowGroup group = opened(segment(kSyn, 100, 1000));
  Flow& flow = group.flow[0];
  EXPECT_EQ(flow.state, State::opening);
  EXPECT_FALSE(flow.midstream);
  flow::track(flow, answer(350, 5000, 1001), Direction::to_client);
  EXPECT_EQ(flow.detail().syn_ack_us, 250u);
  flow::track(flow, acknowledging(5001, segment(kAck, 600, 1001)), Direction::to_server);
  EXPECT_EQ(flow.detail().handshake_us, 500u);
  EXPECT_EQ(flow.state, State::established);
  EXPECT_EQ(flow.base(Direction::to_server).raw(), 1001u);
  EXPECT_EQ(flow.base(Direction::to_client).raw(), 5001u);
  flow::track(flow, segment(kAck, 900, 1001), Direction::to_server);
  EXPECT_EQ(flow.detail().handshake_us, 500u) << "it is timed once";
}

TEST(FlowConnection, RetransmittedSynAnswersTimeFromTheFirst) {
  FlowGroup group = opened(segment(kSyn, 0, 1000));
  Flow& flow = group.flow[0];
  flow::track(flow, segment(kSyn, 1'000'000, 1000), Direction::to_server);
  flow::track(flow, answer(1'000'200, 5000, 1001), Direction::to_client);
  flow::track(flow, answer(2'000'000, 5000, 1001), Direction::to_client);
  EXPECT_EQ(flow.detail().syn_ack_us, 1'000'200u);
}

TEST(FlowConnection, TimesTooLongOrBackwardsAreKeptInRange) {
  FlowGroup group = opened(segment(kSyn, 1'000'000, 1000));
  Flow& flow = group.flow[0];
  flow::track(flow, answer(500'000, 5000, 1001), Direction::to_client);
  EXPECT_EQ(flow.detail().syn_ack_us, 0u);
  EXPECT_EQ(flow.last.us, 1'000'000) << "a clock that steps back makes no flow older";
  flow::track(flow, segment(kAck, 10'000'000'000, 1001), Direction::to_server);
  EXPECT_EQ(flow.detail().handshake_us, 0xffffffffu);
}

TEST(FlowConnection, WhoSendsTheSynIsTheClientOnAnyPort) {
  for (const bool from_low : {true, false}) {
    Segment syn = segment(kSyn);
    syn.source_port = 25;
    syn.destination_port = 40000;
    EXPECT_EQ(opened(syn, from_low).flow[0].client_is_low, from_low);
    syn.flags = kSyn | kAck;
    EXPECT_EQ(opened(syn, from_low).flow[0].client_is_low, !from_low);
  }
}

TEST(FlowConnection, InTheMiddlePortsSayWhoServes) {
  struct Row {
    std::uint16_t source, destination;
    bool sender_is_client;
  };
  for (const Row& row :
       {Row{40000, 25, true}, Row{25, 40000, false}, Row{110, 50, false}, Row{50, 110, true},
        Row{50000, 3000, true}, Row{3000, 50000, false}, Row{25, 587, false}, Row{587, 25, true}}) {
    Segment s = segment(kAck, 0, 7, 5);
    s.source_port = row.source;
    s.destination_port = row.destination;
    const FlowGroup group = opened(s);
    const Flow& flow = group.flow[0];
    EXPECT_EQ(flow.client_is_low, row.sender_is_client) << row.source;
    EXPECT_TRUE(flow.midstream);
    EXPECT_EQ(flow.state, State::established);
  }
}

// RFC 9293 section 3.5, figure 8: SYNs cross, each side answers with SYN and ACK.
TEST(FlowConnection, SimultaneousOpenIsOneFlow) {
  FlowGroup group = opened(segment(kSyn, 0, 100));
  Flow& flow = group.flow[0];
  const Segment other = segment(kSyn, 10, 300);
  EXPECT_FALSE(flow::reuses_ports(flow, other, Direction::to_client));
  flow::track(flow, other, Direction::to_client);
  for (const Direction d : {Direction::to_server, Direction::to_client}) {
    const bool first = d == Direction::to_server;
    const Segment both = answer(20, first ? 100 : 300, first ? 301 : 101);
    EXPECT_FALSE(flow::reuses_ports(flow, both, d));
    flow::track(flow, both, d);
  }
  EXPECT_EQ(flow.base(Direction::to_server).raw(), 101u);
  EXPECT_EQ(flow.base(Direction::to_client).raw(), 301u);
  flow::track(flow, segment(kAck, 30, 101, 5), Direction::to_server);
  EXPECT_EQ(flow.state, State::established);
}

TEST(FlowConnection, SynReusesThePortsWhereNoServerIsSeen) {
  FlowGroup group = opened(segment(kSyn, 0, 1000));
  Flow& flow = group.flow[0];
  EXPECT_FALSE(flow::reuses_ports(flow, segment(kSyn, 9, 1000), Direction::to_server));
  EXPECT_TRUE(flow::reuses_ports(flow, segment(kSyn, 9, 1001), Direction::to_server));
  EXPECT_FALSE(flow::reuses_ports(flow, segment(kAck, 9, 1001), Direction::to_server));
  flow::track(flow, segment(kRst, 20), Direction::to_server);
  EXPECT_TRUE(flow::reuses_ports(flow, segment(kSyn, 30, 1000), Direction::to_server));
}

TEST(FlowConnection, OnlyTheServersAnswerReusesThePortsOfALivingConnection) {
  FlowGroup group = opened(segment(kSyn, 0, 1000));
  Flow& flow = group.flow[0];
  flow::track(flow, answer(10, 5000, 1001), Direction::to_client);
  for (const unsigned flags :
       {unsigned{kAck}, unsigned{kRst | kAck}}) {  // established, then reset by whomever
    flow::track(flow, acknowledging(5001, segment(flags, 20, 1001)), Direction::to_server);
    EXPECT_FALSE(flow::reuses_ports(flow, segment(kSyn, 30, 77), Direction::to_server));
    EXPECT_FALSE(flow::reuses_ports(flow, segment(kSyn | kAck, 30, 77), Direction::to_server));
    EXPECT_FALSE(flow::reuses_ports(flow, segment(kSyn | kAck, 30, 5000), Direction::to_client));
    // Nobody sent the SYN it answers; a reset connection needs none.
    EXPECT_EQ(flow::reuses_ports(flow, segment(kSyn | kAck, 30, 77), Direction::to_client),
              flow.state == State::closed);
  }
  flow.state = State::established;
  flow::track(flow, segment(kSyn, 30, 76), Direction::to_server);
  EXPECT_TRUE(flow::reuses_ports(flow, segment(kSyn | kAck, 30, 77), Direction::to_client));
  flow.syn_again = false;
  flow.verdict = flow::Verdict::other;  // nothing of it is read that could be hidden
  EXPECT_TRUE(flow::reuses_ports(flow, segment(kSyn | kAck, 30, 77), Direction::to_client));
  flow.fins = 3;
  EXPECT_TRUE(flow::reuses_ports(flow, segment(kSyn, 30, 1000), Direction::to_server));
}

TEST(FlowConnection, OfSeveralSynsTheOneThatIsAnsweredCounts) {
  FlowGroup group = opened(segment(kSyn, 0, 4'000'000'000));
  Flow& flow = group.flow[0];
  flow::track(flow, answer(5, 6000, 77), Direction::to_client);  // answers none of them
  EXPECT_FALSE(flow.based_reply);
  flow::track(flow, segment(kSyn, 5, 1000), Direction::to_server);
  flow::track(flow, answer(10, 5000, 1001), Direction::to_client);
  EXPECT_EQ(flow.base(Direction::to_server).raw(), 1001u);
}

TEST(FlowConnection, OfSeveralSynAcksTheOneThatTheClientTookCounts) {
  FlowGroup group = opened(segment(kSyn, 0, 1000));
  Flow& flow = group.flow[0];
  flow::track(flow, answer(10, 77, 1001), Direction::to_client);
  EXPECT_FALSE(flow::reuses_ports(flow, answer(20, 0x90000000, 1001), Direction::to_client));
  flow::track(flow, answer(20, 0x90000000, 1001), Direction::to_client);
  flow::track(flow, acknowledging(0x90000001, segment(kAck, 30, 1001)), Direction::to_server);
  EXPECT_EQ(flow.base(Direction::to_client).raw(), 0x90000001u);
}

TEST(FlowConnection, HandshakeWhoseSynWasNotCapturedIsNotTimed) {
  FlowGroup group = opened(segment(kSyn | kAck, 100, 5000), false);
  Flow& flow = group.flow[0];
  flow::track(flow, segment(kAck, 300, 1001), Direction::to_server);
  EXPECT_EQ(flow.state, State::established);
  EXPECT_EQ(flow.detail().syn_ack_us, 0u);
  EXPECT_EQ(flow.detail().handshake_us, 0u);
}

TEST(FlowConnection, EndsByResetOrByFinsOfBothSides) {
  FlowGroup reset_group = opened(segment(kSyn));
  Flow& reset = reset_group.flow[0];
  flow::track(reset, segment(kRst | kAck), Direction::to_client);
  EXPECT_EQ(reset.state, State::closed);

  FlowGroup finished_group = opened(segment(kSyn));
  Flow& finished = finished_group.flow[0];
  flow::track(finished, segment(kAck, 0, 1, 5), Direction::to_server);
  flow::track(finished, segment(kFin | kAck), Direction::to_server);
  flow::track(finished, segment(kFin | kAck), Direction::to_server);
  EXPECT_EQ(finished.state, State::established) << "one side may go on";
  flow::track(finished, segment(kFin | kAck), Direction::to_client);
  EXPECT_EQ(finished.state, State::closed);
}

// RFC 5961: a RST that is not exactly at the next number is challenged, and the connection goes on.
TEST(FlowConnection, WhoTalksOnAfterItsResetIsAlive) {
  FlowGroup group = opened(segment(kSyn));
  Flow& flow = group.flow[0];
  flow::track(flow, segment(kAck, 0, 1, 5), Direction::to_server);
  flow::track(flow, segment(kRst), Direction::to_server);
  flow::track(flow, segment(kAck, 0, 1, 7), Direction::to_client);
  EXPECT_EQ(flow.state, State::closed) << "the other side's octets were on their way";
  flow::track(flow, segment(kAck), Direction::to_server);
  EXPECT_EQ(flow.state, State::closed) << "an acknowledgement may have been";
  flow::track(flow, segment(kAck, 0, 6, 5), Direction::to_server);
  EXPECT_EQ(flow.state, State::established);
  flow::track(flow, segment(kRst), Direction::to_server);
  EXPECT_EQ(flow.state, State::closed);
}

TEST(FlowConnection, CountsWholeFramesWithWhatTheSnapLengthCutOff) {
  FlowGroup group = opened(segment(kSyn));
  Flow& flow = group.flow[0];
  Segment s = segment(kAck, 0, 1, 1000);
  const std::uint8_t captured[10] = {};
  s.payload = captured;
  s.frame_octets = 64;
  flow::track(flow, s, Direction::to_server);
  EXPECT_EQ(flow.detail().octets[0], 64 + 990u);
  EXPECT_EQ(flow.detail().segments[0], 2u);
  EXPECT_EQ(flow.detail().segments[1], 0u);
}

TEST(FlowConnection, ExchangedRolesTakeEverythingWithThem) {
  FlowGroup group = opened(segment(kAck, 0, 50, 5));
  Flow& flow = group.flow[0];
  flow.set_base(Direction::to_server, SeqNum(50));
  flow.detail().octets[1] = 9;
  flow.detail().segments[1] = 3;
  flow.fins = 1;
  flow.resets = 2;
  const bool low = flow.client_is_low;
  flow::swap_roles(flow);
  EXPECT_EQ(flow.client_is_low, !low);
  EXPECT_FALSE(flow.has_base(Direction::to_server));
  ASSERT_TRUE(flow.has_base(Direction::to_client));
  EXPECT_EQ(flow.base(Direction::to_client).raw(), 50u);
  EXPECT_EQ(flow.detail().octets[0], 9u);
  EXPECT_EQ(flow.detail().segments[0], 3u);
  EXPECT_EQ(flow.detail().segments[1], 1u);
  EXPECT_EQ(flow.fins, 2);
  EXPECT_EQ(flow.resets, 1);
  flow::swap_roles(flow);
  EXPECT_EQ(flow.fins, 1);
  EXPECT_TRUE(flow.has_base(Direction::to_server));
}

}  // namespace
}  // namespace mailglass::test
