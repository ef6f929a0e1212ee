// SPDX-License-Identifier: BSD-3-Clause
// The table in its place: timeouts, eviction, refusal and floods, through the whole pipeline.
#include <gtest/gtest.h>

#include <algorithm>

#include "flow/table.h"
#include "tests/support/normal_form.h"
#include "tests/support/talk.h"

namespace mailglass::test {
namespace {

using tally::Count;
using tally::Level;
using wire::kAck;
using wire::kPsh;
using wire::kSyn;
using Frames = std::vector<TimedFrame>;

constexpr Tick kStart{1'767'225'600'000'000};

Inspection::Options with_flows(std::uint32_t flows) {
  Inspection::Options options;
  options.limits.flow.flows = flows;
  return options;
}

TimedFrame syn(unsigned number, Tick time, unsigned destination_port = 80) {
  const std::string source =
      "203.0." + std::to_string(number >> 8 & 0xff) + "." + std::to_string(number & 0xff);
  return {Packet()
              .ipv4(source, "192.0.2.1")
              .tcp(1024 + (number >> 16), destination_port)
              .seq(number)
              .flags(kSyn)
              .frame(),
          time};
}

void greet(Talk& talk) {
  talk.handshake()
      .server("220 mail.example.org ESMTP\r\n")
      .client("EHLO a.example.com\r\n")
      .server("250 mail.example.org\r\n");
}

Frames behind(const Frames& all, std::size_t first) {
  return {all.begin() + static_cast<std::ptrdiff_t>(first), all.end()};
}

TEST(FlowTable, BucketsHoldTwiceAsManyFlowsAsThereAreSlots) {
  for (const std::size_t flows : {1u, 8u, 9u, 16u, 1000u, 1u << 20}) {
    const std::size_t buckets = flow::FlowTable::buckets_for(flows);
    EXPECT_EQ(buckets & (buckets - 1), 0u) << flows;
    EXPECT_GE(buckets * flow::Bucket::kEntries, 2 * flows);
    EXPECT_LE(buckets * flow::Bucket::kEntries, std::max<std::size_t>(16, 4 * flows));
  }
  // The design's promise: 128 octets for a flow, with its index.
  constexpr std::size_t kFlows = 1 << 20;
  EXPECT_LE(sizeof(flow::FlowGroup) * flow::FlowTable::groups_for(kFlows) +
                sizeof(flow::Bucket) * flow::FlowTable::buckets_for(kFlows),
            128 * kFlows);
}

TEST(FlowTable, FloodOfSynsDoesNotDisturbALiveSession) {
  Inspection inspection(with_flows(64));
  Talk talk;
  greet(talk);
  inspection.take(talk.frames());
  const std::size_t before = talk.frames().size();
  Tick now = talk.frames().back().time;
  Frames flood;
  for (unsigned i = 0; i < 100'000; ++i) {
    flood.push_back(syn(i, now));
    if (flood.size() == 1000) inspection.take(std::exchange(flood, {}));
  }
  talk.client("QUIT\r\n").server("221 bye\r\n").farewell();
  inspection.take(behind(talk.frames(), before));
  inspection.finish();
  EXPECT_EQ(balance(inspection.counters()), "");
  EXPECT_EQ(inspection.count(Count::sessions_smtp), 1u);
  const auto flows = inspection.eve_of_type("flow");
  ASSERT_EQ(flows.size(), 1u);
  EXPECT_EQ(member(flows[0], "flow", "reason"), "\"fin\"");
  EXPECT_EQ(member(flows[0], "flow", "gap"), "false");
  EXPECT_EQ(member(flows[0], "flow", "pkts_toserver"), "6");
  EXPECT_EQ(inspection.count(Count::flows_opened),
            100'001 - inspection.count(Count::flow_refused_full) -
                inspection.count(Count::flow_refused_bucket));
  EXPECT_GT(inspection.count(Count::flow_closed_evicted), 90'000u);
  EXPECT_EQ(inspection.counters().get(Level::flows_peak), 64u);
}

TEST(FlowTable, FullOfMailRefusesByNameAndEvictsNone) {
  constexpr unsigned kFlows = 32;
  Inspection inspection(with_flows(kFlows));
  std::vector<Talk> talks;
  for (unsigned i = 0; i < kFlows; ++i) {
    Talk& talk = talks.emplace_back(25, 40000 + i);
    greet(talk);
    inspection.take(talk.frames());
  }
  ASSERT_EQ(inspection.count(Count::sessions_smtp), kFlows);
  for (unsigned i = 0; i < 100; ++i) inspection.take(syn(i, talks[0].frames().back().time));
  EXPECT_EQ(
      inspection.count(Count::flow_refused_full) + inspection.count(Count::flow_refused_bucket),
      100u);
  EXPECT_EQ(inspection.count(Count::flow_closed_evicted), 0u);
  for (Talk& talk : talks) {
    const std::size_t before = talk.frames().size();
    talk.client("QUIT\r\n").server("221 bye\r\n").farewell();
    inspection.take(behind(talk.frames(), before));
  }
  inspection.finish();
  EXPECT_EQ(inspection.count(Count::smtp_QUIT), kFlows);
  EXPECT_EQ(inspection.eve_of_type("flow").size(), kFlows);
}

TEST(FlowTable, EveryFlowOpenedIsClosedForOneReason) {
  Inspection inspection(with_flows(16));
  Tick now = kStart;
  for (unsigned i = 0; i < 500; ++i)
    inspection.take(syn(i * 7 % 97, {now.us += 1'000'000 * (1 + i % 5)}));
  inspection.finish();
  const std::uint64_t closed =
      inspection.count(Count::flow_closed_fin) + inspection.count(Count::flow_closed_rst) +
      inspection.count(Count::flow_closed_timeout) + inspection.count(Count::flow_closed_evicted) +
      inspection.count(Count::flow_closed_reused) + inspection.count(Count::flow_closed_end);
  EXPECT_EQ(closed, inspection.count(Count::flows_opened));
  EXPECT_GT(inspection.count(Count::flow_closed_timeout), 0u);
}

TEST(FlowTable, StraySegmentsTakeNoSlotAndAreCounted) {
  Inspection inspection;
  Packet stray;
  stray.ipv4("192.0.2.1", "192.0.2.2").tcp(40000, 25);
  inspection.take({stray.flags(kAck).frame(), kStart});
  inspection.take({stray.flags(wire::kFin | kAck).frame(), kStart});
  inspection.take({stray.flags(wire::kRst).frame(), kStart});
  inspection.finish();
  EXPECT_EQ(inspection.count(Count::flow_refused_stray), 3u);
  EXPECT_EQ(inspection.count(Count::flows_opened), 0u);
}

TEST(FlowTable, PortsUsedAgainAreAnotherSession) {
  Talk first, second;
  greet(first);
  second.base(900'000, 800'000).wait(1'000'000);
  greet(second);
  second.farewell();
  Inspection inspection;
  inspection.take(first.frames());
  inspection.take(second.frames());
  inspection.finish();
  EXPECT_EQ(inspection.count(Count::sessions_smtp), 2u);
  EXPECT_EQ(inspection.count(Count::flow_closed_reused), 1u);
  const auto flows = inspection.eve_of_type("flow");
  ASSERT_EQ(flows.size(), 2u);
  EXPECT_EQ(member(flows[0], "flow", "reason"), "\"tcp_reuse\"");
  EXPECT_EQ(member(flows[1], "flow", "gap"), "false");
  EXPECT_NE(member(flows[0], "", "flow_id"), member(flows[1], "", "flow_id"));
}

// What the client makes up must not end what its server carries on.
TEST(FlowTable, SegmentsAServerWouldNotTakeDoNotHideTheRestOfASession) {
  struct Row {
    unsigned flags;
    std::uint32_t seq;
  };
  for (const Row& row : {Row{kSyn, 123'456'789}, Row{kSyn, 999}, Row{wire::kRst, 77},
                         Row{kSyn | kAck, 123'456}, Row{wire::kFin | kAck, 900'000}}) {
    for (std::size_t at = 2; at < 7; ++at) {
      Talk talk;
      greet(talk);
      talk.client("MAIL FROM:<a@example.com>\r\n")
          .server("250 ok\r\n")
          .client("QUIT\r\n")
          .server("221 bye\r\n")
          .farewell();
      Frames frames = talk.frames();
      const Octets lie = Packet()
                             .ipv4("192.0.2.10", "198.51.100.25")
                             .tcp(40000, 25)
                             .seq(row.seq)
                             .ack(99)
                             .flags(row.flags)
                             .frame();
      const auto place = frames.begin() + static_cast<std::ptrdiff_t>(at);
      frames.insert(place, {{lie, place->time}, {lie, place->time}});
      Inspection inspection;
      inspection.take(frames);
      inspection.finish();
      EXPECT_EQ(inspection.count(Count::sessions_smtp), 1u) << row.flags << " at " << at;
      EXPECT_EQ(inspection.count(Count::smtp_MAIL), 1u) << row.flags << " at " << at;
      EXPECT_EQ(inspection.count(Count::smtp_QUIT), 1u) << row.flags << " at " << at;
      EXPECT_EQ(inspection.count(Count::smtp_replies_2xx), 4u) << row.flags << " at " << at;
    }
  }
}

// ---- timeouts
// ------------------------------------------------------------------------------------

// A session that falls silent, speaks again after `silence`, and meanwhile other traffic goes by.
Frames silence(std::int64_t seconds, bool traffic) {
  Talk talk;
  greet(talk);
  Frames frames = talk.frames();
  const Tick silent_from = frames.back().time;
  const std::size_t before = frames.size();
  for (std::int64_t i = 1; traffic && i < seconds; ++i) {
    frames.push_back(syn(static_cast<unsigned>(i), {silent_from.us + i * 1'000'000}));
  }
  talk.wait(seconds * 1'000'000).client("QUIT\r\n").server("221 bye\r\n").farewell();
  for (const TimedFrame& frame : behind(talk.frames(), before)) frames.push_back(frame);
  return frames;
}

TEST(FlowTimeout, SilentSessionsEndAtTheirStatesLimitWhateverTheBurst) {
  struct Row {
    std::int64_t seconds;
    const char* reason;
  };
  for (const Row& row : {Row{599, "\"fin\""}, Row{602, "\"timeout\""}}) {
    for (const bool traffic : {false, true}) {
      std::vector<std::string> expected;
      for (const std::size_t burst : {1u, 7u, 64u}) {
        Inspection::Options options;
        options.burst = burst;
        Inspection inspection(options);
        inspection.take(silence(row.seconds, traffic));
        inspection.finish();
        const auto flows = inspection.eve_of_type("flow");
        ASSERT_FALSE(flows.empty());
        EXPECT_EQ(member(flows[0], "flow", "reason"), row.reason) << row.seconds << traffic;
        std::vector<std::string> events = inspection.eve();
        std::sort(events.begin(), events.end());  // those of two flows may change places
        if (expected.empty()) expected = events;
        EXPECT_EQ(events, expected) << burst;
      }
    }
  }
}

TEST(FlowTimeout, HalfOpenFlowsGoEarlier) {
  for (const std::int64_t seconds : {29, 31}) {
    Inspection inspection;
    inspection.take(syn(1, kStart));
    inspection.take(syn(1, {kStart.us + seconds * 1'000'000}));
    EXPECT_EQ(inspection.count(Count::flow_closed_timeout), seconds == 31 ? 1u : 0u);
    inspection.finish();
  }
}

TEST(FlowTimeout, HandComesRoundWithoutTraffic) {
  Inspection inspection;
  for (unsigned i = 0; i < 200; ++i) inspection.take(syn(i, kStart));
  // Frames that are no segment still let time pass.
  const Octets arp = Packet().ether_type(0x0806).frame();
  for (int i = 0; i < 100; ++i) inspection.take({arp, {kStart.us + 40'000'000}});
  EXPECT_EQ(inspection.count(Count::flow_closed_timeout), 200u);
  inspection.finish();
}

TEST(FlowTimeout, ClosedFlowLingersForLateSegments) {
  for (const std::int64_t seconds : {4, 6}) {
    Talk talk;
    greet(talk);
    talk.client_reset();
    Frames frames = talk.frames();
    TimedFrame late = frames[3];  // the banner again
    late.time = {frames.back().time.us + seconds * 1'000'000};
    Inspection inspection;
    inspection.take(frames);
    inspection.take(late);
    EXPECT_EQ(inspection.count(Count::flows_opened), seconds == 6 ? 2u : 1u);
    EXPECT_EQ(inspection.count(Count::flow_closed_rst), seconds == 6 ? 1u : 0u);
    inspection.finish();
  }
}

}  // namespace
}  // namespace mailglass::test
