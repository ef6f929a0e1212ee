// SPDX-License-Identifier: BSD-3-Clause
// What is transferred behind DATA: transparency, ends and what only looks like one, header fields.
#include "mail/dots.h"
#include "tests/unit/mail_dialogue.h"

namespace mailglass::test {
namespace {

// One transaction that transfers `content`, its end included.
Reading transfer(std::string_view content, bool whole_only = false) {
  Dialogue d;
  d.s("220 mail.example.org ESMTP\r\n")
      .c("EHLO x.example.com\r\n")
      .s("250 hello\r\n")
      .c("MAIL FROM:<a@example.com>\r\n")
      .s("250 ok\r\n")
      .c("RCPT TO:<b@example.org>\r\n")
      .s("250 ok\r\n")
      .c("DATA\r\n")
      .s("354 go\r\n")
      .c(content)
      .s("250 2.0.0 Ok: queued as X\r\n")
      .c("QUIT\r\n")
      .s("221 bye\r\n");
  if (whole_only) d.whole_only();
  Reading r = d.read();
  EXPECT_EQ(r.get("smtp", "/smtp/outcome"), "accepted");
  EXPECT_EQ(r.count(Count::smtp_QUIT), 1u);
  return r;
}

std::string told(const mail::Dots& dots) {
  std::string text = dots.false_ends().bare_lf() ? "LF" : "";
  if (dots.false_ends().bare_cr()) text += "CR";
  dots.false_ends().each([&](mail::FalseEnds::Kind, std::string_view end) { text.append(end); });
  return text;
}

TEST(Content, DotsAreUnstuffedAndCounted) {
  const Reading r =
      transfer("Subject: dots\r\n\r\n..\r\n...\r\n.leading\r\nin. the. middle.\r\n.\r\n");
  // Subject line 15, empty line 2, ".", "..", "leading", "in. the. middle."
  EXPECT_EQ(r.get("smtp", "/smtp/octets"), std::to_string(15 + 2 + 3 + 4 + 9 + 18));
  EXPECT_EQ(r.anomalies(), "");
}

TEST(Content, AnEmptyBodyAndAnEmptyMessage) {
  EXPECT_EQ(transfer("Subject: x\r\n\r\n.\r\n").get("smtp", "/smtp/octets"), "14");
  EXPECT_EQ(transfer("Subject: x\r\n.\r\n").get("smtp", "/email/subject"), "x");
  EXPECT_EQ(transfer(".\r\n").count(Count::message_octets_data), 0u);
}

// Wherever the end of data is cut, it is the end; so is the end of a message full of near-ends.
TEST(Content, TheEndOfDataMayBeCutAnywhere) {
  const std::string content = "Subject: x\r\n\r\n.\r.\r\n.\rx\r\n\r\r\n.\n\r\n..\r\n.\r\n";
  for (std::size_t first = 1; first < content.size(); ++first) {
    Dialogue d;
    d.s("220 x ESMTP\r\n").c("HELO x.example.com\r\n").s("250 hi\r\n");
    d.c("MAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n");
    d.s("250 ok\r\n250 ok\r\n354 go\r\n");
    d.c(content.substr(0, first)).c(content.substr(first)).s("250 2.0.0 Ok\r\n");
    const Reading r = d.c("QUIT\r\n").s("221 bye\r\n").read_cut(1448);
    EXPECT_EQ(r.get("smtp", "/smtp/outcome"), "accepted") << first;
    EXPECT_EQ(r.get("smtp", "/smtp/octets"), "31") << first;
    EXPECT_EQ(r.count(Count::smtp_QUIT), 1u) << first;
  }
}

// Against the plainest reading of RFC 5321 section 4.5.2: the data up to the first CR LF . CR LF,
// with the dot that follows a CR LF removed.
TEST(Content, DotsAgreeWithTheStandardOnEveryShortText) {
  static constexpr char kAlphabet[] = {'\r', '\n', '.', 'x'};
  constexpr int kLength = 8;
  for (int number = 0; number < 1 << (2 * kLength); ++number) {
    std::string text;
    for (int i = 0; i < kLength; ++i) text += kAlphabet[number >> (2 * i) & 3];
    const std::string framed = "\r\n" + text;
    const std::size_t end = framed.find("\r\n.\r\n");
    std::string wanted = framed.substr(2, end == std::string::npos ? end : end);
    if (end == 0) wanted.clear();
    std::string expected;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      const bool line_start = framed.compare(i, 2, "\r\n") == 0;
      if (!(line_start && wanted[i] == '.')) expected += wanted[i];
    }
    mail::Dots dots;
    std::string got;
    Bytes rest = as_bytes(text);
    const bool ended =
        dots.take(rest, [&](const mail::Data& part) { got += as_text(part.octets); });
    ASSERT_EQ(ended, end != std::string::npos) << number;
    if (ended) {
      ASSERT_EQ(got, expected) << number;
      ASSERT_EQ(rest.size(), framed.size() - end - 5) << number;
    }
    // One octet at a time.
    mail::Dots slow;
    std::string slowly;
    bool slow_end = false;
    for (std::size_t i = 0; i < text.size() && !slow_end; ++i) {
      Bytes one = as_bytes(text).subspan(i, 1);
      slow_end = slow.take(one, [&](const mail::Data& part) { slowly += as_text(part.octets); });
    }
    ASSERT_EQ(slow_end, ended) << number;
    ASSERT_EQ(slowly, got) << number;
    ASSERT_EQ(told(slow), told(dots)) << number;
    ASSERT_EQ(slow.lines(), dots.lines()) << number;
  }
}

// Long enough to be read in blocks: the same as octet by octet, wherever a line end, a near-end or
// the end falls.
TEST(Content, LongTextsReadInBlocksAreTheSameOctetByOctet) {
  static constexpr std::string_view kEnds[] = {"\r\n",     "\n",      "\r",     "\r\n.\r\n",
                                               "\n.\n",    "\n.\r\n", "\r\n.",  "\r\n..",
                                               "\r\n.\rx", "\n\r\n",  "\r\r\n", "\n."};
  for (const std::string_view first : kEnds) {
    for (const std::string_view second : kEnds) {
      for (std::size_t before = 0; before < 40; ++before) {
        for (const std::size_t between : {0u, 1u, 14u, 15u, 16u, 17u, 31u, 60u}) {
          std::string text(before, 'x');
          text.append(first).append(between, 'y').append(second).append(50, 'z');
          mail::Dots dots, slow;
          std::string got, slowly;
          Bytes rest = as_bytes(text);
          const bool end =
              dots.take(rest, [&](const mail::Data& part) { got += as_text(part.octets); });
          bool slow_end = false;
          std::size_t taken = 0;
          for (; taken < text.size() && !slow_end; ++taken) {
            Bytes one = as_bytes(text).subspan(taken, 1);
            slow_end =
                slow.take(one, [&](const mail::Data& part) { slowly += as_text(part.octets); });
          }
          ASSERT_EQ(end, slow_end) << text;
          ASSERT_EQ(text.size() - rest.size(), taken) << text;
          ASSERT_EQ(got, slowly) << text;
          ASSERT_EQ(dots.lines(), slow.lines()) << text;
          ASSERT_EQ(told(dots), told(slow)) << text;
        }
      }
    }
  }
}

struct Oddity {
  std::string_view content;
  std::string_view anomalies;
  std::string_view detail;
};

TEST(Content, LoneDotsThatOnlyLenientServersHonourAreNamed) {
  static constexpr Oddity kOddities[] = {
      {"a: b\r\n\r\nx\n.\nMAIL FROM:<e@example.com>\r\n.\r\n", "smtp_bare_lf_end_of_data",
       "<LF>.<LF>"},
      {"a: b\r\n\r\nx\n.\r\nRSET\r\n.\r\n", "smtp_bare_lf_end_of_data", "<LF>.<CR><LF>"},
      {"a: b\r\n\r\nx\r\n.\nRSET\r\n.\r\n", "smtp_bare_lf_end_of_data", "<CR><LF>.<LF>"},
      {"a: b\r\n\r\nx\n.\ny\n.\ny\n.\r\ny\r\n.\r\n",
       "smtp_bare_lf_end_of_data smtp_bare_lf_end_of_data", "<LF>.<LF>"},
      {"a: b\r\n\r\nx\n..\ny\n.y\n. \nz\r\n.\r\n", "smtp_bare_lf_in_data", "LF"},
  };
  for (const Oddity& odd : kOddities) {
    const Reading r = transfer(odd.content);
    EXPECT_EQ(r.anomalies(), odd.anomalies) << odd.content;
    EXPECT_NE(r.get("anomaly", "/anomaly/detail").find(odd.detail), std::string::npos);
    EXPECT_EQ(r.count(Count::smtp_MAIL), 1u);
    EXPECT_EQ(r.count(Count::smtp_RSET), 0u);
    EXPECT_EQ(r.of_type("smtp").size(), 1u);
  }
}

TEST(Content, FoldedFieldsAreOneField) {
  const Reading r = transfer(
      "Subject: one\r\n two\r\n\tthree\r\nX-Other: a\r\n b\r\nTo: a@example.com,\r\n"
      " b@example.com\r\n\r\nbody: no field\r\n.\r\n");
  EXPECT_EQ(r.get("smtp", "/email/subject"), "one two\tthree");
  EXPECT_EQ(r.get("smtp", "/email/to"), R"(["a@example.com","b@example.com"])");
}

TEST(Content, AMessageWithoutHeaderHasNoFields) {
  const Reading r = transfer("Merry Christmas!!!\r\nSubject: not a field\r\n.\r\n");
  EXPECT_EQ(r.get("smtp", "/email/subject"), "");
  EXPECT_EQ(r.get("smtp", "/smtp/octets"), "42");
  EXPECT_EQ(transfer("\r\nSubject: body\r\n.\r\n").get("smtp", "/email/subject"), "");
  EXPECT_EQ(transfer(" Subject: body\r\n.\r\n").get("smtp", "/email/subject"), "");
}

TEST(Content, AHeaderWithoutBodyIsReportedToItsLastField) {
  const Reading r = transfer("From: a@example.com\r\nSubject: last\r\n.\r\n");
  EXPECT_EQ(r.get("smtp", "/email/subject"), "last");
  EXPECT_EQ(r.get("smtp", "/email/from"), "a@example.com");
}

TEST(Content, ALineThatIsNoFieldEndsTheHeader) {
  const Reading r = transfer("From: a@example.com\r\nno field\r\nSubject: body\r\n\r\n.\r\n");
  EXPECT_EQ(r.get("smtp", "/email/from"), "a@example.com");
  EXPECT_EQ(r.get("smtp", "/email/subject"), "");
}

TEST(Content, FieldsEndedByBareLfAreFields) {
  const Reading r = transfer("From: a@example.com\nSubject: lf\n\nbody\r\n.\r\n");
  EXPECT_EQ(r.get("smtp", "/email/subject"), "lf");
}

TEST(Content, NulsAndHighOctetsPass) {
  const Reading r = transfer(std::string_view("Subject: a\0b\xff\r\n\r\n\0\0\xfe\r\n.\r\n", 25));
  EXPECT_EQ(r.get("smtp", "/smtp/octets"), "22");
}

// RFC 5321 section 4.5.3.1.6: CR LF counts, a dot that was stuffed does not.
TEST(Content, ALineOfAMessageHasAThousandOctets) {
  const auto anomalies = [](const std::string& content) {
    return transfer("a: b\r\n" + content + "\r\n.\r\n").anomalies();
  };
  const std::string longest(998, 'x'), over(999, 'x');
  EXPECT_EQ(anomalies("\r\n" + longest + "\r\n." + longest + "\r\ny\r\n" + longest), "");
  EXPECT_EQ(anomalies("\r\n" + over + "\r\nx\r\n" + over), "message_line_too_long");
  EXPECT_EQ(anomalies("\r\nx\r\n" + over), "message_line_too_long");
  EXPECT_EQ(anomalies("b: " + std::string(3000, 'x') + "\r\n\r\nx"), "message_line_too_long");
  EXPECT_EQ(anomalies("b: y\r\n " + longest.substr(1) + "\r\n\r\nx"), "");
}

TEST(Content, BinaryMimeHasNoLines) {
  const auto anomalies = [](std::string_view parameter) {
    Dialogue d = Dialogue()
                     .s("220 s ESMTP\r\n")
                     .c("EHLO c\r\n")
                     .s("250-s\r\n250-CHUNKING\r\n250-BINARYMIME\r\n250 PIPELINING\r\n");
    d.c("MAIL FROM:<a@b> BODY=" + std::string(parameter) + "\r\n").s("250 ok\r\n");
    d.c("RCPT TO:<c@d>\r\n").s("250 ok\r\n");
    d.c("BDAT 2008 LAST\r\na: b\r\n\r\n" + std::string(2000, 'x')).s("250 ok\r\n");
    return d.read().anomalies();
  };
  EXPECT_EQ(anomalies("BINARYMIME"), "");
  EXPECT_EQ(anomalies("8BITMIME"), "message_line_too_long");
}

TEST(Content, ALongFieldIsCutAndSaysSo) {
  const std::string field = "Subject: " + std::string(100'000, 'x') + "\r\n";
  const Reading r = transfer(field + "From: a@example.com\r\n\r\n.\r\n", true);
  EXPECT_EQ(r.get("smtp", "/email/truncated"), "true");
  EXPECT_EQ(r.get("smtp", "/email/from"), "a@example.com");
  EXPECT_LE(r.get("smtp", "/email/subject").size(), 4096u);
}

// The same in one large segment, as an offloading card hands it over, and in many.
TEST(Content, AFieldLongerThanABlockIsTheSameInOneSegmentAndInMany) {
  const std::string content =
      "References: <" + std::string(3000, 'r') + "@x>\r\nSubject: behind\r\n\r\n.\r\n";
  Dialogue d;
  d.s("220 x ESMTP\r\n").c("HELO x.example.com\r\n").s("250 hi\r\n");
  d.c("MAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n");
  d.s("250 ok\r\n250 ok\r\n354 go\r\n").c(content).s("250 ok\r\n");
  EXPECT_EQ(d.read_cut(60'000).normal_form(), d.read_cut(100).normal_form());
}

}  // namespace
}  // namespace mailglass::test
