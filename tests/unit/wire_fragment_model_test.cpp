// SPDX-License-Identifier: BSD-3-Clause
// Fragments against a stupid model: all orders, random splits, duplicates, overlaps, time.
#include <gtest/gtest.h>

#include <numeric>
#include <random>

#include "fragment_model.h"
#include "tests/support/wire_rig.h"

namespace mailglass::test {
namespace {

using Whole = std::vector<std::uint8_t>;

Whole pattern(std::size_t octets, unsigned seed) {
  std::mt19937 random(seed);
  Whole out(octets);
  for (auto& octet : out) octet = static_cast<std::uint8_t>(random());
  return out;
}

wire::Fragment fragment_of(const Whole& whole, std::size_t from, std::size_t to, unsigned id) {
  wire::Fragment f;
  f.key.id = id;
  f.key.protocol = 6;
  f.octets = Bytes(whole).subspan(from, to - from);
  f.offset = static_cast<std::uint32_t>(from);
  f.more = to != whole.size();
  f.next = 6;
  f.header_octets = 20;
  f.frame_octets = static_cast<std::uint32_t>(34 + to - from);
  return f;
}

// Every order of a datagram in five parts of different sizes gives it back, at the last part.
TEST(WireFragmentModel, AllOrdersOfFiveParts) {
  const Whole whole = pattern(5003, 1);
  const std::size_t cut[] = {0, 8, 2048, 2056, 4800, whole.size()};
  std::vector<std::size_t> order(5);
  std::iota(order.begin(), order.end(), 0);
  WireRig rig;
  unsigned id = 0;
  do {
    ++id;
    for (std::size_t i = 0; i < order.size(); ++i) {
      rig.fragments.begin_burst();
      const auto outcome =
          rig.fragments.take(fragment_of(whole, cut[order[i]], cut[order[i] + 1], id), Tick{id});
      if (i + 1 < order.size()) {
        ASSERT_EQ(outcome.drop, tally::Drop::fragment_held);
        continue;
      }
      ASSERT_EQ(outcome.drop, tally::Drop::none);
      ASSERT_EQ(Whole(outcome.whole.begin(), outcome.whole.end()), whole);
      EXPECT_EQ(outcome.frame_octets, 5 * 34 + whole.size());
    }
  } while (std::next_permutation(order.begin(), order.end()));
  EXPECT_EQ(id, 120u);
  EXPECT_EQ(rig.datagrams.used(), 0u);
  EXPECT_EQ(rig.blocks.used(), 0u);
}

// Several datagrams at a time, cut anywhere, in any order, with duplicates and now and then a part
// that overlaps, lies about its end, or comes late.
TEST(WireFragmentModel, RandomFragmentsDoWhatTheModelDoes) {
  std::mt19937 random(5722);
  std::uint64_t wholes = 0, refused = 0, timeouts = 0;
  for (int round = 0; round < 4000; ++round) {
    WireRig rig;
    FragmentComparison compare(rig.fragments, 30);
    std::vector<Whole> wholes_sent;
    std::vector<wire::Fragment> sent;
    const unsigned datagrams = 1 + random() % 4;
    for (unsigned id = 0; id < datagrams; ++id) {
      const std::size_t octets = random() % 20 == 0 ? 60000 + random() % 5500 : 9 + random() % 4000;
      wholes_sent.push_back(pattern(octets, id));
    }
    for (unsigned id = 0; id < datagrams; ++id) {
      const Whole& whole = wholes_sent[id];
      for (std::size_t at = 0; at < whole.size();) {
        const std::size_t to = std::min(whole.size(), at + 8 * (1 + random() % 200));
        sent.push_back(fragment_of(whole, at, to, id));
        if (random() % 8 == 0) sent.push_back(sent.back());
        if (random() % 50 == 0) sent.back().more = !sent.back().more;
        if (random() % 40 == 0 && at >= 8) sent.back().offset -= 8;
        if (random() % 50 == 0) sent.back().octets = {};
        at = to;
      }
    }
    if (random() % 4 != 0) std::shuffle(sent.begin(), sent.end(), random);
    Tick now{1000};
    for (const wire::Fragment& f : sent) {
      now.us += random() % 300 == 0 ? 31'000'000 : 1000;
      ASSERT_STREQ(compare.take(static_cast<int>(f.key.id), f, now), nullptr) << "round " << round;
    }
    wholes += compare.wholes;
    refused += rig.count(tally::Count::datagrams_refused);
    timeouts += rig.count(tally::Count::datagrams_timeout);
    EXPECT_EQ(rig.count(tally::Count::datagrams_evicted), 0u);
  }
  EXPECT_GT(wholes, 1000u);
  EXPECT_GT(refused, 1000u);
  EXPECT_GT(timeouts, 100u);
}

}  // namespace
}  // namespace mailglass::test
