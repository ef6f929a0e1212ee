// SPDX-License-Identifier: BSD-3-Clause
// Transcripts as a person gets them: the two experiments every mail course starts with, and then
// hostile text.
#include "report/transcript.h"

#include <gtest/gtest.h>

#include "report/reply_text.h"
#include "tests/unit/report_script.h"

namespace mailglass::report {
namespace {

using tally::Outcome;
using tally::Pop3Verb;
using tally::Protocol;
using tally::SmtpVerb;
using testing::Script;

TEST(Transcript, Pop3Experiment) {
  Script s(Protocol::pop3);
  tally::Opened flow = Script::flow();
  flow.server_port = 110;
  s.open(flow).at(4600).banner("+OK Dovecot ready.", 1);
  s.at(5000).command(Pop3Verb::USER, "bob").at(5250).reply(1, "");
  s.at(5300).command(Pop3Verb::PASS, "******").at(5550).reply(1, "Logged in.");
  s.emit(tally::Login{.outcome = tally::LoginOutcome::success, .exposed = true},
         {"USER/PASS", "bob", "", "", "Logged in."});
  s.at(6000).command(Pop3Verb::STAT, "").at(6250).reply(1, "3 17395");
  s.at(6300).command(Pop3Verb::UIDL, "").reply(1, "", {.multi_line = true});
  s.answer("1 000001\r\n2 000002\r\n3 000003\r\n").answer_end(3);
  s.at(6400).command(Pop3Verb::LIST, "").reply(1, "3 messages:", {.multi_line = true});
  s.answer("1 14417\r\n2 882\r\n3 2096\r\n").answer_end(3);
  s.at(6500).command(Pop3Verb::QUIT, "").reply(1, "Logging out.").at(7000).close();
  EXPECT_EQ("\n" + s.transcript(),
            R"(
POP3  192.0.2.10:49152 -> 192.0.2.25:110                              2023-11-14 22:13:20.000000 UTC
      02:00:00:00:00:01 -> 02:00:00:00:00:25
      TCP handshake: SYN-ACK after 0.045 ms, ACK after 0.089 ms
   0.004600  S <-  +OK Dovecot ready.                     server ready                      4.511 ms
   0.005000  C ->  USER bob                               gives the user name bob
   0.005250  S <-  +OK                                    asks for the password             0.250 ms
   0.005300  C ->  PASS ******                            gives the password
   0.005550  S <-  +OK Logged in.                         login accepted                    0.250 ms
   0.005550  *     login with USER/PASS as "bob": accepted; password readable on the wire
   0.006000  C ->  STAT                                   asks for the mailbox size
   0.006250  S <-  +OK 3 17395                            3 messages, 17395 octets          0.250 ms
   0.006300  C ->  UIDL                                   asks for the id of each message
   0.006300  S <-  +OK                                    unique ids follow                 0.250 ms
                   message    1  000001
                   message    2  000002
                   message    3  000003
   0.006400  C ->  LIST                                   asks for the size of each message
   0.006400  S <-  +OK 3 messages:                        sizes follow                      0.250 ms
                   message    1       14417 octets
                   message    2         882 octets
                   message    3        2096 octets
   0.006500  C ->  QUIT                                   ends the session
   0.006500  S <-  +OK Logging out.                       closes the session                0.250 ms
   0.007000  -     closed; 12 + 11 segments, 1200 + 2400 octets

)");
}

TEST(Transcript, SmtpExperiment) {
  Script s(Protocol::smtp);
  s.open().at(4600).banner("mail.example.test ESMTP");
  s.at(5000).command(SmtpVerb::HELO, "123shi").at(5250).reply(250, "mail.example.test");
  s.at(6000).command(SmtpVerb::AUTH, "LOGIN").at(6250).reply(334, "VXNlcm5hbWU6");
  s.continuation("******").reply(334, "UGFzc3dvcmQ6").continuation("******");
  s.reply(235, "2.7.0 Authentication successful", {.enhanced = {2, 7, 0}});
  s.emit(tally::Login{.outcome = tally::LoginOutcome::success, .exposed = true},
         {"LOGIN", "123shi", "", "", ""});
  s.at(7000)
      .command(SmtpVerb::MAIL, "FROM:<a@b.test>", 1)
      .reply(250, "Ok", {.enhanced = {2, 1, 0}});
  s.command(SmtpVerb::RCPT, "TO:<c@d.test>", 1).reply(250, "2.1.5 Ok", {.recipient = 1});
  s.command(SmtpVerb::DATA, "", 1).reply(354, "End data with <CR><LF>.<CR><LF>");
  s.header("From", "=?UTF-8?Q?J=C3=BCrgen?= <a@b.test>").header("To", "c@d.test, e@f.test");
  s.header("Subject", "Greetings").emit(tally::BodyExcerpt{.tx = 1}, {"Merry Christmas!!!\r\n"});
  s.at(8000).message(312).reply(250, "2.0.0 Ok: queued as 4F2A", {.content = true});
  s.transaction(Outcome::accepted).command(SmtpVerb::QUIT, "").reply(221, "2.0.0 Bye");
  s.at(9000).close();
  EXPECT_EQ("\n" + s.transcript(),
            R"(
SMTP  192.0.2.10:49152 -> 192.0.2.25:25                               2023-11-14 22:13:20.000000 UTC
      02:00:00:00:00:01 -> 02:00:00:00:00:25
      TCP handshake: SYN-ACK after 0.045 ms, ACK after 0.089 ms
   0.004600  S <-  220 mail.example.test ESMTP            server ready                      4.511 ms
   0.005000  C ->  HELO 123shi                            says it is 123shi
   0.005250  S <-  250 mail.example.test                  accepted                          0.250 ms
   0.006000  C ->  AUTH LOGIN                             logs in with LOGIN
   0.006250  S <-  334 VXNlcm5hbWU6                       asks for the user name            0.250 ms
   0.006250  C ->  ******                                 answers
   0.006250  S <-  334 UGFzc3dvcmQ6                       asks for the password             0.250 ms
   0.006250  C ->  ******                                 answers
   0.006250  S <-  235 2.7.0 Authentication successful    login accepted                    0.250 ms
   0.006250  *     login with LOGIN as "123shi": accepted; password readable on the wire
   0.007000  C ->  MAIL FROM:<a@b.test>                   sender <a@b.test>
   0.007000  S <-  250 2.1.0 Ok                           sender accepted                   0.250 ms
   0.007000  C ->  RCPT TO:<c@d.test>                     recipient <c@d.test>
   0.007000  S <-  250 2.1.5 Ok                           recipient accepted                0.250 ms
   0.007000  C ->  DATA                                   announces the message
   0.007000  S <-  354 End data with <CR><LF>.<CR><LF>    go ahead, end with a dot          0.250 ms
   0.008000  C ->  (message: 312 octets, 9 lines)
                   From     Jürgen <a@b.test>
                   To       c@d.test, e@f.test
                   Subject  Greetings
                   | Merry Christmas!!!
   0.008000  S <-  250 2.0.0 Ok: queued as 4F2A           message accepted as 4F2A          0.250 ms
   0.008000  C ->  QUIT                                   ends the session
   0.008000  S <-  221 2.0.0 Bye                          closes the session                0.250 ms
   0.009000  -     closed; 12 + 11 segments, 1200 + 2400 octets

)");
}

// Rows of `transcript` that hold `part`.
std::vector<std::string> rows_with(const std::string& transcript, std::string_view part) {
  std::vector<std::string> rows;
  std::string_view line;
  for (Lines lines(transcript); lines.next(line);) {
    if (line.find(part) != std::string_view::npos) rows.emplace_back(line);
  }
  return rows;
}

TEST(Transcript, ShowsGapsAnomaliesAndTls) {
  Script s(Protocol::smtp);
  s.open();
  s.emit(tally::Gap{.octets = 1448, .direction = tally::Direction::to_server});
  s.emit(tally::AnomalySeen{.event = tally::Anomaly::line_bare_lf,
                            .direction = tally::Direction::to_client},
         {"220 hello"});
  s.emit(tally::Encrypted{}).close(tally::CloseReason::end);
  const std::string text = s.transcript();
  EXPECT_EQ(
      rows_with(text, "  ~  "),
      (std::vector<std::string>{"   0.000000  ~     1448 octets of the client not captured"}));
  EXPECT_EQ(rows_with(text, "  !  "),
            (std::vector<std::string>{"   0.000000  !     server: a command or reply line ended in "
                                      "LF without CR: 220 hello"}));
  EXPECT_EQ(rows_with(text, "opaque").size(), 1u);
  EXPECT_EQ(rows_with(text, "still open at the end of the capture").size(), 1u);
}

TEST(Transcript, EscapesTerminalControlAndStaysWithinAHundredColumns) {
  Script s(Protocol::smtp);
  s.open().banner(
      "\x1b]0;owned\x07 \xc2\x9b"
      "31m hi\r");
  s.command(SmtpVerb::HELO, std::string(4096, 'A')).reply(250, std::string(300, '\x1b'));
  s.command(SmtpVerb::unknown, "\xff\xfe \xe2\x80\xae").reply(599, "?\n\n" + std::string(90, 'b'));
  s.command(SmtpVerb::MAIL, "FROM:<\x1b[2J@x>", 1).header("Subject", "=?utf-8?q?=1B[2J?=");
  s.message(1).emit(tally::Login{}, {"\x1b", "\x1b", "\x1b", "\x1b", "\x1b"});
  s.emit(tally::AnomalySeen{}, {std::string(1000, '\x07')}).close();
  const std::string text = s.transcript();
  EXPECT_GT(text.size(), 2000u);
  std::string_view line;
  for (Lines lines(text); lines.next(line);) {
    EXPECT_LE(columns(line), 100u) << line;
    EXPECT_EQ(line, line.substr(0, line.find_last_not_of(' ') + 1)) << "trailing spaces";
    for (char c : line) EXPECT_TRUE(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f) << line;
  }
  EXPECT_TRUE(is_utf8(text));
  EXPECT_EQ(text.find("\xc2\x9b"), std::string::npos);
  EXPECT_EQ(text.find("\xe2\x80\xae"), std::string::npos);
}

TEST(Transcript, LongAddressesLeaveTheirTimeALine) {
  Script s(Protocol::smtp);
  tally::Opened flow = Script::flow();
  flow.ipv6 = true;
  flow.client.octet.fill(0xab);
  flow.server.octet.fill(0xcd);
  const std::string text = s.open(flow).close().transcript();
  EXPECT_EQ(text.substr(0, text.find("      02:")),
            "SMTP  [abab:abab:abab:abab:abab:abab:abab:abab]:49152 -> "
            "[cdcd:cdcd:cdcd:cdcd:cdcd:cdcd:cdcd:cdcd]:25\n"
            "      2023-11-14 22:13:20.000000 UTC\n");
}

TEST(Transcript, LongRepliesAreCut) {
  Script s(Protocol::smtp);
  std::string text = "mail.example.test";
  for (int i = 0; i < 60; ++i) text += "\nX-EXTENSION-" + std::to_string(i);
  s.open().command(SmtpVerb::EHLO, "x").reply(250, text).close();
  const std::string transcript = s.transcript();
  EXPECT_EQ(rows_with(transcript, "250-").size(), 20u);
  EXPECT_EQ(rows_with(transcript, "... and 41 more").size(), 1u);
}

TEST(Transcript, ALongSessionIsCut) {
  Script s(Protocol::smtp);
  s.open();
  for (int i = 0; i < 5000; ++i) s.command(SmtpVerb::NOOP, "").reply(250, "ok");
  const std::string text = s.close().transcript();
  EXPECT_LE(text.size(), TranscriptRows::kBlockOctets + 1000);
  EXPECT_EQ(rows_with(text, "more rows, left out").size(), 1u);
  EXPECT_EQ(rows_with(text, "closed;").size(), 1u);
}

TEST(Transcript, BlocksComeInOrderOfClosingAndNeverMix) {
  Script s(Protocol::smtp);
  s.session(1).open().session(2).open();
  s.session(1).command(SmtpVerb::HELO, "one").session(2).command(SmtpVerb::HELO, "two");
  s.session(2).close().session(1).close();
  const std::string text = s.transcript();
  EXPECT_LT(text.find("HELO two"), text.find("HELO one"));
  EXPECT_LT(text.find("HELO two"), text.rfind("SMTP  "));
  EXPECT_GT(text.find("HELO one"), text.rfind("SMTP  "));
}

TEST(Transcript, ColourAddsOnlyColour) {
  const auto play = [](bool colour) {
    Script s(Protocol::smtp, {}, {}, colour);
    s.open().command(SmtpVerb::HELO, "x").reply(250, "y").emit(tally::Gap{.octets = 1}).close();
    return s.transcript();
  };
  std::string coloured = play(true);
  EXPECT_NE(coloured.find("\x1b[36mC ->\x1b[0m"), std::string::npos);
  for (std::size_t at; (at = coloured.find('\x1b')) != std::string::npos;) {
    coloured.erase(at, coloured.find('m', at) - at + 1);
  }
  EXPECT_EQ(coloured, play(false));
}

TEST(Transcript, ColourIsForTerminalsOnly) {
  int pipe_ends[2];
  ASSERT_EQ(pipe(pipe_ends), 0);
  EXPECT_FALSE(wants_colour(pipe_ends[1]));
  close(pipe_ends[0]);
  close(pipe_ends[1]);
}

}  // namespace
}  // namespace mailglass::report
