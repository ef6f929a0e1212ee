// SPDX-License-Identifier: BSD-3-Clause
// Every width of register against loops that look at one octet after the other.
#include "base/bulk.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace mailglass {
namespace {

using Octets = std::vector<std::uint8_t>;

constexpr std::size_t kMargin = 64;  // octets in front that must not matter

// Text of few kinds of octet, so that what the loops look for is often there, and often cut.
Octets random_text(std::mt19937& random, std::string_view kinds, unsigned one_in) {
  Octets text(kMargin + random() % 400);
  for (std::uint8_t& octet : text) {
    octet = random() % one_in == 0 ? static_cast<std::uint8_t>(kinds[random() % kinds.size()])
                                   : static_cast<std::uint8_t>('A' + random() % 26);
  }
  return text;
}

template <typename Check>
void for_each_text(std::string_view kinds, Check&& check) {
  for (const Bulk& width : all_bulk()) {
    SCOPED_TRACE(width.name);
    std::mt19937 random(7);
    for (int round = 0; round < 5000; ++round) {
      const Octets all = random_text(random, kinds, 1u << random() % 9);
      const Bytes text = Bytes(all).subspan(kMargin);
      check(width, text);
      if (testing::Test::HasFailure()) {
        ADD_FAILURE() << testing::PrintToString(all);
        return;
      }
    }
  }
}

TEST(Bulk, TheWidestIsTheOneInUse) {
  ASSERT_FALSE(all_bulk().empty());
  EXPECT_EQ(&bulk, &all_bulk().back());
}

TEST(Bulk, SumsWords) {
  for_each_text("\xff\x80", [](const Bulk& width, Bytes text) {
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < text.size(); ++i) sum += std::uint64_t{text[i]} << i % 4 * 8;
    EXPECT_EQ(width.sum_words(text.data(), text.size()), sum);
    EXPECT_EQ(sum_of_few(text.data(), text.size()), sum);
  });
}

TEST(Bulk, FindsOctetsAbove127) {
  for_each_text("\x80\xff\x7f", [](const Bulk& width, Bytes text) {
    bool any = false;
    for (const std::uint8_t octet : text) any = any || octet > 127;
    EXPECT_EQ(width.any_8bit(text.data(), text.size()), any);
  });
}

// May stop short of a fault only within the last few dozen octets.
void expect_stop(std::size_t stop, std::size_t fault, std::size_t octets) {
  EXPECT_LE(stop, fault);
  EXPECT_TRUE(stop == fault || stop + 20 > octets) << stop << " of " << octets;
}

TEST(Bulk, PassesOverPlainData) {
  for_each_text(std::string_view("\r\n\r\n.-\0\x80", 8), [](const Bulk& width, Bytes text) {
    if (text.empty()) return;
    std::size_t fault = 0;
    for (; fault + 1 < text.size(); ++fault) {
      const std::uint8_t* at = text.data() + fault;
      if ((at[0] == '\n') != (at[-1] == '\r') || at[0] == 0) break;
      if (at[0] == '\n' && at[1] == '.') break;
    }
    Bulk::Plain seen{.lines = 5};
    const std::size_t plain = width.plain_data(text.data(), text.size(), seen);
    expect_stop(plain, fault, text.size());
    const auto end = text.begin() + static_cast<long>(plain);
    EXPECT_EQ(seen.lines, 5 + std::count(text.begin(), end, '\n'));
    EXPECT_EQ(seen.any_8bit,
              std::any_of(text.begin(), end, [](auto octet) { return octet > 127; }));
    const std::uint8_t* before_dash = nullptr;
    for (std::size_t i = plain; i-- > 0;) {
      if (text[i] == '\n' && text[i + 1] == '-') before_dash = &text[i];
    }
    EXPECT_EQ(seen.before_dash, before_dash);
  });
}

