// SPDX-License-Identifier: BSD-3-Clause
#include "base/tick.h"

#include <gtest/gtest.h>

#include <limits>

namespace mailglass {
namespace {

TEST(BaseTick, CountsWhatHasPassed) {
  EXPECT_EQ(Tick{1'500'000}.since(Tick{500'000}), 1'000'000u);
  EXPECT_EQ(Tick{5}.since(Tick{5}), 0u);
}

TEST(BaseTick, AClockThatStepsBackHasNotMoved) {
  EXPECT_EQ(Tick{4}.since(Tick{5}), 0u);
  EXPECT_EQ(Tick{-1}.since(Tick{1}), 0u);
}

TEST(BaseTick, NoCaptureTimeOverflows) {
  constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min();
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  EXPECT_EQ(Tick{kMost}.since(Tick{kLeast}), std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(Tick{kLeast}.since(Tick{kMost}), 0u);
}

TEST(BaseTick, IsOrdered) {
  EXPECT_LT(Tick{-1}, Tick{0});
  EXPECT_EQ(Tick{3}, Tick{3});
  EXPECT_EQ(Tick{}.us, 0);
}

}  // namespace
}  // namespace mailglass
