// SPDX-License-Identifier: BSD-3-Clause
// The order of commands, what their parameters promise, and the form of lines: what is wrong there
// is named, and changes nothing in how the dialogue is read.
#include "mail/blocklist.h"
#include "tests/unit/mail_dialogue.h"

namespace mailglass::test {
namespace {

using mail::blocklist_in;

// A dialogue in short: "<" lines of the server, ">" of the client.
Dialogue talk(unsigned port, std::initializer_list<std::string_view> lines) {
  Dialogue d(port);
  for (const std::string_view line : lines) {
    const std::string_view octets = line.substr(1);
    line.front() == '<' ? d.s(octets) : d.c(octets);
  }
  return d;
}

constexpr std::string_view kBanner = "<220 mail.example.org ESMTP\r\n";
constexpr std::string_view kHello = ">EHLO x.example.com\r\n";
constexpr std::string_view kExtensions =
    "<250-mail.example.org\r\n250-PIPELINING\r\n250-CHUNKING\r\n250 SIZE 1000\r\n";
constexpr std::string_view kMail = ">MAIL FROM:<a@example.com>\r\n";
constexpr std::string_view kRcpt = ">RCPT TO:<b@example.org>\r\n";
constexpr std::string_view kOk = "<250 2.0.0 Ok\r\n";
constexpr std::string_view kNo = "<503 5.5.1 order\r\n";

std::string smtp(std::initializer_list<std::string_view> lines, bool greeted = true) {
  Dialogue d = greeted ? talk(25, {kBanner, kHello, kExtensions}) : Dialogue(25);
  for (const std::string_view line : lines) {
    const std::string_view octets = line.substr(1);
    line.front() == '<' ? d.s(octets) : d.c(octets);
  }
  return d.read().anomalies();
}

TEST(Order, WhatTheStandardAllowsIsNoAnomaly) {
  EXPECT_EQ(smtp({kMail, kOk, kRcpt, kOk, ">DATA\r\n", "<354 go\r\n", ">a: b\r\n.\r\n", kOk,
                  ">RSET\r\n", kOk, kMail, kOk, ">QUIT\r\n", "<221 bye\r\n"}),
            "");
  EXPECT_EQ(
      smtp({">MAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n",
            "<250 ok\r\n250 ok\r\n354 go\r\n", ">a: b\r\n.\r\nQUIT\r\n", "<250 ok\r\n221 bye\r\n"}),
      "");
  EXPECT_EQ(smtp({kMail, kOk, kRcpt, kOk, ">BDAT 3\r\nab\n", kOk, ">RSET\r\n", kOk}), "");
}

TEST(Order, CommandsOutOfOrderAreNamedOnceEach) {
  EXPECT_EQ(smtp({kBanner, kMail, kNo, kMail, kNo}, false), "smtp_bad_sequence");
  EXPECT_EQ(smtp({kRcpt, kNo, kRcpt, kNo}), "smtp_bad_sequence");
  EXPECT_EQ(smtp({">DATA\r\n", kNo}), "smtp_bad_sequence");
  EXPECT_EQ(smtp({kMail, kOk, ">DATA\r\n", kNo}), "smtp_bad_sequence");
  EXPECT_EQ(smtp({kMail, kOk, kMail, kNo}), "smtp_nested_mail");
  EXPECT_EQ(smtp({">.\r\n", "<500 what\r\n"}), "smtp_unmatched_end_of_data");
  EXPECT_EQ(smtp({kHello, "<250 first\r\n"}, false), "smtp_command_before_banner smtp_no_banner");
}

TEST(Order, DataThatIsAcceptedWithoutAnyRecipientIsNamed) {
  EXPECT_EQ(smtp({kMail, kOk, ">DATA\r\n", "<354 go\r\n", ">x\r\n.\r\n", kOk}),
            "smtp_bad_sequence smtp_data_without_recipient");
}

TEST(Order, PipeliningBeyondRfc2920IsNamedOnce) {
  EXPECT_EQ(smtp({">NOOP\r\nNOOP\r\nNOOP\r\n", "<250 a\r\n250 b\r\n250 c\r\n"}),
            "smtp_pipelining_illegal");
  EXPECT_EQ(smtp({">VRFY a\r\nRSET\r\n", "<252 a\r\n250 b\r\n"}), "smtp_pipelining_illegal");
  EXPECT_EQ(
      smtp({kBanner, kHello, "<250 mail.example.org\r\n",
            ">MAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.org>\r\n", "<250 ok\r\n250 ok\r\n"},
           false),
      "pipelining_not_offered");
}

TEST(Order, ChunksThatDoNotAddUpAreNamed) {
  EXPECT_EQ(smtp({kMail, kOk, kRcpt, kOk, ">BDAT 3\r\nab\n", kOk, ">QUIT\r\n", "<221 bye\r\n"}),
            "smtp_bdat_without_last");
  EXPECT_EQ(smtp({kMail, kOk, kRcpt, kOk, ">BDAT 3\r\nab\n", kOk, ">DATA\r\n", kNo}),
            "smtp_bad_sequence");
  EXPECT_EQ(smtp({kMail, kOk, kRcpt, kOk, ">BDAT 3 LAST\r\nab\nBDAT 3 LAST\r\nab\n",
                  "<250 ok\r\n503 no\r\n"}),
            "smtp_bad_sequence");
  EXPECT_EQ(smtp({kMail, kOk, kRcpt, kOk, ">BDAT 300 LAST\r\nab\n"}), "smtp_bdat_cut_short");
  EXPECT_EQ(
      smtp({">MAIL FROM:<a@example.com> BODY=BINARYMIME\r\n", kOk, kRcpt, kOk, ">DATA\r\n", kNo}),
      "smtp_binarymime_by_data");
}

TEST(Order, SizesAreComparedWithWhatWasDeclaredAndOffered) {
  const auto sized = [](std::string_view parameter, std::string_view content) {
    const std::string mail = ">MAIL FROM:<a@example.com>" + std::string(parameter) + "\r\n";
    const std::string data = ">" + std::string(content) + "\r\n.\r\n";
    return smtp({mail, kOk, kRcpt, kOk, ">DATA\r\n", "<354 go\r\n", data, kOk});
  };
  const std::string hundred(98, 'x');  // and its line end
  EXPECT_EQ(sized(" SIZE=100", hundred), "");
  EXPECT_EQ(sized(" SIZE=99", hundred), "");  // line ends counted as one
  EXPECT_EQ(sized(" SIZE=98", hundred), "smtp_size_exceeded");
  EXPECT_EQ(sized(" BODY=8BITMIME size=10", hundred), "smtp_size_exceeded");
  EXPECT_EQ(sized(" SIZE=1000", hundred), "");
  EXPECT_EQ(sized(" SIZE=1001", hundred), "smtp_size_over_limit");
  EXPECT_EQ(sized(" SIZE=", hundred), "");
  EXPECT_EQ(sized(" SIZE=99999999999999999999", hundred), "");
}

TEST(Order, APathBeyondTheStandardIsNamed) {
  const auto path = [](std::size_t octets) {
    const std::string local(octets - std::string_view("<@example.com>").size(), 'a');
    return smtp({">MAIL FROM:<" + local + "@example.com>\r\n", kOk});
  };
  EXPECT_EQ(path(256), "");
  EXPECT_EQ(path(257), "smtp_path_too_long");
}

TEST(Order, TheFormOfLinesIsNamedOnceASide) {
  EXPECT_EQ(smtp({">NO\rOP\r\n", "<250 a\rb\r\n", ">NO\rOP\r\n", "<250 a\rb\r\n"}),
            "line_bare_cr smtp_unknown_command line_bare_cr smtp_unknown_command");
  Dialogue nul = talk(25, {kBanner, kHello, kExtensions});
  nul.c(std::string_view("NOOP \0\r\n", 8)).s("250 ok\r\n");
  EXPECT_EQ(nul.read().anomalies(), "line_nul");
}

TEST(Order, SidesThatSpeakAsTheOtherShouldAreNamed) {
  EXPECT_EQ(smtp({">250 2.0.0 Ok\r\n", "<500 what\r\n", ">354 go\r\n", "<500 what\r\n"}),
            "client_sends_replies");
  EXPECT_EQ(smtp({"<EHLO mail.example.org\r\n", "<QUIT\r\n"}), "server_sends_commands");
}

TEST(Order, AProtocolOnTheOthersPortIsNamed) {
  EXPECT_EQ(talk(110, {kBanner, kHello, kExtensions}).read().anomalies(), "protocol_on_wrong_port");
  EXPECT_EQ(talk(587, {"<+OK ready\r\n", ">CAPA\r\n", "<+OK\r\nUIDL\r\n.\r\n"}).read().anomalies(),
            "protocol_on_wrong_port");
  EXPECT_EQ(talk(4711, {kBanner, kHello, kExtensions}).read().anomalies(), "");
}

TEST(Order, ARefusalThatNamesABlocklistIsToldOnce) {
  constexpr std::string_view spamhaus =
      "<554 5.7.1 Service unavailable; Client host [192.0.2.7] blocked using ZEN.Spamhaus.ORG\r\n";
  EXPECT_EQ(smtp({kMail, kOk, kRcpt, spamhaus, kRcpt, spamhaus}), "smtp_blocklisted");
  EXPECT_EQ(smtp({"<554-mail.example.org\r\n554 you are BLACKLISTED\r\n"}, false),
            "smtp_blocklisted");
  EXPECT_EQ(smtp({kMail, "<450 4.7.1 (RBL) try later\r\n"}), "smtp_blocklisted");
  // Told in a word's middle, or by a server that does not refuse, it is another matter.
  EXPECT_EQ(smtp({kMail, kOk, kRcpt, "<550 5.1.1 <marbleblocklist@example.org>: unknown\r\n"}), "");
  EXPECT_EQ(smtp({kMail, "<250 2.1.0 not on a blocklist\r\n"}), "");
  EXPECT_EQ(blocklist_in("rbl"), "rbl");
  EXPECT_EQ(blocklist_in("see uri.surbl"), "surbl");
  EXPECT_EQ(blocklist_in("a block lis"), "");
  EXPECT_EQ(blocklist_in(""), "");
}

std::string pop3(std::initializer_list<std::string_view> lines) {
  return talk(110, lines).read().anomalies();
}

TEST(Order, Pop3IsJudgedLikewise) {
  constexpr std::string_view banner = "<+OK ready\r\n", ok = "<+OK\r\n", err = "<-ERR no\r\n";
  EXPECT_EQ(pop3({banner, ">STLS\r\nUSER bob\r\n", "<+OK begin\r\n"}), "pop3_pipelined_after_stls");
  EXPECT_EQ(pop3({">CAPA\r\n", "<+OK ready\r\n+OK\r\nUIDL\r\n.\r\n"}),
            "pop3_command_before_banner");
  EXPECT_EQ(pop3({banner, ">USER\r\n", err, ">APOP 1\r\n", err, ">CAPA 1\r\n", err}),
            "pop3_wrong_arguments pop3_wrong_arguments pop3_wrong_arguments");
  EXPECT_EQ(pop3({banner, ">USER bob\r\n", ok, ">PASS a b c\r\n", ok, ">LIST 1\r\n", "<+OK 1 2\r\n",
                  ">STAT\r\n", "<+OK 1 2\r\n"}),
            "");
  EXPECT_EQ(pop3({banner, ">CAPA\r\n", "<+OK\r\nUIDL\r\n.\r\n", ">USER bob\r\nPASS x\r\n",
                  "<+OK\r\n+OK\r\n"}),
            "pipelining_not_offered");
  EXPECT_EQ(pop3({banner, ">CAPA\r\n", "<+OK\r\nPIPELINING\r\n.\r\n", ">USER bob\r\nPASS x\r\n",
                  "<+OK\r\n+OK\r\n"}),
            "");
  EXPECT_EQ(pop3({banner, ">CAPA\r\n", err, ">+OK thanks\r\n", err}), "client_sends_replies");
  EXPECT_EQ(pop3({banner, ">CAPA\r\n", err, "<STAT\r\n"}), "server_sends_commands");
}

TEST(Order, Pop3CommandsOfTheOtherStateAreNamedOnce) {
  constexpr std::string_view banner = "<+OK ready\r\n", ok = "<+OK\r\n", err = "<-ERR no\r\n";
  EXPECT_EQ(pop3({banner, ">STAT\r\n", err, ">LIST\r\n", err}), "pop3_bad_sequence");
  EXPECT_EQ(pop3({banner, ">USER bob\r\n", ok, ">PASS x\r\n", err, ">STAT\r\n", err}),
            "pop3_bad_sequence");
  constexpr std::string_view user = ">USER bob\r\n", pass = ">PASS x\r\n";
  EXPECT_EQ(pop3({banner, user, ok, pass, ok, user, err}), "pop3_bad_sequence");
  EXPECT_EQ(pop3({banner, ">AUTH\r\n", "<+OK\r\nPLAIN\r\n.\r\n", user, ok, pass, ok}), "");
  EXPECT_EQ(pop3({banner, ">CAPA\r\n", "<+OK\r\nUIDL\r\n.\r\n", ">LANG en\r\n", ok, user, ok, pass,
                  ok, ">CAPA\r\n", "<+OK\r\nUIDL\r\n.\r\n", ">LANG en\r\n", ok, ">NOOP\r\n", ok,
                  ">QUIT\r\n", ok}),
            "");
  // Sent before the login was answered: where it stands, nobody can say.
  EXPECT_EQ(pop3({banner, ">USER bob\r\nPASS x\r\nSTAT\r\n", "<+OK\r\n+OK\r\n+OK 0 0\r\n"}), "");
}

}  // namespace
}  // namespace mailglass::test
