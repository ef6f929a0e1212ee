// SPDX-License-Identifier: BSD-3-Clause
#include "report/utf8.h"

#include <gtest/gtest.h>

#include <random>

namespace mailglass::report {
namespace {

std::string text_of(std::string_view octets) {
  std::string out;
  append_text(out, octets);
  return out;
}

std::string visible_of(std::string_view utf8) {
  std::string out;
  append_visible(out, utf8);
  return out;
}

TEST(Utf8, TellsWellFormedFromNot) {
  for (std::string_view good : {"", "plain", "J\xc3\xbcrgen", "\xe2\x82\xac", "\xf0\x9f\x8e\x84",
                                "\xed\x9f\xbf", "\xee\x80\x80", "\xf4\x8f\xbf\xbf"}) {
    EXPECT_TRUE(is_utf8(good)) << good;
  }
  for (std::string_view bad :
       {"J\xfcrgen", "\xc3", "\xc0\x80", "\xc1\xbf", "\xe0\x9f\xbf", "\xed\xa0\x80",
        "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\x80", "12345678\xff",
        "\xe2\x82", "\xe2\x28\xa1", "\xf0\x9f\x8e"}) {
    EXPECT_FALSE(is_utf8(bad)) << testing::PrintToString(bad);
  }
}

TEST(Utf8, ReadsAnythingElseAsLatin1) {
  EXPECT_EQ(text_of("J\xc3\xbcrgen"), "J\xc3\xbcrgen");
  EXPECT_EQ(text_of("J\xfcrgen"), "J\xc3\xbcrgen");
  EXPECT_EQ(text_of("caf\xe9"), "caf\xc3\xa9");
}

TEST(Utf8, AnyOctetsBecomeValidText) {
  std::mt19937 random(1);
  for (int round = 0; round < 20000; ++round) {
    std::string octets(random() % 12, '\0');
    // Mostly octets that matter to the decoder, so that near misses are common.
    constexpr std::string_view kUseful = "\xc2\xe0\xed\xf0\xf4\x80\x8f\x90\x9f\xa0\xbf\x41\xff";
    for (char& c : octets) c = kUseful[random() % kUseful.size()];
    EXPECT_TRUE(is_utf8(text_of(octets))) << testing::PrintToString(octets);
    EXPECT_TRUE(is_utf8(clip(text_of(octets), random() % 12)));
    EXPECT_TRUE(is_utf8(visible_of(text_of(octets))));
  }
}

TEST(Utf8, ATextCutByTheRingKeepsItsCharset) {
  std::string cut(4095, 'x');
  cut += '\xc3';  // the second octet of the character did not fit
  EXPECT_EQ(text_of(cut), std::string(4095, 'x'));
}

TEST(Utf8, ClipsBetweenCodePoints) {
  EXPECT_EQ(clip("abc", 2), "ab");
  EXPECT_EQ(clip("abc", 9), "abc");
  EXPECT_EQ(clip("a\xc3\xbc", 2), "a");
  EXPECT_EQ(clip("a\xc3\xbc", 3), "a\xc3\xbc");
  EXPECT_EQ(clip("\xf0\x9f\x8e\x84", 3), "");
}

TEST(Utf8, ShowsControlsInsteadOfObeyingThem) {
  EXPECT_EQ(visible_of("a\x1b[31mb"), "a\\x1b[31mb");
  EXPECT_EQ(visible_of(std::string_view("\0\r\n\x7f", 4)), "\\x00\\x0d\\x0a\\x7f");
  EXPECT_EQ(visible_of("\xc2\x9b"), "\\u009b");  // CSI of one octet
  EXPECT_EQ(visible_of("a\xe2\x80\xae"
                       "b"),
            "a\\u202eb");  // right-to-left override
  EXPECT_EQ(visible_of("\xff"), "\\xff");
  EXPECT_EQ(visible_of("J\xc3\xbcrgen \xf0\x9f\x8e\x84"), "J\xc3\xbcrgen \xf0\x9f\x8e\x84");
}

TEST(Utf8, CountsColumns) {
  EXPECT_EQ(columns("abc"), 3u);
  EXPECT_EQ(columns("J\xc3\xbcrgen"), 6u);
}

}  // namespace
}  // namespace mailglass::report
