// SPDX-License-Identifier: BSD-3-Clause
// Whoever sends fragments chooses their key: a seed that nobody knows keeps the index even.
#include "nic/fragment_routes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <vector>

namespace mailglass::nic {
namespace {

constexpr std::uint64_t kSecret = 0x5eed5eed5eed5eed;

// Another key for each number, which stands where an identification does.
wire::FragmentKey numbered(std::uint32_t number) {
  wire::FragmentKey key{};
  key.id = number;
  return key;
}

std::uint32_t bucket(std::uint32_t number, std::uint64_t seed) {
  return mix_of(numbered(number), seed) % FragmentRoutes::kDatagrams;
}

TEST(FragmentRoutes, KeysThatMeetUnderOneSeedPartUnderAnother) {
  std::vector<std::uint32_t> aimed;  // at bucket 0, by somebody who knows the seed
  for (std::uint32_t number = 0; aimed.size() < 64; ++number) {
    if (bucket(number, 0) == 0) aimed.push_back(number);
  }
  std::set<std::uint32_t> buckets;
  for (const std::uint32_t number : aimed) buckets.insert(bucket(number, kSecret));
  EXPECT_GT(buckets.size(), aimed.size() * 3 / 4);
}

TEST(FragmentRoutes, FindWhatTheyLearntWhateverTheSeed) {
  for (const std::uint64_t seed : {std::uint64_t{0}, kSecret}) {
    FragmentRoutes routes(30, seed);
    std::vector<Moving> released, given_up;
    for (std::uint32_t number = 0; number < FragmentRoutes::kDatagrams; ++number) {
      routes.learn(numbered(number), {FragmentRoutes::Route::Kind::worker, number % 3, {}}, Tick{1},
                   released, given_up);
    }
    for (std::uint32_t number = 0; number < FragmentRoutes::kDatagrams; ++number) {
      const FragmentRoutes::Route route = routes.find(numbered(number), Tick{2});
      EXPECT_EQ(route.kind, FragmentRoutes::Route::Kind::worker);
      EXPECT_EQ(route.worker, number % 3);
    }
  }
}

}  // namespace
}  // namespace mailglass::nic
