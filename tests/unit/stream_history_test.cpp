// SPDX-License-Identifier: BSD-3-Clause
#include "stream/history.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <vector>

namespace mailglass::test {
namespace {

using stream::History;
using stream::Trail;
using Octets = std::vector<std::uint8_t>;

struct Bench {
  std::vector<std::uint64_t> memory = std::vector<std::uint64_t>(History::kLeastOctets / 8);
  History history{{reinterpret_cast<std::uint8_t*>(memory.data()), memory.size() * 8}};
};

// What a trail said, as a map from offset to value; never forgets, so it knows what is too old.
struct Model {
  Trail trail;
  std::uint64_t next = 0;
  std::map<std::uint64_t, std::uint8_t> said;
};

TEST(StreamHistory, FindsWhatDiffersOfWhatItRemembers) {
  Bench bench;
  std::mt19937 random(1);
  const auto below = [&](std::uint32_t n) { return static_cast<std::uint32_t>(random() % n); };
  std::vector<Model> models(5);
  std::uint64_t compared = 0, found = 0;
  for (int step = 0; step < 20'000; ++step) {
    Model& m = models[below(5)];
    if (below(3) != 0) {
      if (below(20) == 0) m.next += 1 + below(3000);  // a gap
      Octets octets(below(4) == 0 ? 1 + below(4000) : 1 + below(20));
      for (auto& octet : octets) octet = static_cast<std::uint8_t>(random());
      bench.history.record(m.trail, m.next, octets, {});
      for (const std::uint8_t octet : octets) m.said[m.next++] = octet;
      continue;
    }
    const std::uint64_t begin = m.next - std::min<std::uint64_t>(m.next, below(6000));
    Octets copy(1 + below(1000));
    std::size_t known = 0;
    std::uint64_t differs = ~std::uint64_t{0};
    for (std::size_t i = 0; i < copy.size(); ++i) {
      const auto said = m.said.find(begin + i);
      copy[i] = said == m.said.end() ? 0 : said->second;
      known += said != m.said.end();
      if (said == m.said.end() || below(400) != 0) continue;
      copy[i] = static_cast<std::uint8_t>(copy[i] + 1);
      differs = std::min(differs, begin + i);
    }
    const History::Finding finding = bench.history.compare(m.trail, begin, copy);
    ASSERT_LE(finding.compared, known);
    if (finding.compared == known) {
      ASSERT_EQ(finding.conflict.found(), differs != ~std::uint64_t{0});
    }
    if (finding.conflict.found()) {
      ASSERT_GE(finding.conflict.offset, differs);
      ASSERT_NE(finding.conflict.first[0], finding.conflict.later[0]);
      for (std::size_t i = 0; i < finding.conflict.first.size(); ++i) {
        ASSERT_EQ(finding.conflict.first[i], m.said.at(finding.conflict.offset + i));
      }
    }
    compared += finding.compared;
    found += finding.conflict.found();
  }
  EXPECT_GT(compared, 300'000u);
  EXPECT_GT(found, 300u);
}

TEST(StreamHistory, ForgetsTheOldestAndKeepsTheRest) {
  Bench bench;
  const Octets first(1000, 'a'), other(1000, 'b');
  Trail old, busy;
  bench.history.record(old, 0, first, {});
  std::uint64_t offset = 0;
  const auto remembers = [&] { return bench.history.compare(old, 0, first).compared != 0; };
  while (remembers()) {
    bench.history.record(busy, offset, other, {});
    offset += 1000;
    ASSERT_LE(offset, History::kLeastOctets);
    EXPECT_EQ(bench.history.compare(busy, offset - 1000, other).compared, 1000u);
  }
  EXPECT_GT(offset, History::kLeastOctets - 10'000);
  EXPECT_EQ(bench.history.compare(Trail{}, 0, first).compared, 0u);
}

TEST(StreamHistory, SmallSegmentsInARowAreOneRecord) {
  Bench bench;
  Trail trail;
  const Octets all(200, 'x');
  for (std::uint64_t i = 0; i < 200; ++i) bench.history.record(trail, i, Bytes(all).first(1), {});
  EXPECT_EQ(bench.history.compare(trail, 0, all).compared, 200u);
}

}  // namespace
}  // namespace mailglass::test
