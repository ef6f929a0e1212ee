// SPDX-License-Identifier: BSD-3-Clause
// What PlainRows says of a line must be what Hyperscan says of it.
#include "match/plain_rows.h"

#include <gtest/gtest.h>
#include <hs/hs.h>

#include <fstream>
#include <random>
#include <string>

namespace mailglass::match {
namespace {

// The rows of a file, both ways.
class Rows {
 public:
  using Row = std::pair<std::string, bool>;  // expression, any case

  explicit Rows(const std::vector<Row>& rows) {
    std::vector<const char*> expressions;
    std::vector<unsigned> flags, ids;
    for (const auto& [expression, caseless] : rows) {
      plain.add(expression, caseless);
      ids.push_back(static_cast<unsigned>(ids.size()));
      expressions.push_back(expression.c_str());
      flags.push_back(HS_FLAG_SINGLEMATCH | (caseless ? HS_FLAG_CASELESS : 0));
    }
    hs_compile_error_t* error = nullptr;
    EXPECT_EQ(hs_compile_multi(expressions.data(), flags.data(), ids.data(),
                               static_cast<unsigned>(ids.size()), HS_MODE_BLOCK, nullptr,
                               &database_, &error),
              HS_SUCCESS);
    EXPECT_EQ(hs_alloc_scratch(database_, &scratch_), HS_SUCCESS);
  }
  ~Rows() {
    hs_free_scratch(scratch_);
    hs_free_database(database_);
  }
  Rows(const Rows&) = delete;
  Rows& operator=(const Rows&) = delete;

  std::uint64_t hyperscan(std::string_view line) const {
    std::uint64_t rows = 0;
    const auto note = [](unsigned id, unsigned long long, unsigned long long, unsigned,
                         void* into) {
      *static_cast<std::uint64_t*>(into) |= std::uint64_t{1} << id;
      return 0;
    };
    EXPECT_EQ(hs_scan(database_, line.data(), static_cast<unsigned>(line.size()), 0, scratch_, note,
                      &rows),
              HS_SUCCESS);
    return rows;
  }

  PlainRows plain;

