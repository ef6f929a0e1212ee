// SPDX-License-Identifier: BSD-3-Clause
// The shipped patterns: every verb of the list is recognised, and nothing that only looks like one.
#include <gtest/gtest.h>

#include <algorithm>

#include "match/scanner.h"
#include "tests/support/inspection.h"

namespace mailglass::test {
namespace {

using match::Pop3ReplyHint;
using match::ProtocolHint;
using match::Scanner;
using match::SmtpReplyHint;
using tally::Pop3Verb;
using tally::SmtpVerb;

class MatchScanner : public testing::Test {
 protected:
  SmtpVerb smtp(std::string_view line) { return scanner_.smtp_verb(as_bytes(line)); }
  Pop3Verb pop3(std::string_view line) { return scanner_.pop3_verb(as_bytes(line)); }
  auto protocol(std::string_view line) { return scanner_.protocol(as_bytes(line)); }
  auto smtp_reply(std::string_view line) { return scanner_.smtp_reply(as_bytes(line)); }
  auto pop3_reply(std::string_view line) { return scanner_.pop3_reply(as_bytes(line)); }

  Scanner scanner_{shipped_patterns()};
};

std::vector<std::string> cases_of(std::string_view word) {
  std::string upper(word), lower, mixed;
  for (const char c : upper) {
    lower += static_cast<char>(std::tolower(c));
    mixed += mixed.size() % 2 == 0 ? lower.back() : c;
  }
  return {upper, lower, mixed};
}

template <typename Verb, typename Recognise>
void every_verb(std::string_view word, Verb verb, Recognise&& recognise) {
  for (const std::string& written : cases_of(word)) {
    EXPECT_EQ(recognise(written), verb) << written;
    EXPECT_EQ(recognise(written + "\r"), verb) << "the CR of a bare line";
    EXPECT_EQ(recognise(written + " \t"), verb) << "blanks behind it";
    EXPECT_EQ(recognise(written + "X"), Verb::unknown) << written << "X";
    EXPECT_EQ(recognise(" " + written), Verb::unknown) << "a blank in front of " << written;
    EXPECT_EQ(recognise("X" + written), Verb::unknown) << "X" << written;
    EXPECT_EQ(recognise(written.substr(0, written.size() - 1)), Verb::unknown);
  }
}

TEST_F(MatchScanner, KnowsEverySmtpVerbInAnyCase) {
  int verbs = 0;
#define SMTP_VERB(id, word)                                                                 \
  if (SmtpVerb::id != SmtpVerb::unknown) {                                                  \
    ++verbs;                                                                                \
    every_verb(word, SmtpVerb::id, [this](const std::string& line) { return smtp(line); }); \
  }
#include "tally/counters.def"
  EXPECT_GE(verbs, 20);
}

TEST_F(MatchScanner, KnowsEveryPop3VerbInAnyCase) {
  int verbs = 0;
#define POP3_VERB(id, word)                                                                 \
  if (Pop3Verb::id != Pop3Verb::unknown) {                                                  \
    ++verbs;                                                                                \
    every_verb(word, Pop3Verb::id, [this](const std::string& line) { return pop3(line); }); \
  }
#include "tally/counters.def"
  EXPECT_GE(verbs, 18);
}

TEST_F(MatchScanner, ArgumentsDoNotHideAVerb) {
  EXPECT_EQ(smtp("MAIL FROM:<a@example.com> SIZE=1000"), SmtpVerb::MAIL);
  EXPECT_EQ(smtp("mail from:<>"), SmtpVerb::MAIL);
  EXPECT_EQ(smtp("RCPT TO:<b@example.org>"), SmtpVerb::RCPT);
  EXPECT_EQ(smtp("BDAT 100 LAST"), SmtpVerb::BDAT);
  EXPECT_EQ(smtp("X-ANONYMOUSTLS"), SmtpVerb::XANONYMOUSTLS);
  EXPECT_EQ(smtp("MAILX FROM:<a@example.com>"), SmtpVerb::unknown);
  EXPECT_EQ(pop3("RETR 1"), Pop3Verb::RETR);
  EXPECT_EQ(pop3("TOP 1 0"), Pop3Verb::TOP);
  EXPECT_EQ(pop3("TOPIC"), Pop3Verb::unknown);
}

TEST_F(MatchScanner, EmptyAndBinaryLinesAreNothing) {
  const std::string zeroes(10, '\0');
  for (const std::string& line :
       {std::string(), zeroes, std::string("\x16\x03\x01\x02"), std::string("\xff\xfe")}) {
    EXPECT_EQ(smtp(line), SmtpVerb::unknown);
    EXPECT_EQ(pop3(line), Pop3Verb::unknown);
    EXPECT_TRUE(protocol(line).none());
    EXPECT_TRUE(smtp_reply(line).none());
    EXPECT_TRUE(pop3_reply(line).none());
  }
}

// Hyperscan finds the line even where octets follow it in memory.
TEST_F(MatchScanner, LooksAtTheLineAlone) {
  const std::string text = "HELOX";
  EXPECT_EQ(smtp(std::string_view(text).substr(0, 4)), SmtpVerb::HELO);
  EXPECT_EQ(smtp(text), SmtpVerb::unknown);
}

TEST_F(MatchScanner, LongLinesAreJudgedByTheirFront) {
  const std::string tail(100'000, 'x');
  EXPECT_EQ(smtp("MAIL FROM:<" + tail), SmtpVerb::MAIL);
  EXPECT_EQ(smtp(tail + " MAIL FROM:<"), SmtpVerb::unknown);
}

TEST_F(MatchScanner, ReplyLines) {
  EXPECT_TRUE(smtp_reply("250 ok").has(SmtpReplyHint::reply));
  EXPECT_TRUE(smtp_reply("250-mail").has(SmtpReplyHint::reply));
  EXPECT_TRUE(smtp_reply("250").has(SmtpReplyHint::reply));
  EXPECT_FALSE(smtp_reply("25 ok").has(SmtpReplyHint::reply));
  EXPECT_FALSE(smtp_reply("2500 ok").has(SmtpReplyHint::reply));
  EXPECT_FALSE(smtp_reply("+OK").has(SmtpReplyHint::reply));
  EXPECT_TRUE(smtp_reply("550 5.7.1 no").has(SmtpReplyHint::enhanced));
  EXPECT_TRUE(smtp_reply("250 2.0.0").has(SmtpReplyHint::enhanced));
  EXPECT_FALSE(smtp_reply("250 192.0.2.1 greets").has(SmtpReplyHint::enhanced));
  EXPECT_FALSE(smtp_reply("250 1.2.3 x").has(SmtpReplyHint::enhanced));
  EXPECT_TRUE(smtp_reply("250-starttls").has(SmtpReplyHint::starttls));
  EXPECT_FALSE(smtp_reply("250-STARTTLSX").has(SmtpReplyHint::starttls));
  EXPECT_TRUE(pop3_reply("+OK").has(Pop3ReplyHint::ok));
  EXPECT_TRUE(pop3_reply("-ERR no").has(Pop3ReplyHint::err));
  EXPECT_TRUE(pop3_reply("+ PDE4").has(Pop3ReplyHint::challenge));
  EXPECT_FALSE(pop3_reply("+OKAY").has(Pop3ReplyHint::ok));
  EXPECT_FALSE(pop3_reply("+OK").has(Pop3ReplyHint::challenge));
  EXPECT_TRUE(pop3_reply("STLS").has(Pop3ReplyHint::stls));
  EXPECT_FALSE(pop3_reply("STLSX").has(Pop3ReplyHint::stls));
}

TEST_F(MatchScanner, TwoScannersShareThePatterns) {
  const Scanner other(shipped_patterns());
  EXPECT_EQ(other.smtp_verb(as_bytes("QUIT")), SmtpVerb::QUIT);
  EXPECT_EQ(smtp("QUIT"), SmtpVerb::QUIT);
}

}  // namespace
}  // namespace mailglass::test
