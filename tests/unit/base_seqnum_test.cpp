// SPDX-License-Identifier: BSD-3-Clause
#include "base/seqnum.h"

#include <gtest/gtest.h>

#include <random>
#include <type_traits>

namespace mailglass {
namespace {

TEST(BaseSeqNum, AddsAcrossTheWrap) {
  EXPECT_EQ((SeqNum(0xfffffffe) + 3).raw(), 1u);
  EXPECT_EQ((SeqNum(0) + 0xffffffff).raw(), 0xffffffff);
}

TEST(BaseSeqNum, IsAheadOnTheShorterWayRound) {
  EXPECT_EQ(SeqNum(5).ahead_of(SeqNum(3)), 2);
  EXPECT_EQ(SeqNum(3).ahead_of(SeqNum(5)), -2);
  EXPECT_EQ(SeqNum(1).ahead_of(SeqNum(0xffffffff)), 2);
  EXPECT_EQ(SeqNum(0xffffffff).ahead_of(SeqNum(1)), -2);
  EXPECT_EQ(SeqNum(0x7fffffff).ahead_of(SeqNum(0)), 0x7fffffff);
  EXPECT_EQ(SeqNum(0x80000000).ahead_of(SeqNum(0)), INT32_MIN);  // half way: behind, by decision
}

TEST(BaseSeqNum, OffsetIsTheOneNearestToWhereTheStreamIs) {
  const SeqNum base(0xfffffff0);
  EXPECT_EQ(base.offset(base, 0), 0);
  EXPECT_EQ(SeqNum(0x10).offset(base, 0), 0x20);
  EXPECT_EQ(SeqNum(0xffffffef).offset(base, 0), -1);  // a keep-alive probe
  EXPECT_EQ(SeqNum(0x10).offset(base, 0x100000000), 0x100000020);
  EXPECT_EQ(SeqNum(0xffffffef).offset(base, 0x100000000), 0xffffffff);
}

TEST(BaseSeqNum, OffsetFindsAnyPlaceWithinHalfTheCircle) {
  std::mt19937_64 random(1982);
  for (int round = 0; round < 100000; ++round) {
    const SeqNum base(static_cast<std::uint32_t>(random()));
    const auto near = static_cast<std::int64_t>(random() >> 20);  // 16 TiB into the stream
    const auto step = static_cast<std::int32_t>(random());
    const std::int64_t truth = near + step;
    const SeqNum number = base + static_cast<std::uint32_t>(truth);
    ASSERT_EQ(number.offset(base, near), truth) << "base " << base.raw() << " near " << near;
  }
}

template <typename T>
concept Ordered = requires(T a, T b) {
  a < b;
};
template <typename T>
concept Summable = requires(T a, T b) {
  a + b;
};

TEST(BaseSeqNum, MisuseDoesNotCompile) {
  EXPECT_FALSE(Ordered<SeqNum>);   // order is a distance on the circle
  EXPECT_FALSE(Summable<SeqNum>);  // a place plus a place is no place
  EXPECT_FALSE((std::is_convertible_v<std::uint32_t, SeqNum>));
  EXPECT_FALSE((std::is_convertible_v<SeqNum, std::uint32_t>));
}

}  // namespace
}  // namespace mailglass