 private:
  hs_database_t* database_ = nullptr;
  hs_scratch_t* scratch_ = nullptr;
};

std::vector<Rows::Row> rows_of(const std::string& file) {
  std::ifstream in(MAILGLASS_PATTERNS "/" + file);
  std::vector<Rows::Row> rows;
  for (std::string text; std::getline(in, text);) {
    const std::size_t open = text.find('/'), close = text.rfind('/');
    if (text.empty() || text[0] == '#' || open == close) continue;
    rows.emplace_back(text.substr(open + 1, close - open - 1), text.find('i', close) != text.npos);
  }
  EXPECT_FALSE(rows.empty()) << file;
  return rows;
}

constexpr std::string_view kLines[] = {"EHLO relay.example",
                                       "MAIL FROM:<a@b.example> SIZE=5",
                                       "DATA",
                                       "DATA \t\r",
                                       "QUIT\r",
                                       "auth",
                                       "250-SIZE 524288000",
                                       "250 2.1.5 Ok",
                                       "354 End data",
                                       "220",
                                       "220\r",
                                       "250-STARTTLS",
                                       "250 X-ANONYMOUSTLS",
                                       "250-PIPELINING",
                                       "250-size 1",
                                       "550 5.7.1 no",
                                       "+OK 3 messages",
                                       "+OK",
                                       "-ERR no",
                                       "+ ",
                                       "+",
                                       "RETR 1",
                                       "TOP 1 20",
                                       "USER me",
                                       "PIPELINING",
                                       "STLS \r",
                                       "STLS\n",
                                       "UTF8",
                                       "xclient NAME=a",
                                       "BDAT 86 LAST",
                                       "APOP a 0123456789abcdef0123456789abcdef",
                                       ""};

std::string changed(std::string line, std::mt19937& random) {
  static constexpr std::string_view kOctets = " \t\r\n-.0259_+AaSzK\x80\0";
  for (auto changes = random() % 4; changes != 0; --changes) {
    const std::size_t at = random() % (line.size() + 1);
    const char octet = kOctets[random() % kOctets.size()];
    switch (random() % 4) {
      case 0:
        line.insert(at, 1, octet);
        break;
      case 1:
        if (at < line.size()) line[at] = octet;
        break;
      case 2:
        if (at < line.size()) line[at] = static_cast<char>(line[at] ^ 0x20);
        break;
      default:
        line.resize(at);
    }
  }
  return line;
}

TEST(PlainRows, SayOfShippedPatternsWhatHyperscanSays) {
  for (const char* file :
       {"smtp-commands.patterns", "smtp-replies.patterns", "pop3-commands.patterns",
        "pop3-replies.patterns", "protocol.patterns"}) {
    SCOPED_TRACE(file);
    const Rows rows(rows_of(file));
    std::mt19937 random(3);
    std::size_t answered = 0;
    constexpr std::size_t kRounds = 40000;
    for (std::size_t i = 0; i < kRounds; ++i) {
      const std::string line = changed(std::string(kLines[i % std::size(kLines)]), random);
      const auto said = rows.plain.ask(as_bytes(line));
      if (!said) continue;
      ++answered;
      ASSERT_EQ(*said, rows.hyperscan(line)) << testing::PrintToString(line);
    }
    // One with more ways than there are bits, whose lines are few, is all Hyperscan's.
    EXPECT_EQ(answered, std::string_view(file) == "protocol.patterns" ? 0 : kRounds);
  }
}

// Expressions near the edge of what is understood.
TEST(PlainRows, AreRightOrAskHyperscan) {
  for (const char* expression : {"^A",
                                 "^A\\b",
                                 "^A+\\b",
                                 "^A*$",
                                 "^[AB]+B",
                                 "^[A-C]{1,2}$",
                                 "^(A|B)+C",
                                 "^((A|B)C|D)",
                                 "^A|B",
                                 "A",
                                 "^[^A]",
                                 "^A.",
                                 "^A.*$",
                                 "^A{2}",
                                 "^A{2,}",
                                 "^A?B?$",
                                 "^(A|B)?C",
                                 "^[ -]A",
                                 "^[A\\-C]",
                                 "^[\\]A]",
                                 "^A\\n?$",
                                 "^[A\\n]*$",
                                 "^\\d",
                                 "^A+?",
                                 "^(?:A|B)",
                                 "^$",
                                 "^\\bA",
                                 "^(A$|B)",
                                 "^(A\\b|AB)C?",
                                 "^\\x41",
                                 "^[]A]",
                                 "^(A|)B",
                                 "^A$B",
                                 "^a-z",
                                 "^\\t*\\r?\\b",
                                 "^\\b",
                                 "^(A|B\\Q)C\\E)",
                                 "^[[:alpha:]]A",
                                 "^[^]A]B",
                                 "^[a[:digit:]]"}) {
    for (const bool caseless : {false, true}) {
      hs_compile_error_t* error = nullptr;
      hs_database_t* database = nullptr;
      if (hs_compile(expression, 0, HS_MODE_BLOCK, nullptr, &database, &error) != HS_SUCCESS) {
        hs_free_compile_error(error);
        continue;
      }
      hs_free_database(database);
      const Rows rows({{expression, caseless}, {"^[B-Z]$", true}});
      std::mt19937 random(5);
      for (int i = 0; i < 3000; ++i) {
        std::string line;
        for (auto octets = random() % 6; octets != 0; --octets) {
          line += "ABCDabc-]\\ \t\r\n14_"[random() % 17];
        }
        const auto said = rows.plain.ask(as_bytes(line));
        if (!said) continue;
        ASSERT_EQ(*said, rows.hyperscan(line)) << expression << testing::PrintToString(line);
      }
    }
  }
}

}  // namespace
}  // namespace mailglass::match
