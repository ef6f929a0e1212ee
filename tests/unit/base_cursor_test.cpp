// SPDX-License-Identifier: BSD-3-Clause
#include "base/cursor.h"

#include <gtest/gtest.h>

namespace mailglass {
namespace {

TEST(Cursor, ReadsNumbersAndVectorsInNetworkOrder) {
  const std::uint8_t octets[] = {1, 2, 3, 4, 5, 6, 2, 'a', 'b', 0, 1, 'c', 0, 0, 1, 'd'};
  Cursor cursor(octets);
  EXPECT_EQ(cursor.u8(), 1u);
  EXPECT_EQ(cursor.u16(), 0x0203u);
  EXPECT_EQ(cursor.u24(), 0x040506u);
  EXPECT_EQ(as_text(cursor.vector8()), "ab");
  EXPECT_EQ(as_text(cursor.vector16()), "c");
  EXPECT_EQ(as_text(cursor.vector24()), "d");
  EXPECT_TRUE(cursor.empty());
  EXPECT_TRUE(cursor.ok());
}

TEST(Cursor, PastTheEndGivesNothingAndSaysSo) {
  const std::uint8_t octets[] = {9, 'a'};
  Cursor cursor(octets);
  EXPECT_TRUE(cursor.vector8().empty());
  EXPECT_FALSE(cursor.ok());
  EXPECT_TRUE(cursor.empty());  // so that a loop over the rest ends
  EXPECT_EQ(cursor.u24(), 0u);
  EXPECT_FALSE(cursor.ok());
}

TEST(Cursor, HalfANumberIsNone) {
  const std::uint8_t octets[] = {1};
  Cursor cursor(octets);
  EXPECT_EQ(cursor.u16(), 0u);
  EXPECT_FALSE(cursor.ok());
}

}  // namespace
}  // namespace mailglass
