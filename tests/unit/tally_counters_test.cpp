// SPDX-License-Identifier: BSD-3-Clause
#include "tally/counters.h"

#include <gtest/gtest.h>

#include <random>
#include <set>
#include <string>
#include <vector>

namespace mailglass::tally {
namespace {

struct Row {
  std::string family, value;
  bool operator<(const Row& other) const {
    return std::tie(family, value) < std::tie(other.family, other.value);
  }
};

const std::vector<Row> kRows = {
#define COUNT(id, family, value) {#family, value},
#include "tally/counters.def"
#define DROP(id, help) {"drops", #id},
#include "tally/counters.def"
#define SMTP_VERB(id, word) {"smtp_commands", word},
#include "tally/counters.def"
#define POP3_VERB(id, word) {"pop3_commands", word},
#include "tally/counters.def"
#define MECHANISM(id, word)                                                              \
  {"logins", word " unknown"}, {"logins", word " success"}, {"logins", word " failure"}, \
      {"logins", word " exposed, unknown"}, {"logins", word " exposed, success"},        \
      {"logins", word " exposed, failure"},
#include "tally/counters.def"
#define ANOMALY(id, layer, help) {"anomalies", #id},
#include "tally/counters.def"
};

const std::vector<std::string> kFamilies = {
#define FAMILY(id, label, help) #id,
#include "tally/counters.def"
};

TEST(CountersList, EveryRowIsUniqueAndBelongsToAFamily) {
  const std::set<std::string> families(kFamilies.begin(), kFamilies.end());
  EXPECT_EQ(families.size(), kFamilies.size()) << "a family is declared twice";
  std::set<Row> seen;
  std::set<std::string> used;
  for (const Row& row : kRows) {
    EXPECT_TRUE(seen.insert(row).second) << row.family << " " << row.value;
    EXPECT_TRUE(families.contains(row.family)) << row.family;
    used.insert(row.family);
  }
  EXPECT_EQ(kRows.size(), kCounts);
  EXPECT_EQ(used, families) << "a family without rows";
}

TEST(CountersList, HelpTextsAreSentencesWithoutFullStop) {
  for (std::string_view help : {
#define FAMILY(id, label, help) help,
#include "tally/counters.def"
#define DROP(id, help) help,
#include "tally/counters.def"
#define ANOMALY(id, layer, help) help,
#include "tally/counters.def"
       }) {
    EXPECT_GE(help.size(), 8u) << help;
    EXPECT_NE(help.back(), '.') << help;
    EXPECT_EQ(help.find_first_of("\\\n\""), std::string_view::npos) << help;
  }
}

TEST(CountersList, AnomaliesNameTheirLayer) {
  const std::set<std::string_view> layers = {"decode", "stream", "applayer"};
  for (std::string_view layer : {
#define ANOMALY(id, layer, help) #layer,
#include "tally/counters.def"
       }) {
    EXPECT_TRUE(layers.contains(layer)) << layer;
  }
}

// count_of relies on the order in which the enumerators are generated.
TEST(CountersList, EveryNameIsCountedInItsOwnCell) {
  std::set<Count> cells;
#define DROP(id, help)                                    \
  EXPECT_EQ(count_of(Drop::id), Count::drop_##id) << #id; \
  EXPECT_EQ(name_of(Drop::id), #id);                      \
  EXPECT_TRUE(cells.insert(count_of(Drop::id)).second);
#define SMTP_VERB(id, word)                                    \
  EXPECT_EQ(count_of(SmtpVerb::id), Count::smtp_##id) << word; \
  EXPECT_EQ(name_of(SmtpVerb::id), word);                      \
  EXPECT_TRUE(cells.insert(count_of(SmtpVerb::id)).second);
#define POP3_VERB(id, word)                                    \
  EXPECT_EQ(count_of(Pop3Verb::id), Count::pop3_##id) << word; \
  EXPECT_EQ(name_of(Pop3Verb::id), word);                      \
  EXPECT_TRUE(cells.insert(count_of(Pop3Verb::id)).second);
#define ANOMALY(id, layer, help)                                \
  EXPECT_EQ(count_of(Anomaly::id), Count::anomaly_##id) << #id; \
  EXPECT_EQ(name_of(Anomaly::id), #id);                         \
  EXPECT_EQ(layer_of(Anomaly::id), #layer);                     \
  EXPECT_TRUE(cells.insert(count_of(Anomaly::id)).second);
#include "tally/counters.def"
  EXPECT_EQ(name_of(Drop::none), "none");
}

TEST(Counters, KeepTheirCellsApart) {
  Counters counters;
  for (std::size_t i = 0; i < kCounts; ++i) counters.add(static_cast<Count>(i), i + 1);
  for (std::size_t i = 0; i < kCounts; ++i) EXPECT_EQ(counters.get(static_cast<Count>(i)), i + 1);
  for (std::size_t i = 0; i < kLevels; ++i) counters.set(static_cast<Level>(i), 100 + i);
  for (std::size_t i = 0; i < kLevels; ++i) EXPECT_EQ(counters.get(static_cast<Level>(i)), 100 + i);
  counters.drop(Drop::udp);
  EXPECT_EQ(counters.get(Count::drop_udp), static_cast<std::uint64_t>(Count::drop_udp) + 2);
}

// The stupid model: the first bucket whose bound is not exceeded, else the last.
template <typename H>
std::size_t bucket_by_search(std::uint64_t value) {
  for (std::size_t i = 0; i + 1 < H::buckets(); ++i) {
    if (value <= H::bound(i)) return i;
  }
  return H::buckets() - 1;
}

template <typename H>
void compare_with_search(const std::vector<std::uint64_t>& values) {
  H histogram;
  std::vector<std::uint64_t> expected(H::buckets());
  std::uint64_t sum = 0;
  for (std::uint64_t value : values) {
    histogram.observe(value);
    ++expected[bucket_by_search<H>(value)];
    sum += value;
    ASSERT_EQ(histogram.count(bucket_by_search<H>(value)), expected[bucket_by_search<H>(value)])
        << value;
  }
  for (std::size_t i = 0; i < H::buckets(); ++i) EXPECT_EQ(histogram.count(i), expected[i]);
  EXPECT_EQ(histogram.sum(), sum);
}

TEST(Histogram, AgreesWithAStupidModel) {
  std::vector<std::uint64_t> values = {0, 1, ~std::uint64_t{0} >> 8};
  for (std::uint64_t edge = 1; edge < std::uint64_t{1} << 50; edge <<= 1) {
    values.insert(values.end(), {edge - 1, edge, edge + 1});
  }
  std::mt19937_64 random(3);
  for (int i = 0; i < 10000; ++i) values.push_back(random() >> (8 + random() % 56));
  compare_with_search<LatencyHistogram>(values);
  compare_with_search<SizeHistogram>(values);
  compare_with_search<Histogram<1, 3>>(values);
  compare_with_search<Histogram<10, 5>>(values);
}

TEST(Histogram, BoundsAreWhatTheHeaderSays) {
  EXPECT_EQ(LatencyHistogram::bound(0), 64u);
  EXPECT_EQ(LatencyHistogram::bound(LatencyHistogram::buckets() - 2), 268'435'456u);  // 4.5 min
  EXPECT_EQ(SizeHistogram::bound(0), 1024u);
  EXPECT_EQ(SizeHistogram::bound(SizeHistogram::buckets() - 2), 64u * 1024 * 1024);
}

}  // namespace
}  // namespace mailglass::tally
