// SPDX-License-Identifier: BSD-3-Clause
// Content, not ports, says what is mail.
#include "tests/unit/mail_dialogue.h"

namespace mailglass::test {
namespace {

void expect_not_mail(const Dialogue& dialogue, const char* what) {
  const Reading r = dialogue.read();
  EXPECT_EQ(r.count(Count::sessions_smtp), 0u) << what;
  EXPECT_EQ(r.count(Count::sessions_lmtp), 0u) << what;
  EXPECT_EQ(r.count(Count::sessions_pop3), 0u) << what;
  EXPECT_EQ(r.of_type("flow").size(), 0u) << what;
}

TEST(Probe, OtherProtocolsAreNotMail) {
  expect_not_mail(Dialogue(21)
                      .s("220 ftp.example.org FTP server ready.\r\n")
                      .c("USER anonymous\r\n")
                      .s("331 Guest login ok\r\n")
                      .c("PASS guest@\r\n")
                      .s("230 ok\r\n")
                      .c("STAT\r\n")
                      .s("211 status\r\n")
                      .c("RETR 1\r\n"),
                  "FTP");
  expect_not_mail(Dialogue(21)
                      .s("220 ready\r\n")
                      .c("AUTH TLS\r\n")
                      .s("234 proceed\r\n")
                      .c(std::string_view("\x16\x03\x01\0\0", 5)),
                  "FTP over TLS");
  expect_not_mail(
      Dialogue(21).s("220 ready\r\n").c("NOOP\r\n").s("200 ok\r\n").c("QUIT\r\n").s("221 bye\r\n"),
      "FTP without a login");
  expect_not_mail(Dialogue(80)
                      .c("GET / HTTP/1.1\r\nHost: mail.example.org\r\n\r\n")
                      .s("HTTP/1.1 200 OK\r\nServer: SMTP\r\n\r\n220 mail ESMTP\r\n"),
                  "HTTP");
  expect_not_mail(Dialogue(22).s("SSH-2.0-OpenSSH_9.2\r\n").c("SSH-2.0-x\r\n"), "SSH");
  expect_not_mail(Dialogue(143)
                      .s("* OK [CAPABILITY IMAP4rev1] ready\r\n")
                      .c("a LOGIN bob secret\r\n")
                      .s("a OK\r\n"),
                  "IMAP");
  expect_not_mail(Dialogue(6379).c("*1\r\n$4\r\nPING\r\n").s("+PONG\r\n"), "redis");
  expect_not_mail(Dialogue(6379).c("AUTH secret\r\n").s("+OK\r\n").c("SET a b\r\n").s("+OK\r\n"),
                  "redis, inline commands");
  expect_not_mail(Dialogue(4222).s("INFO {}\r\n").c("CONNECT {}\r\n").s("+OK\r\n"), "NATS");
  expect_not_mail(
      Dialogue(443).c(std::string_view("\x16\x03\x01\0\x10xxxxxxxxxxxxxxxx", 21)).s("\x16\x03\x03"),
      "TLS");
  expect_not_mail(Dialogue(3306).s(std::string_view("J\0\0\0\n8.0.32\0", 12)), "MySQL");
  expect_not_mail(Dialogue(119).s("200 news.example.org ready\r\n").c("MODE READER\r\n"), "NNTP");
  expect_not_mail(Dialogue(25).c(std::string(3000, 'x')), "one long line");
  expect_not_mail(Dialogue(8025), "no octets at all");
}

TEST(Probe, MailIsRecognisedOnAnyPort) {
  const auto count = [](const Dialogue& d, Count c) { return d.read().count(c); };
  EXPECT_EQ(count(Dialogue(8025).s("220 mail.example.org ESMTP ready\r\n"), Count::sessions_smtp),
            1u);
  EXPECT_EQ(count(Dialogue(8110).s("+OK ready\r\n"), Count::sessions_pop3), 1u);
  EXPECT_EQ(count(Dialogue(8024).s("220 x LMTP ready\r\n"), Count::sessions_lmtp), 1u);
  EXPECT_EQ(
      count(Dialogue(8024).s("220 x ready\r\n").c("LHLO y.example.com\r\n"), Count::sessions_lmtp),
      1u);
}

TEST(Probe, AServerThatDoesNotSaySmtpIsRecognisedAtTheGreeting) {
  const Reading r = Dialogue(8025)
                        .s("220-welcome to\r\n220 gateway.example.org\r\n")
                        .c("EHLO x.example.com\r\n")
                        .s("250 hello\r\n")
                        .c("QUIT\r\n")
                        .s("221 bye\r\n")
                        .read();
  EXPECT_EQ(r.count(Count::sessions_smtp), 1u);
  EXPECT_EQ(r.get("smtp", "/smtp/banner"), "welcome to\ngateway.example.org");
  EXPECT_EQ(r.get("smtp", "/smtp/helo"), "x.example.com");
  EXPECT_EQ(r.count(Count::smtp_QUIT), 1u);
}

TEST(Probe, TheMailPortsNeedLess) {
  EXPECT_EQ(Dialogue(25).s("220 gateway\r\n").read().count(Count::sessions_smtp), 1u);
  EXPECT_EQ(Dialogue(25).s("554 go away\r\n").read().count(Count::sessions_smtp), 1u);
  EXPECT_EQ(Dialogue(110).s("-ERR busy\r\n").read().count(Count::sessions_pop3), 1u);
}

// A server that greets afterwards refuses the line and goes on.
TEST(Probe, WhatAClientSaysBeforeTheBannerHidesNoSession) {
  const std::string early[] = {"GET / HTTP/1.1\r\n\r\n",           "xyzzy\r\n",
                               std::string("\x80\x00\x01\r\n", 5), "PROXY UNKNOWN nonsense\n",
                               std::string(3000, 'x') + "\r\n",    std::string(9000, 'x') + "\r\n"};
  for (const std::string& line : early) {
    const Reading smtp = Dialogue(25)
                             .c(line)
                             .s("220 mx.example ESMTP\r\n")
                             .s("500 what\r\n")
                             .c("EHLO a.example\r\n")
                             .s("250 mx.example\r\n")
                             .read();
    EXPECT_EQ(smtp.count(Count::sessions_smtp), 1u) << line.substr(0, 20);
    EXPECT_EQ(smtp.count(Count::smtp_EHLO), 1u) << line.substr(0, 20);
    const Reading pop3 = Dialogue(110)
                             .c(line)
                             .s("+OK ready\r\n")
                             .s("-ERR what\r\n")
                             .c("USER bob\r\n")
                             .s("+OK\r\n")
                             .read();
    EXPECT_EQ(pop3.count(Count::sessions_pop3), 1u) << line.substr(0, 20);
    EXPECT_EQ(pop3.count(Count::pop3_USER), 1u) << line.substr(0, 20);
  }
}

TEST(Probe, AGreetingBehindOtherLinesIsSeenHoweverTheyAreCut) {
  const std::string before[] = {"hello\r\n", "what\r\nis\r\nthis\r\n",
                                std::string(2040, 'x') + "\r\n", std::string(2047, 'x') + "\r\n",
                                std::string(3000, 'x') + "\r\n"};
  for (const std::string& lines : before) {
    const Reading r = Dialogue(25)
                          .c(lines + "EHLO a.example\r\n")
                          .s("220 mx.example ESMTP\r\n500 what\r\n250 mx.example\r\n")
                          .read();
    EXPECT_EQ(r.count(Count::sessions_smtp), 1u) << lines.substr(0, 20);
    EXPECT_EQ(r.count(Count::smtp_EHLO), 1u) << lines.substr(0, 20);
  }
}

TEST(Probe, AGreetingBehindAnotherLineIsSeenThoughTheServerSaysNothing) {
  const Reading r = Dialogue(25).c("hello\r\nEHLO a.example\r\n").s("2").read();
  EXPECT_EQ(r.count(Count::sessions_smtp), 1u);
}

// A patient client fills the server's receive buffer before the banner comes.
TEST(Probe, HoweverMuchAClientSaysBeforeTheBannerHidesNoSession) {
  for (const std::string& line : {std::string(140000, 'x') + "\r\n", [] {
                                    std::string lines;
                                    for (int i = 0; i < 20000; ++i) lines += "xyzzy\r\n";
                                    return lines;
                                  }()}) {
    const Reading r = Dialogue(25)
                          .whole_only()
                          .c(line)
                          .s("220 mx.example ready\r\n")
                          .s("500 what\r\n")
                          .c("EHLO a.example\r\n")
                          .s("250 mx.example\r\n")
                          .read();
    EXPECT_EQ(r.count(Count::sessions_smtp), 1u) << line.substr(0, 20);
    EXPECT_EQ(r.count(Count::smtp_EHLO), 1u) << line.substr(0, 20);
    EXPECT_EQ(r.get("smtp", "/smtp/banner"), "mx.example ready") << line.substr(0, 20);
  }
}

// What a line is must not hang on how much of it has come.
TEST(Probe, ALongLineIsJudgedTheSameHoweverItIsCut) {
  const std::string wide(70, ' '), words(70, 'w');
  EXPECT_EQ(Dialogue(25).s("220 " + words + " LMTP ready\r\n").read().count(Count::sessions_lmtp),
            1u);
  EXPECT_EQ(
      Dialogue(8025).s("220 x LMTP " + words + " ESMTP\r\n").read().count(Count::sessions_smtp),
      1u);
  EXPECT_EQ(Dialogue(8025)
                .s("220 ready\r\n")
                .c("EHLO" + wide + "a.example\r\n")
                .s("250 hello\r\n")
                .read()
                .count(Count::sessions_smtp),
            1u);
  EXPECT_EQ(Dialogue(8025)
                .c("MAIL" + wide + "FROM:<a@b.example>\r\n")
                .s("220 ready\r\n")
                .read()
                .count(Count::sessions_smtp),
            1u);
  EXPECT_EQ(Dialogue(8110)
                .c("STAT" + wide + wide + "\r\n")
                .s("+OK\r\n")
                .read()
                .count(Count::sessions_pop3),
            Dialogue(8110).c("STAT\r\n").s("+OK\r\n").read().count(Count::sessions_pop3));
}

TEST(Probe, WhereTheRoomEndsIsTheSameHoweverItIsCut) {
  std::string idle;
  for (int i = 0; i < 230; ++i) idle += "NOOP\r\n";
  Dialogue(8025)
      .s("220 " + std::string(1000, 'w') + "\r\n")
      .c(idle + "EHLO a\r\n")
      .s("250 x\r\n")
      .read();
  Dialogue(8025)
      .s("220 " + std::string(600, 'w') + "\r\n")
      .c(idle + "EHLO a\r\n")
      .s("250 x\r\n")
      .read();
}

// RFC 5321 section 3.1 has 554 for it, servers have others.
TEST(Probe, AnyRefusalIsABannerOnTheMailPorts) {
  for (const char* banner :
       {"550 5.7.1 blocked\r\n", "550 go away\r\n", "530-5.7.0 not\r\n530 you\r\n",
        "452 4.3.2 full\r\n", "200 hello\r\n"}) {
    EXPECT_EQ(Dialogue(25).s(banner).read().count(Count::sessions_smtp), 1u) << banner;
  }
}

// A client may open its window by an octet at a time, and speak between them.
TEST(Probe, ABannerThatIsInterruptedIsABanner) {
  const Reading r = Dialogue(25)
                        .s("2")
                        .c("xyzzy\r\n")
                        .s("20 mx.exa")
                        .c("plugh\r\n" + std::string(5000, 'x') + "\r\n")
                        .s("mple ESMTP\r\n500 what\r\n500 what\r\n500 what\r\n")
                        .c("EHLO a.example\r\n")
                        .s("250 mx.example\r\n")
                        .read();
  EXPECT_EQ(r.count(Count::sessions_smtp), 1u);
  EXPECT_EQ(r.get("smtp", "/smtp/banner"), "mx.example ESMTP");
  EXPECT_EQ(r.count(Count::smtp_EHLO), 1u);
  Dialogue pieces(110);
  for (const char c : std::string("+OK ready")) pieces.s(std::string(1, c)).c("xyzzy\r\n");
  const Reading pop3 = pieces.s("\r\n").c("STAT\r\n").read();
  EXPECT_EQ(pop3.count(Count::sessions_pop3), 1u);
  EXPECT_EQ(pop3.count(Count::pop3_STAT), 1u);
  EXPECT_EQ(pop3.count(Count::pop3_unknown), 9u);
}

TEST(Probe, BehindWhatWasPassedOverOpenLinesStayOpenHoweverTheyAreCut) {
  const std::string junk = std::string(2045, 'y') + "\r\n";
  Dialogue(25)
      .c(junk + "what")
      .s("+OK\r\n")
      .c("what")
      .s("250 ok\r\n")
      .c("MAIL FROM:<a@b.example>\r\n")
      .s("250 ok\r\n")
      .read();
  Dialogue(25).c(junk + "what").s(std::string(600, 'z')).s("500 what\r\n").read();
}

// What is half said, out of turn, too long or of another protocol, by chance: `read` compares the
// cuts.
TEST(Probe, HowAnyBeginningIsCutChangesNothing) {
  const std::string client[] = {"EHLO a.example\r\n",
                                "LHLO x\r\n",
                                "E",
                                "HLO b.example\r\n",
                                "xyzzy\r\n",
                                "\r\n",
                                "\n",
                                "PROXY TCP4 198.51.100.7 192.0.2.9 56324 25\r\n",
                                "PROXY UN",
                                "PRO",
                                std::string("\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c", 16),
                                "twelve octets",
                                "USER bob\r\n",
                                "STAT\r\n",
                                "MAIL FROM:<a@b.example>\r\n",
                                std::string(700, 'x'),
                                std::string(2040, 'y') + "\r\n",
                                "\x16\x03\x01"};
  const std::string server[] = {"220 mx ESMTP\r\n",
                                "220 ready\r\n",
                                "2",
                                "20 mx",
                                "500 what\r\n",
                                "250 ok\r\n",
                                "+OK ready\r\n",
                                "+",
                                "-ERR no\r\n",
                                "354 go\r\n",
                                "220-a\r\n",
                                "\r\n",
                                std::string(600, 'z'),
                                "220 x LMTP\r\n"};
  const unsigned ports[] = {25, 110, 8025, 465};
  std::uint64_t state = 4;
  const auto next = [&state](std::size_t choices) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    return static_cast<std::size_t>((state >> 33) % choices);
  };
  for (int i = 0; i < 400 && !HasFailure(); ++i) {
    Dialogue dialogue(ports[next(std::size(ports))]);
    std::string said;
    for (std::size_t steps = 2 + next(10); steps != 0; --steps) {
      const bool c = next(5) < 3;
      const std::string& octets =
          c ? client[next(std::size(client))] : server[next(std::size(server))];
      c ? dialogue.c(octets) : dialogue.s(octets);
      said += (c ? "\nC " : "\nS ") + octets.substr(0, 40);
    }
    SCOPED_TRACE(said);
    dialogue.read();
  }
}

TEST(Probe, AFullSessionPoolIsAnOutcomeWithAName) {
  pipelines::MailLimits limits = small_limits();
  limits.mail.sessions = 1;
  Inspection::Options options;
  options.limits = limits;
  Inspection inspection(options);
  for (unsigned port = 40000; port < 40003; ++port) {
    Talk talk(25, port);
    talk.handshake().server("220 x ESMTP\r\n");
    inspection.take(talk.frames());
  }
  inspection.finish();
  Dialogue::check(inspection);
  EXPECT_EQ(inspection.count(Count::sessions_smtp), 1u);
  EXPECT_EQ(inspection.count(Count::sessions_refused), 2u);
}

TEST(Probe, FlowsThatSayTooLittleMakeRoomForMail) {
  Inspection::Options options;
  options.limits.mail.sessions = 4;
  Inspection inspection(options);
  for (unsigned port = 40000; port < 40100; ++port) {
    Talk talk(2525, port);
    talk.handshake().server("2");
    inspection.take(talk.frames());
  }
  for (unsigned port = 41000; port < 41005; ++port) {
    Talk talk(25, port);
    talk.handshake().server("220 x ESMTP\r\n");
    inspection.take(talk.frames());
  }
  inspection.finish();
  Dialogue::check(inspection);
  EXPECT_EQ(inspection.count(Count::sessions_smtp), 4u);
  EXPECT_EQ(inspection.count(Count::sessions_refused), 1u);
  EXPECT_EQ(inspection.count(Count::sessions_evicted), 100u);
}

TEST(Probe, RolesGuessedWrongAreSwapped) {
  // Picked up in the middle; the server has the higher port.
  const Reading r = Dialogue(50025)
                        .midstream()
                        .s("250 2.0.0 Ok\r\n")
                        .c("MAIL FROM:<a@example.com>\r\n")
                        .s("250 2.1.0 Ok\r\n")
                        .read_cut(1448);
  EXPECT_EQ(r.get("smtp", "/dest_port"), "50025");
  EXPECT_EQ(r.get("smtp", "/smtp/mail_from"), "<a@example.com>");
  EXPECT_EQ(r.get("flow", "/dest_port"), "50025");
}

}  // namespace
}  // namespace mailglass::test
