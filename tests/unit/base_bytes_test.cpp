// SPDX-License-Identifier: BSD-3-Clause
#include "base/bytes.h"

#include <gtest/gtest.h>

#include <memory>
#include <type_traits>

namespace mailglass {
namespace {

TEST(BaseBytes, BigEndianReadsNetworkOrder) {
  EXPECT_EQ((be16{{0x12, 0x34}}.value()), 0x1234);
  EXPECT_EQ((be16{{0xff, 0xfe}}.value()), 0xfffe);
  EXPECT_EQ((be32{{0x12, 0x34, 0x56, 0x78}}.value()), 0x12345678u);
  EXPECT_EQ((be32{{0xff, 0, 0, 1}}.value()), 0xff000001u);  // no sign creeps in
}

TEST(BaseBytes, BigEndianIsNoInteger) {
  EXPECT_FALSE((std::is_convertible_v<be16, int>));
  EXPECT_FALSE((std::is_convertible_v<be32, std::uint32_t>));
  EXPECT_FALSE((std::is_convertible_v<int, be16>));
}

struct Pair {
  be16 first;
  be32 second;
};

TEST(BaseBytes, OverlayNeedsTheWholeHeader) {
  for (std::size_t size = 0; size <= 8; ++size) {
    const auto buffer = std::make_unique<std::uint8_t[]>(size);
    EXPECT_EQ(overlay<Pair>(Bytes(buffer.get(), size)) != nullptr, size >= 6) << size;
  }
  EXPECT_EQ(overlay<Pair>(Bytes{}), nullptr);
}

TEST(BaseBytes, OverlayReadsInPlaceAtAnyAddress) {
  const std::uint8_t raw[] = {0, 0x00, 0x19, 0x01, 0x02, 0x03, 0x04};
  const auto* pair = overlay<Pair>(Bytes(raw).subspan(1));
  ASSERT_NE(pair, nullptr);
  EXPECT_EQ(static_cast<const void*>(pair), raw + 1);
  EXPECT_EQ(pair->first.value(), 25);
  EXPECT_EQ(pair->second.value(), 0x01020304u);
}

TEST(BaseBytes, TextAndBytesAreViewsOfTheSame) {
  const std::string_view text("a\0\xff", 3);
  const Bytes bytes = as_bytes(text);
  ASSERT_EQ(bytes.size(), 3u);
  EXPECT_EQ(bytes[2], 0xff);
  EXPECT_EQ(as_text(bytes), text);
  EXPECT_EQ(as_text(bytes).data(), text.data());
  EXPECT_TRUE(as_text(Bytes{}).empty());
}

}  // namespace
}  // namespace mailglass
