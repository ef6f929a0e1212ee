// SPDX-License-Identifier: BSD-3-Clause
#include "app/balance.h"

#include <gtest/gtest.h>

namespace mailglass::app {
namespace {

// Every number differs, and all of them come out even.
Balance even() {
  Balance b;
  b.received = 1010, b.missed = 1, b.no_mbuf = 2, b.errors = 3;
  b.from_queues = 1000;
  b.sent = 50, b.got = 40, b.sent_full = 20;
  b.taken = 970, b.segments = 900, b.drops = 70;
  b.emitted = 300, b.ring_full = 33, b.reported = 267;
  b.sinks = {{"eve.file", 80, 60, 20}, {"eve.socket", 70, 30, 40}};
  return b;
}

TEST(AppBalance, SaysEveryNumberAndNoFault) {
  EXPECT_EQ(faults(even()), std::vector<std::string>{});
  const std::vector<std::string> expected = {
      "ports: 1010 frames received = 1000 taken from queues + 10 left there; not received: 1 "
      "missed, 2 without buffer, 3 errors",
      "distribution: 1000 taken from queues = 970 inspected + 20 lost to full rings + 10 left in "
      "rings",
      "workers: 970 frames inspected = 900 segments + 70 drops",
      "records: 300 emitted = 267 reported + 33 lost to full rings",
      "eve.file: 80 events = 60 written + 20 dropped",
      "eve.socket: 70 events = 30 written + 40 dropped"};
  EXPECT_EQ(describe(even()), expected);
}

TEST(AppBalance, OfABridgeAlsoWhatWasSentOn) {
  Balance b = even();
  b.bridge = true;
  b.forwarded = 960, b.tx_dropped = 28, b.link_down = 10, b.too_long = 2, b.tx_errors = 4;
  EXPECT_EQ(faults(b), std::vector<std::string>{});
  EXPECT_EQ(describe(b)[1],
            "bridge: 1000 taken from queues = 960 forwarded + 28 the other port did not take + 10 "
            "while it had no link + 2 too long; of those forwarded its driver lost 4");
  --b.link_down;
  EXPECT_EQ(faults(b).front(), "the balance does not come out even: bridge");
}

TEST(AppBalance, OneFrameOrRecordMissingAnywhereIsAFault) {
  const std::pair<std::uint64_t Balance::*, const char*> kMissing[] = {
      {&Balance::received, "ports"},         {&Balance::from_queues, "distribution"},
      {&Balance::sent_full, "distribution"}, {&Balance::segments, "workers"},
      {&Balance::drops, "workers"},          {&Balance::reported, "records"},
      {&Balance::ring_full, "records"}};
  for (const auto& [field, where] : kMissing) {
    Balance b = even();
    b.*field -= field == &Balance::received ? 11 : 1;
    const auto found = faults(b);
    ASSERT_FALSE(found.empty()) << where;
    EXPECT_EQ(found.front(), std::string("the balance does not come out even: ") + where);
  }
  Balance b = even();
  --b.sinks[1].written;
  EXPECT_EQ(faults(b).front(), "the balance does not come out even: eve.socket");
}

}  // namespace
}  // namespace mailglass::app
