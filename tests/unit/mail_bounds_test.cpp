// SPDX-License-Identifier: BSD-3-Clause
// Limits: what is too long, too many or too much has a name, costs no more than its size, and does
// not spoil what follows. And TLS, behind which nothing is read.
#include <functional>

#include "tests/support/tls_octets.h"
#include "tests/unit/mail_dialogue.h"

namespace mailglass::test {
namespace {

std::string times(std::size_t count, std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += text;
  return out;
}

Dialogue greeted() {
  return Dialogue()
      .s("220 mail.example.org ESMTP\r\n")
      .c("EHLO x.example.com\r\n")
      .s("250-mail.example.org\r\n250-STARTTLS\r\n250 PIPELINING\r\n");
}

TEST(Bounds, LongCommandLines) {
  for (const std::size_t length : {std::size_t{600}, std::size_t{2'048}, std::size_t{100'000}}) {
    Dialogue d = greeted()
                     .c("MAIL FROM:<" + std::string(length, 'a') + "@example.com>\r\n")
                     .s("500 5.5.2 line too long\r\n")
                     .c("NOOP " + std::string(length, 'b') + "\r\n")
                     .s("500 5.5.2 line too long\r\n")
                     .c("QUIT\r\n")
                     .s("221 bye\r\n");
    if (length > 10'000) d.whole_only();
    const Reading r = d.read();
    EXPECT_EQ(r.anomalies(), "line_too_long smtp_path_too_long") << length;
    EXPECT_EQ(r.count(Count::smtp_QUIT), 1u) << length;
    EXPECT_EQ(r.count(Count::smtp_replies_5xx), 2u) << length;
  }
}

TEST(Bounds, LongReplyLines) {
  Dialogue d = greeted().c("HELP\r\n").s("214 " + std::string(100'000, 'h') + "\r\n");
  const Reading r = d.c("QUIT\r\n").s("221 bye\r\n").whole_only().read();
  EXPECT_EQ(r.anomalies(), "line_too_long");
  EXPECT_EQ(r.count(Count::smtp_replies_2xx), 4u);
}

TEST(Bounds, ALineWithoutEndHoldsOneBlock) {
  pipelines::MailLimits limits = small_limits();
  Dialogue d = greeted().c(std::string(1'000'000, 'x')).whole_only().limits(limits);
  const Reading r = d.read();
  EXPECT_LE(r.inspection().counters().get(tally::Level::mail_blocks_peak), 4u);
}

TEST(Bounds, WithoutBlocksLinesAreCutAndCounted) {
  pipelines::MailLimits limits = small_limits();
  limits.mail.blocks = 1;
  const Reading r = greeted()
                        .limits(limits)
                        .c("MAIL FROM:<a@exa")
                        .c("mple.com>\r\n")
                        .s("250-2.1.0 Ok\r\n250 and so on\r\n")
                        .c("AUTH PLAIN AGEA")
                        .c("Yg==\r\n")
                        .s("535 no\r\n")
                        .c("QUIT\r\n")
                        .s("221 bye\r\n")
                        .read_cut(3);
  EXPECT_EQ(r.count(Count::smtp_QUIT), 1u);
}

TEST(Bounds, ThousandPipelinedCommands) {
  const Reading r = greeted()
                        .c(times(1000, "RSET\r\n"))
                        .s(times(1000, "250 ok\r\n"))
                        .c("MAIL FROM:<a@example.com>\r\n")
                        .s("550 5.7.1 no\r\n")
                        .read();
  EXPECT_EQ(r.anomalies(), "pending_overflow");
  EXPECT_EQ(r.count(Count::smtp_RSET), 1000u);
  EXPECT_EQ(r.get("smtp", "/smtp/outcome"), "rejected");  // pairing is whole again
  EXPECT_EQ(r.get("smtp", "/smtp/banner"), "mail.example.org ESMTP");
  EXPECT_EQ(r.get("smtp", "/smtp/result/code"), "550");
}

TEST(Bounds, ThousandPipelinedPop3Commands) {
  const Reading r = Dialogue(110)
                        .s("+OK ready\r\n")
                        .c(times(1000, "NOOP\r\n"))
                        .s(times(1000, "+OK\r\n"))
                        .c("STAT\r\n")
                        .s("+OK 3 4\r\n")
                        .read();
  EXPECT_EQ(r.anomalies(), "pop3_bad_sequence pending_overflow");
  EXPECT_NE(r.all("pop3", "/pop3/stat").find(R"({"messages":3,"octets":4})"), std::string::npos);
}

// Work is counted in records: twice the input makes twice the records, give or take the session's.
std::uint64_t records(const Dialogue& d) { return d.read_cut(1448).inspection().records(); }

void expect_linear(const char* what, const std::function<Dialogue(std::size_t)>& dialogue,
                   std::size_t n) {
  const std::uint64_t once = records(dialogue(n)), twice = records(dialogue(2 * n));
  EXPECT_LE(twice, 2 * once + 20) << what;
}

TEST(Bounds, RecordsGrowNoFasterThanTheInput) {
  expect_linear(
      "header fields",
      [](std::size_t n) {
        return greeted()
            .c("MAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n")
            .s("250 ok\r\n250 ok\r\n354 go\r\n")
            .c(times(n, "Received: x\r\nX-Other: y\r\n") + "\r\n.\r\n")
            .s("250 ok\r\n");
      },
      5'000);
  expect_linear(
      "recipients",
      [](std::size_t n) {
        Dialogue d = greeted().c("MAIL FROM:<a@example.com>\r\n").s("250 ok\r\n");
        for (std::size_t i = 0; i < n / 50; ++i) {
          d.c(times(50, "RCPT TO:<b@example.org>\r\n")).s(times(50, "250 ok\r\n"));
        }
        return d.c("RSET\r\n").s("250 ok\r\n");
      },
      5'000);
  expect_linear(
      "a line of megabytes",
      [](std::size_t n) {
        return greeted()
            .c("MAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n")
            .s("250 ok\r\n250 ok\r\n354 go\r\n")
            .c("Subject: " + std::string(n, 'x') + "\r\n\r\n.\r\n")
            .s("250 ok\r\n");
      },
      5'000'000);
  expect_linear(
      "commands",
      [](std::size_t n) { return greeted().c(times(n, "NOOP\r\n")).s(times(n, "250 ok\r\n")); },
      50'000);
  expect_linear(
      "oddities",
      [](std::size_t n) {
        return greeted()
            .c("MAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n")
            .s("250 ok\r\n250 ok\r\n354 go\r\n")
            .c(times(n, "\n.\n\n.\r\n") + "\r\n.\r\n")
            .s("250 ok\r\n");
      },
      10'000);
}

TEST(Tls, StarttlsAcceptedMakesTheRestOpaque) {
  const Reading r = greeted()
                        .c("STARTTLS\r\n")
                        .s("220 2.0.0 go ahead\r\n")
                        .c(tls_record(22, client_hello()) + "AUTH PLAIN AGEAdGxzLXNlY3JldA==\r\n")
                        .s(tls_record(22, server_hello(0x0304)) + "250 ok\r\n")
                        .c("MAIL FROM:<inside@example.com>\r\n")
                        .read();
  EXPECT_EQ(r.count(Count::smtp_starttls_accepted), 1u);
  EXPECT_EQ(r.count(Count::smtp_MAIL) + r.count(Count::smtp_AUTH), 0u);
  EXPECT_GT(r.count(Count::segments_opaque), 0u);
  EXPECT_FALSE(r.says("inside@example.com"));
  EXPECT_FALSE(r.says("AGEA"));
  EXPECT_EQ(r.get("smtp", "/smtp/tls"), "true");
  EXPECT_EQ(r.anomalies(), "");
}

TEST(Tls, StarttlsRefusedGoesOnInClear) {
  const Reading r = greeted()
                        .c("STARTTLS\r\n")
                        .s("454 4.7.0 not now\r\n")
                        .c("MAIL FROM:<a@example.com>\r\n")
                        .s("250 ok\r\n")
                        .read();
  EXPECT_EQ(r.count(Count::smtp_starttls_refused), 1u);
  EXPECT_EQ(r.anomalies(), "starttls_refused");
  EXPECT_EQ(r.get("smtp", "/smtp/mail_from"), "<a@example.com>");
  EXPECT_EQ(r.get("smtp", "/smtp/tls"), "false");
}

TEST(Tls, CommandsPipelinedBehindStarttlsAreNamed) {
  const Reading r =
      greeted().c("STARTTLS\r\nRSET\r\n").s("220 2.0.0 go ahead\r\n").c("\x16\x03\x01").read();
  EXPECT_EQ(r.anomalies(), "smtp_pipelined_after_starttls");
  EXPECT_EQ(r.count(Count::smtp_starttls_accepted), 1u);
  EXPECT_EQ(r.count(Count::smtp_RSET), 1u);
}

// Whoever may say "TLS begins" before the server has agreed could hide what he says in clear.
TEST(Tls, NoOctetBehindStarttlsHidesWhatFollowsARefusal) {
  const Reading r = greeted()
                        .c("STARTTLS\r\n\x16\r\nMAIL FROM:<a@example.com>\r\n")
                        .s("454 4.7.0 not now\r\n500 what\r\n250 ok\r\n")
                        .read();
  EXPECT_EQ(r.anomalies(), "smtp_pipelined_after_starttls smtp_unknown_command starttls_refused");
  EXPECT_EQ(r.get("smtp", "/smtp/mail_from"), "<a@example.com>");
  const Reading pop3 = Dialogue(110)
                           .s("+OK ready\r\n")
                           .c("STLS\r\n\x16\r\nUSER bob\r\n")
                           .s("-ERR no\r\n-ERR what\r\n+OK\r\n")
                           .read();
  EXPECT_EQ(pop3.anomalies(), "pop3_pipelined_after_stls pop3_unknown_command starttls_refused");
  EXPECT_EQ(pop3.count(Count::pop3_USER), 1u);
}

TEST(Tls, IsRecognisedWhereOnlyOneSideIsSeenOrTheAnswerIsLost) {
  const auto dialogue = [] {
    return greeted()
        .c("STARTTLS\r\n")
        .s("220 2.0.0 go ahead\r\n")
        .c("\x16\x03\x01 client hello\r\n\r\n")
        .s("\x16\x03\x03 server hello\r\n\r\n");
  };
  for (const Direction side : {Direction::to_server, Direction::to_client}) {
    const Reading r = dialogue().only(side).read();
    EXPECT_FALSE(r.says("hello"));
    EXPECT_EQ(r.anomalies(), "");
  }
  const Reading r = greeted()
                        .c("STARTTLS\r\n")
                        .lost_s("220 2.0.0 go ahead\r\n")
                        .c("\x16\x03\x01 client hello\r\n\r\n")
                        .s("\x16\x03\x03 server hello\r\n\r\n")
                        .read();
  EXPECT_FALSE(r.says("hello"));
  EXPECT_EQ(r.anomalies(), "");
}

}  // namespace
}  // namespace mailglass::test
