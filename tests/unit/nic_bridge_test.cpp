// SPDX-License-Identifier: BSD-3-Clause
// Bridges: what one side takes the other sends, whatever becomes of the inspection.
#include <random>

#include "nic_live_rig.h"

namespace mailglass::nic {
namespace {

using tally::Count;
using test::Rig;
using test::RingPort;

Bytes octets(const std::string& text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

LiveSettings bridge(unsigned workers = 1) {
  LiveSettings settings;
  settings.workers = workers;
  settings.bridge = true;
  return settings;
}

std::vector<std::string> some_frames(std::mt19937& random, int n) {
  std::vector<std::string> frames;
  for (int i = 0; i < n; ++i) {
    std::string& frame = frames.emplace_back(60 + random() % 3000, '\0');
    for (char& c : frame) c = static_cast<char>(random());
  }
  return frames;
}

void put_all(RingPort& port, unsigned queue, const std::vector<std::string>& frames) {
  for (const std::string& frame : frames) ASSERT_TRUE(port.put(queue, octets(frame), 700));
}

TEST(NicBridge, ForwardsBothWaysUnchangedAndInOrder) {
  RingPort inside(1), outside(1);
  Rig rig({{inside.name()}, {outside.name()}}, bridge());
  std::mt19937 random(1);
  for (int round = 0; round < 30; ++round) {
    const auto forth = some_frames(random, 200), back = some_frames(random, 150);
    put_all(inside, 0, forth);
    put_all(outside, 0, back);
    const auto seen = rig.drain()[0];
    EXPECT_TRUE(outside.sent(0) == forth);
    EXPECT_TRUE(inside.sent(0) == back);
    EXPECT_EQ(seen.size(), forth.size() + back.size());
  }
  EXPECT_EQ(rig.count(Count::bridged_forwarded), 30u * 350);
  EXPECT_EQ(rig.count(Count::bridged_tx_dropped), 0u);
  EXPECT_EQ(rig.count(Count::drop_shed_overload), 0u);
}

TEST(NicBridge, SendsBeforeItShows) {
  RingPort inside(1), outside(1);
  Rig rig({{inside.name()}, {outside.name()}}, bridge());
  std::mt19937 random(2);
  const auto frames = some_frames(random, 200);
  put_all(inside, 0, frames);
  EXPECT_EQ(rig.burst(0).size(), 64u);
  EXPECT_TRUE(outside.sent(0) == frames) << "inspection delays forwarding";
  EXPECT_EQ(rig.drain()[0].size(), 136u);
}

TEST(NicBridge, ShedsInspectionByNameAndForwardsAllTheSame) {
  RingPort inside(1, 16384), outside(1, 16384);
  Rig rig({{inside.name()}, {outside.name()}}, bridge());
  std::mt19937 random(3);
  std::size_t shown = 0, forwarded = 0, put = 0;
  for (int round = 0; round < 100; ++round) {  // 200 come for each 8 that are inspected
    const auto frames = some_frames(random, 200);
    put_all(inside, 0, frames);
    put += frames.size();
    shown += rig.burst(0, 8).size();
    for (const std::string& frame : outside.sent(0)) {
      ASSERT_TRUE(frame == frames[forwarded++ % 200]);
    }
  }
  EXPECT_EQ(forwarded, put);
  const auto all = rig.drain()[0];
  shown += all.size();
  const auto shed = rig.count(Count::drop_shed_overload);
  EXPECT_GT(shed, 10'000u);
  EXPECT_EQ(shown + shed, put);
  EXPECT_EQ(rig.count(Count::frames), shed) << "frames shown are counted by who inspects them";
  EXPECT_EQ(rig.count(Count::bridged_forwarded), put);
}

TEST(NicBridge, CountsWhatThePeerDoesNotTake) {
  RingPort inside(1), outside(1, 128);  // room for 127 frames
  Rig rig({{inside.name()}, {outside.name()}}, bridge());
  std::mt19937 random(4);
  const auto frames = some_frames(random, 200);
  put_all(inside, 0, frames);
  EXPECT_TRUE(rig.drain()[0] == frames) << "what is not sent on is inspected all the same";
  EXPECT_TRUE(outside.sent(0) == std::vector(frames.begin(), frames.begin() + 127));
  EXPECT_EQ(rig.count(Count::bridged_forwarded), 127u);
  EXPECT_EQ(rig.count(Count::bridged_tx_dropped), 73u);
}

TEST(NicBridge, GivesNothingToAPortWithoutALink) {
  RingPort inside(1), outside(1);
  Rig rig({{inside.name()}, {outside.name()}}, bridge());
  std::mt19937 random(5);
  const auto frames = some_frames(random, 20);
  const auto send = [&] {
    rig.live->follow_links();
    put_all(inside, 0, frames);
    return rig.burst(0).size();
  };
  outside.set_link(false);
  EXPECT_EQ(send(), 20u) << "what is not sent on is inspected all the same";
  EXPECT_TRUE(outside.sent(0).empty());
  EXPECT_EQ(rig.count(Count::bridged_link_down), 20u);
  outside.set_link(true);
  EXPECT_EQ(send(), 20u);
  EXPECT_TRUE(outside.sent(0) == frames) << "nothing out of date before them";
  EXPECT_EQ(rig.count(Count::bridged_forwarded), 20u);
}

TEST(NicBridge, KeepsEachQueuesOrderWithSeveralWorkers) {
  RingPort inside(4), outside(4);
  Rig rig({{inside.name()}, {outside.name()}}, bridge(4));
  std::mt19937 random(5);
  std::vector<std::vector<std::string>> sent;
  for (unsigned queue = 0; queue < 4; ++queue) {
    sent.push_back(some_frames(random, 100));
    put_all(inside, queue, sent.back());
  }
  std::size_t seen = 0;
  for (const auto& [worker, frames] : rig.drain()) seen += frames.size();
  EXPECT_EQ(seen, 400u);
  for (unsigned queue = 0; queue < 4; ++queue) EXPECT_TRUE(outside.sent(queue) == sent[queue]);
}

TEST(NicBridge, InspectsItsBacklogAfterTheEndOfReceiving) {
  RingPort inside(1), outside(1);
  Rig rig({{inside.name()}, {outside.name()}}, bridge());
  std::mt19937 random(7);
  const auto frames = some_frames(random, 200);
  put_all(inside, 0, frames);
  auto seen = rig.burst(0, 8);
  rig.live->stop_receiving();
  put_all(inside, 0, some_frames(random, 10));
  while (!rig.live->source(0).at_end()) {
    for (std::string& frame : rig.burst(0)) seen.push_back(std::move(frame));
  }
  EXPECT_TRUE(seen == frames);
  EXPECT_TRUE(outside.sent(0) == frames);
}

TEST(NicBridge, GivesAllPacketBuffersBack) {
  const unsigned before = rte_mempool_avail_count(test::dpdk().pool);
  {
    RingPort inside(2), outside(2);
    Rig rig({{inside.name()}, {outside.name()}}, bridge(2));
    std::mt19937 random(6);
    put_all(inside, 0, some_frames(random, 500));
    put_all(outside, 1, some_frames(random, 500));
    rig.burst(0);
    rig.burst(1);  // the end comes with frames in backlogs and rings
  }
  EXPECT_EQ(rte_mempool_avail_count(test::dpdk().pool), before);
}

}  // namespace
}  // namespace mailglass::nic