// Many times what the loops can count in one go; and each line once.
TEST(Bulk, CountsTheLinesOfLongData) {
  std::string text = "x";
  while (text.size() < 100'000) text += "\r\n";
  for (const Bulk& width : all_bulk()) {
    Bytes rest = as_bytes(text).subspan(1);
    Bulk::Plain seen;
    for (std::size_t run = 1; run != 0 && rest.size() > 64; rest = rest.subspan(run)) {
      run = width.plain_data(rest.data(), rest.size(), seen);
    }
    const auto taken = static_cast<std::size_t>(rest.data() - as_bytes(text).data());
    EXPECT_LE(rest.size(), 64u) << width.name;
    EXPECT_EQ(seen.lines, (taken - 1) / 2) << width.name;
  }
}

std::size_t find(Bytes text, std::string_view what) {
  return std::min(as_text(text).find(what), text.size());
}

TEST(Bulk, FindsLinesThatMayBeDelimiters) {
  for_each_text("\n-", [](const Bulk& width, Bytes text) {
    const std::size_t at = width.line_before_dashes(text.data(), text.size());
    expect_stop(at, find(text, "\n--"), text.size());
  });
}

TEST(Bulk, FindsTheEndOfSchemes) {
  for_each_text(":/", [](const Bulk& width, Bytes text) {
    const std::size_t at = width.scheme_end(text.data(), text.size());
    expect_stop(at, find(text, "://"), text.size());
  });
}

int digit(std::uint8_t octet) {
  static constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const std::size_t value = kAlphabet.find(static_cast<char>(octet));
  return value == kAlphabet.npos ? -1 : static_cast<int>(value);
}

TEST(Bulk, KnowsEachDigit) {
  for (const Bulk& width : all_bulk()) {
    for (int octet = 0; octet < 256; ++octet) {
      const Octets text(256, static_cast<std::uint8_t>(octet));
      std::uint64_t digits = 0;
      const std::size_t good = width.base64_digits(text.data(), text.size(), digits);
      const bool is_digit = digit(text[0]) >= 0, is_end = octet == '\r' || octet == '\n';
      EXPECT_EQ(good, is_digit || is_end ? 256u : 0u) << width.name << octet;
      EXPECT_EQ(digits, is_digit ? 256u : 0u) << width.name << octet;
      std::uint8_t out[512];
      const Bulk::Base64 done = width.base64_groups(text.data(), text.size(), out, sizeof out);
      EXPECT_EQ(done.read, is_digit ? 256u : 0u) << width.name << octet;
      EXPECT_EQ(done.written, is_digit ? 192u : 0u) << width.name << octet;
    }
  }
}

TEST(Bulk, CountsDigits) {
  for_each_text("\r\n\r\n\r\n+/09az=.", [](const Bulk& width, Bytes text) {
    std::size_t fault = 0;
    const auto good = [&](std::size_t i) {
      return digit(text[i]) >= 0 || text[i] == '\r' || text[i] == '\n';
    };
    while (fault < text.size() && good(fault)) ++fault;
    std::uint64_t digits = 3;
    const std::size_t at = width.base64_digits(text.data(), text.size(), digits);
    expect_stop(at, fault, text.size());
    std::uint64_t expected = 3;
    for (std::size_t i = 0; i < at; ++i) expected += digit(text[i]) >= 0 ? 1 : 0;
    EXPECT_EQ(digits, expected);
  });
}

TEST(Bulk, DecodesGroupsAndLineEnds) {
  for (const Bulk& width : all_bulk()) {
    SCOPED_TRACE(width.name);
    std::mt19937 random(11);
    for (int round = 0; round < 5000; ++round) {
      Octets text;
      const std::size_t lines = random() % 6, length = random() % 2 == 0 ? 76 : random() % 100;
      for (std::size_t line = 0; line < lines; ++line) {
        for (std::size_t i = 0; i < length / 4 * 4; ++i) {
          text.push_back(static_cast<std::uint8_t>("AZaz09+/"[random() % 8]));
        }
        text.push_back('\r');
        text.push_back('\n');
      }
      if (!text.empty() && random() % 3 == 0) text[random() % text.size()] = '=';
      Octets out(text.size() + 64, 0xee);
      const std::size_t room = random() % 4 == 0 ? random() % out.size() : out.size();
      const Bulk::Base64 done = width.base64_groups(text.data(), text.size(), out.data(), room);
      Octets expected;
      std::uint32_t group = 0, digits = 0;
      for (std::size_t i = 0; i < done.read; ++i) {
        if (text[i] == '\r' || text[i] == '\n') {
          ASSERT_EQ(digits % 4, 0u);
          continue;
        }
        ASSERT_GE(digit(text[i]), 0);
        group = group << 6 | static_cast<std::uint32_t>(digit(text[i]));
        if (++digits % 4 != 0) continue;
        for (int shift = 16; shift >= 0; shift -= 8) {
          expected.push_back(static_cast<std::uint8_t>(group >> shift));
        }
      }
      ASSERT_EQ(digits % 4, 0u);
      ASSERT_EQ(done.written, expected.size());
      ASSERT_TRUE(std::equal(expected.begin(), expected.end(), out.begin()));
      for (std::size_t i = room; i < out.size(); ++i) ASSERT_EQ(out[i], 0xee) << "past its room";
      if (room < out.size()) continue;
      const std::string_view rest = as_text(Bytes(text).subspan(done.read));
      ASSERT_TRUE(rest.size() < 20 || rest.substr(0, 4).find('=') != rest.npos) << rest;
    }
  }
}

}  // namespace
}  // namespace mailglass
