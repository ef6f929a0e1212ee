// SPDX-License-Identifier: BSD-3-Clause
#include "report/rfc2047.h"

#include <gtest/gtest.h>

#include <chrono>
#include <random>

#include "report/utf8.h"

namespace mailglass::report {
namespace {

class Rfc2047 : public testing::Test {
 protected:
  std::string decoded(std::string_view text) {
    std::string out;
    append_decoded(out, text, charsets_);
    return out;
  }
  Charsets charsets_;
};

std::string unfolded(std::string_view field) {
  std::string out;
  append_unfolded(out, field);
  return out;
}

TEST(Unfolding, TakesLineEndsOutAndKeepsTheSpace) {
  EXPECT_EQ(unfolded(" one\r\n two\r\n\tthree\r\n"), "one two\tthree");
  EXPECT_EQ(unfolded("a\n b"), "a b");
  EXPECT_EQ(unfolded(" \r\n "), "");
  EXPECT_EQ(unfolded(""), "");
}

TEST_F(Rfc2047, DecodesTheExamplesOfTheRfc) {  // section 8
  EXPECT_EQ(decoded("(=?ISO-8859-1?Q?a?=)"), "(a)");
  EXPECT_EQ(decoded("(=?ISO-8859-1?Q?a?= b)"), "(a b)");
  EXPECT_EQ(decoded("(=?ISO-8859-1?Q?a?= =?ISO-8859-1?Q?b?=)"), "(ab)");
  EXPECT_EQ(decoded("(=?ISO-8859-1?Q?a?=  =?ISO-8859-1?Q?b?=)"), "(ab)");
  EXPECT_EQ(decoded("(=?ISO-8859-1?Q?a_b?=)"), "(a b)");
  EXPECT_EQ(decoded("(=?ISO-8859-1?Q?a?= =?ISO-8859-2?Q?_b?=)"), "(a b)");
  EXPECT_EQ(decoded("=?ISO-8859-1?B?SWYgeW91IGNhbiByZWFkIHRoaXMgeW8=?= "
                    "=?ISO-8859-2?B?dSB1bmRlcnN0YW5kIHRoZSBleGFtcGxlLg==?="),
            "If you can read this you understand the example.");
}

TEST_F(Rfc2047, ConvertsCharsets) {
  EXPECT_EQ(decoded("=?utf-8?q?J=C3=BCrgen?= <j@b.test>"), "J\u00fcrgen <j@b.test>");
  EXPECT_EQ(decoded("=?iso-8859-1?Q?Fr=F6hliche?="), "Fr\u00f6hliche");
  EXPECT_EQ(decoded("=?windows-1252?Q?=80?="), "\u20ac");
  EXPECT_EQ(decoded("=?koi8-r?B?8NLJ18XU?="), "\u041f\u0440\u0438\u0432\u0435\u0442");
  EXPECT_EQ(decoded("=?ISO-2022-JP?B?GyRCRnxLXBsoQg==?="), "\u65e5\u672c");
  EXPECT_EQ(decoded("=?gb2312?B?xOO6ww==?="), "\u4f60\u597d");
  EXPECT_EQ(decoded("=?utf-8*de?q?=C3=A4?="), "\u00e4");  // RFC 2231 section 5
}

TEST_F(Rfc2047, FollowsWhatSendersReallyWrite) {
  // A character split over two words; no space between words; spaces inside one; inside quotes.
  EXPECT_EQ(decoded("=?utf-8?B?w7w=?==?utf-8?B?w7w=?="), "\u00fc\u00fc");
  EXPECT_EQ(decoded("=?utf-8?Q?=C3?= =?utf-8?Q?=BC?="), "\u00fc");
  EXPECT_EQ(decoded("=?utf-8?Q?two words?="), "two words");
  EXPECT_EQ(decoded("\"=?utf-8?Q?=C3=BC?=\" <a@b>"), "\"\u00fc\" <a@b>");
  EXPECT_EQ(decoded("=?utf-8?B?w7x4?"), "=?utf-8?B?w7x4?");
  EXPECT_EQ(decoded("=?utf-8?B?\?="), "");
}

TEST_F(Rfc2047, ShowsWhatIsNoEncodedWordAsItIs) {
  for (std::string_view text :
       {"=?", "=?\?=", "=?utf-8?X?a?=", "=?utf-8?B?%%%%?=", "=?utf-8?Q?=ZZ?=", "=?utf-8?Q?=4?=",
        "=?utf-8?Q", "a =? b ?= c", "=?utf-8??a?="}) {
    EXPECT_EQ(decoded(text), text);
  }
}

TEST_F(Rfc2047, TrustsNoCharsetItDoesNotKnow) {
  EXPECT_EQ(decoded("=?../../evil?Q?=E4?="), "\u00e4");
  EXPECT_EQ(decoded("=?utf-8//TRANSLIT?Q?=E4?="), "\u00e4");
  EXPECT_EQ(decoded("=?ISO-2022-CN-EXT?Q?abc?="), "abc");
  EXPECT_EQ(decoded("=?euc-jp?Q?=FF=FF?="), "\u00ff\u00ff");  // not of that charset
  EXPECT_EQ(decoded("=?us-ascii?Q?J=FCrgen?="), "J\u00fcrgen");
}

TEST_F(Rfc2047, WhateverComesTheResultIsText) {
  constexpr std::string_view kPieces[] = {"=?", "?=",     "utf-8",  "?B?",  "?q?", "=C3",
                                          "=",  "\xff",   " ",      "?",    "w7",  "*",
                                          "_",  "koi8-r", "euc-jp", "\x1b", "=8E"};
  std::mt19937 random(7);
  for (int round = 0; round < 20000; ++round) {
    std::string text;
    for (auto n = random() % 20; n > 0; --n) text += kPieces[random() % std::size(kPieces)];
    EXPECT_TRUE(is_utf8(decoded(text))) << text;
  }
}

// Time that grows with the square of a header field would be an attack.
TEST_F(Rfc2047, BeginningsWithoutEndCostLinearTime) {
  std::string text;
  while (text.size() < 8'000'000) text += "=?utf-8?q?x ";
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(decoded(text), text);
  // Milliseconds; looking for the end again at every beginning would take minutes.
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(10));
}

}  // namespace
}  // namespace mailglass::report
