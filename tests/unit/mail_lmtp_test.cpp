// SPDX-License-Identifier: BSD-3-Clause
// LMTP (RFC 2033): one reply for each accepted recipient behind the end of a message.
#include "tests/unit/mail_dialogue.h"

namespace mailglass::test {
namespace {

Dialogue& quit(Dialogue& d) { return d.c("QUIT\r\n").s("221 2.0.0 Bye\r\n"); }

TEST(Lmtp, EachAcceptedRecipientHasItsReply) {
  for (const bool pipelined : {false, true}) {
    Dialogue d(2424);
    d.s("220 mail.example.org LMTP ready\r\n")
        .c("LHLO mx.example.org\r\n")
        .s("250-mail.example.org\r\n250 PIPELINING\r\n");
    if (pipelined) {
      d.c("MAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.org>\r\nRCPT TO:<no@example.org>\r\n"
          "RCPT TO:<c@example.org>\r\nDATA\r\n")
          .s("250 ok\r\n250 ok\r\n550 5.1.1 no\r\n250 ok\r\n354 go\r\n");
    } else {
      d.c("MAIL FROM:<a@example.com>\r\n")
          .s("250 ok\r\n")
          .c("RCPT TO:<b@example.org>\r\n")
          .s("250 ok\r\n")
          .c("RCPT TO:<no@example.org>\r\n")
          .s("550 5.1.1 no\r\n")
          .c("RCPT TO:<c@example.org>\r\n")
          .s("250 ok\r\n")
          .c("DATA\r\n")
          .s("354 go\r\n");
    }
    d.c("\r\nhi\r\n.\r\n").s("250 2.0.0 saved\r\n452 4.2.2 over quota\r\n");
    const Reading r = quit(d).read();
    EXPECT_EQ(r.count(Count::sessions_lmtp), 1u);
    EXPECT_EQ(r.get("smtp", "/app_proto"), "lmtp");
    EXPECT_EQ(r.get("smtp", "/smtp/greeting"), "LHLO");
    EXPECT_EQ(r.get("smtp", "/smtp/recipients/0/code"), "250");
    EXPECT_EQ(r.get("smtp", "/smtp/recipients/1/code"), "550");
    EXPECT_EQ(r.get("smtp", "/smtp/recipients/2/code"), "452");
    EXPECT_EQ(r.get("smtp", "/smtp/outcome"), "accepted");
    EXPECT_EQ(r.anomalies(), "");
  }
}

TEST(Lmtp, LhloIsUnderstoodBehindAnyBanner) {
  Dialogue d(25);
  d.s("220 mail.example.org ESMTP\r\n")
      .c("LHLO mx.example.org\r\n")
      .s("250 hello\r\n")
      .c("MAIL FROM:<>\r\nRCPT TO:<a@example.org>\r\nRCPT TO:<b@example.org>\r\nBDAT 4 "
         "LAST\r\nhi\r\n")
      .s("250 ok\r\n250 ok\r\n250 ok\r\n250 2.0.0 a\r\n250 2.0.0 b\r\n");
  const Reading r = quit(d).read();
  EXPECT_EQ(r.get("smtp", "/app_proto"), "lmtp");
  EXPECT_EQ(r.get("smtp", "/smtp/recipients/1/text"), "b");
  EXPECT_EQ(r.anomalies(), "");
}

// A transaction with so many recipients; the server has no room for that of `full`.
Dialogue with_recipients(int recipients, int full, bool pipelined = false) {
  Dialogue d(2424);
  d.s("220 mail.example.org LMTP ready\r\n").c("LHLO mx.example.org\r\n");
  d.s("250-mail.example.org\r\n250 PIPELINING\r\n").c("MAIL FROM:<>\r\n").s("250 ok\r\n");
  std::string commands, replies;
  for (int i = 0; i < recipients; ++i) {
    const std::string command = "RCPT TO:<r" + std::to_string(i) + "@example.org>\r\n";
    commands += command;
    replies += "250 ok\r\n";
    if (!pipelined) d.c(command).s("250 ok\r\n");
  }
  if (pipelined) d.c(commands).s(replies);
  d.c("DATA\r\n").s("354 go\r\n").c("\r\nhi\r\n.\r\n");
  for (int i = 0; i < recipients; ++i) {
    d.s(i == full ? "452 4.2.2 over quota\r\n" : "250 2.0.0 saved\r\n");
  }
  quit(d).whole_only();
  return d;
}

TEST(Lmtp, HundredsOfRecipientsEachHaveTheirReply) {
  const Reading r = with_recipients(300, 200).read();
  EXPECT_EQ(r.get("smtp", "/smtp/recipients/199/text"), "saved");
  EXPECT_EQ(r.get("smtp", "/smtp/recipients/200/code"), "452");
  EXPECT_EQ(r.get("smtp", "/smtp/recipients/299/text"), "saved");
  EXPECT_EQ(r.count(Count::lmtp_recipients_refused_blocks), 0u);
  EXPECT_EQ(r.anomalies(), "");
}

TEST(Lmtp, RecipientsBeyondTheMostAreCounted) {
  const Reading r = with_recipients(1027, 1023).read();
  EXPECT_EQ(r.get("smtp", "/smtp/outcome"), "accepted");
  EXPECT_EQ(r.count(Count::lmtp_recipients_refused_most), 3u);
}

// The one block there is holds the commands that wait.
TEST(Lmtp, WithoutABlockTheFirstRecipientsHaveTheirReplies) {
  pipelines::MailLimits limits = small_limits();
  limits.mail.blocks = 1;
  const Reading r = with_recipients(70, 63, true).limits(limits).read();
  EXPECT_EQ(r.get("smtp", "/smtp/recipients/62/text"), "saved");
  EXPECT_EQ(r.get("smtp", "/smtp/recipients/63/code"), "452");
  EXPECT_EQ(r.get("smtp", "/smtp/recipients/64/text"), "ok");
  EXPECT_EQ(r.get("smtp", "/smtp/recipients/69/text"), "ok");
  EXPECT_EQ(r.get("smtp", "/smtp/outcome"), "accepted");
  EXPECT_EQ(r.count(Count::lmtp_recipients_refused_blocks), 6u);
}

}  // namespace
}  // namespace mailglass::test
