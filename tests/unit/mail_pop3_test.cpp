// SPDX-License-Identifier: BSD-3-Clause
// POP3 dialogues: commands, answers of one and of many lines, messages.
#include "tests/support/tls_octets.h"
#include "tests/unit/mail_dialogue.h"

namespace mailglass::test {
namespace {

Dialogue logged_in() {
  return Dialogue(110)
      .s("+OK mail.example.org ready\r\n")
      .c("USER bob\r\n")
      .s("+OK\r\n")
      .c("PASS secret\r\n")
      .s("+OK Logged in.\r\n");
}

// The events of the commands behind USER and PASS.
constexpr std::size_t kFirst = 2;

TEST(Pop3, EveryCommandIsOneEventWithItsAnswer) {
  static constexpr std::pair<std::string_view, Count> kCommands[] = {
      {"STAT", Count::pop3_STAT},    {"list 2", Count::pop3_LIST},
      {"UIDL 2", Count::pop3_UIDL},  {"DELE 1", Count::pop3_DELE},
      {"NOOP", Count::pop3_NOOP},    {"RSET", Count::pop3_RSET},
      {"LAST", Count::pop3_LAST},    {"UTF8", Count::pop3_UTF8},
      {"LANG en", Count::pop3_LANG}, {"APOP bob 0123", Count::pop3_APOP},
      {"QUIT", Count::pop3_QUIT},
  };
  for (const auto& [line, verb] : kCommands) {
    const Reading r = logged_in()
                          .c(std::string(line) + "\r\n")
                          .s("+OK done\r\n")
                          .c("NOOP\r\n")
                          .s("-ERR [SYS/TEMP] later\r\n")
                          .read();
    EXPECT_EQ(r.count(verb), verb == Count::pop3_NOOP ? 2u : 1u) << line;
    EXPECT_EQ(r.count(Count::pop3_unknown), 0u) << line;
    EXPECT_EQ(r.get("pop3", "/pop3/response/success", kFirst), "true") << line;
    EXPECT_EQ(r.get("pop3", "/pop3/response/success", kFirst + 1), "false") << line;
    const bool before_login = verb == Count::pop3_UTF8 || verb == Count::pop3_APOP;
    EXPECT_EQ(r.anomalies(), before_login ? "pop3_bad_sequence" : "") << line;
  }
}

TEST(Pop3, NumbersOfStatListAndUidl) {
  const Reading r = logged_in()
                        .c("STAT\r\n")
                        .s("+OK 3 17395\r\n")
                        .c("LIST\r\n")
                        .s("+OK 3 messages:\r\n1 14417\r\n2 882\r\n3 2096\r\n.\r\n")
                        .c("UIDL\r\n")
                        .s("+OK\r\n1 abc\r\n2 d.e\r\n.\r\n")
                        .c("LIST 2\r\n")
                        .s("+OK 2 882\r\n")
                        .c("UIDL 2\r\n")
                        .s("+OK 2 d.e\r\n")
                        .c("LIST 9\r\n")
                        .s("-ERR no such message\r\n")
                        .c("QUIT\r\n")
                        .s("+OK bye\r\n")
                        .read();
  EXPECT_EQ(r.get("pop3", "/pop3/stat", kFirst), R"({"messages":3,"octets":17395})");
  EXPECT_EQ(
      r.get("pop3", "/pop3/list", kFirst + 1),
      R"([{"number":1,"octets":14417},{"number":2,"octets":882},{"number":3,"octets":2096}])");
  EXPECT_EQ(r.get("pop3", "/pop3/uidl", kFirst + 2),
            R"([{"number":1,"id":"abc"},{"number":2,"id":"d.e"}])");
  EXPECT_EQ(r.get("pop3", "/pop3/list", kFirst + 3), R"([{"number":2,"octets":882}])");
  EXPECT_EQ(r.get("pop3", "/pop3/uidl", kFirst + 4), R"([{"number":2,"id":"d.e"}])");
  EXPECT_EQ(r.get("pop3", "/pop3/response/success", kFirst + 5), "false");
  EXPECT_EQ(r.count(Count::pop3_QUIT), 1u);
  EXPECT_EQ(r.anomalies(), "");
}

TEST(Pop3, EmptyAndStuffedLinesOfAListing) {
  const Reading r = logged_in().c("CAPA\r\n").s("+OK\r\n\r\nA\r\n\r\n..\r\n\r\n.\r\n").read();
  EXPECT_EQ(r.get("pop3", "/pop3/response/data", kFirst), R"(["","A","",".",""])");
}

TEST(Pop3, AnEmptyListing) {
  const Reading r = logged_in().c("LIST\r\n").s("+OK\r\n.\r\n").c("QUIT\r\n").s("+OK\r\n").read();
  EXPECT_EQ(r.count(Count::pop3_QUIT), 1u);
  EXPECT_EQ(r.count(Count::pop3_replies_ok), 5u);
  EXPECT_EQ(r.anomalies(), "");
}

TEST(Pop3, CapabilitiesAndMechanisms) {
  const Reading r = Dialogue(110)
                        .s("+OK ready\r\n")
                        .c("CAPA\r\n")
                        .s("+OK\r\nTOP\r\nSTLS\r\nSASL PLAIN\r\n.\r\n")
                        .c("AUTH\r\n")
                        .s("+OK\r\nPLAIN\r\n.\r\n")
                        .c("LANG\r\n")
                        .s("+OK\r\nen English\r\n.\r\n")
                        .c("QUIT\r\n")
                        .s("+OK bye\r\n")
                        .read();
  EXPECT_EQ(r.count(Count::pop3_stls_offered), 1u);
  EXPECT_EQ(r.get("pop3", "/pop3/response/data", 0), R"(["TOP","STLS","SASL PLAIN"])");
  EXPECT_EQ(r.count(Count::pop3_replies_ok), 5u);
  EXPECT_EQ(r.of_type("login").size(), 0u);
  EXPECT_EQ(r.anomalies(), "");
}

TEST(Pop3, AMessageIsReadLikeAnyOther) {
  const std::string message =
      "From: a@example.com\r\nSubject: hi\r\n\r\n..stuffed\r\n..\r\nend\r\n";
  const std::size_t octets = message.size() - 2;
  for (const char* command : {"RETR 1", "TOP 1 10"}) {
    const bool retr = command[0] == 'R';
    const Reading r = logged_in()
                          .c(std::string(command) + "\r\n")
                          .s("+OK " + std::to_string(octets) + " octets\r\n" + message + ".\r\n")
                          .c("QUIT\r\n")
                          .s("+OK bye\r\n")
                          .read();
    EXPECT_EQ(r.get("pop3", "/email/subject", kFirst), "hi") << command;
    EXPECT_EQ(r.count(retr ? Count::messages_retr : Count::messages_top), 1u);
    EXPECT_EQ(r.count(retr ? Count::message_octets_retr : Count::message_octets_top), octets);
    EXPECT_EQ(r.count(Count::pop3_QUIT), 1u);
    EXPECT_EQ(r.anomalies(), "");
  }
}

TEST(Pop3, ADeclaredSizeMayCountLineEndsAsOneOctet) {
  const auto anomalies = [](const char* declared) {
    return logged_in()
        .c("RETR 1\r\n")
        .s("+OK " + std::string(declared) + "\r\na: b\r\n\r\nxyz\r\n.\r\n")
        .read()
        .anomalies();
  };
  EXPECT_EQ(anomalies("13 octets"), "");
  EXPECT_EQ(anomalies("10 octets"), "");
  EXPECT_EQ(anomalies("11 octets"), "pop3_size_mismatch");
  EXPECT_EQ(anomalies("1 message follows"), "");  // no size at all
  EXPECT_EQ(anomalies(""), "");
}

TEST(Pop3, PipelinedCommandsFindTheirAnswers) {
  const Reading r =
      logged_in()
          .c("STAT\r\nLIST\r\nRETR 1\r\nDELE 9\r\nRETR 2\r\nQUIT\r\n")
          .s("+OK 2 20\r\n+OK\r\n1 10\r\n2 10\r\n.\r\n+OK\r\nSubject: one\r\n\r\n.\r\n"
             "-ERR no such message\r\n+OK\r\nSubject: two\r\n\r\n.\r\n+OK bye\r\n")
          .read();
  EXPECT_EQ(r.all("pop3", "/pop3/request/command"), "USER PASS STAT LIST RETR DELE RETR QUIT");
  EXPECT_EQ(r.get("pop3", "/email/subject", kFirst + 2), "one");
  EXPECT_EQ(r.get("pop3", "/email/subject", kFirst + 4), "two");
  EXPECT_EQ(r.get("pop3", "/pop3/response/success", kFirst + 3), "false");
  EXPECT_EQ(r.anomalies(), "");
}

TEST(Pop3, UnknownKeywordsAreCountedAndSurvived) {
  const Reading r = logged_in()
                        .c("XYZZY 1\r\n")
                        .s("-ERR unknown\r\n")
                        .c("\r\n")
                        .s("-ERR empty\r\n")
                        .c("STAT\r\n")
                        .s("+OK 1 2\r\n")
                        .read();
  EXPECT_EQ(r.count(Count::pop3_unknown), 2u);
  EXPECT_EQ(r.anomalies(), "pop3_unknown_command pop3_unknown_command");
  EXPECT_NE(r.get("pop3", "/pop3/stat", kFirst + 2), "");
}

TEST(Pop3, AnswersNobodyAskedForAreNamed) {
  const Reading r = logged_in().s("+OK surprise\r\n").c("STAT\r\n").s("+OK 1 2\r\n").read();
  EXPECT_EQ(r.anomalies(), "pop3_reply_without_command");
  EXPECT_EQ(r.get("pop3", "/pop3/stat", kFirst), R"({"messages":1,"octets":2})");
  const Reading odd = logged_in().c("STAT\r\n").s("OK 1 2\r\n+OK 1 2\r\n").read();
  EXPECT_EQ(odd.anomalies(), "pop3_invalid_reply");
}

TEST(Pop3, ACommandBeforeTheBannerDoesNotShiftAnswers) {
  const Reading r =
      Dialogue(110).c("STAT\r\n").s("+OK ready\r\n+OK 1 2\r\n").c("QUIT\r\n").s("+OK\r\n").read();
  EXPECT_EQ(r.get("pop3", "/pop3/stat"), R"({"messages":1,"octets":2})");
}

TEST(Pop3, StlsAcceptedMakesTheRestOpaque) {
  const Reading r = Dialogue(110)
                        .s("+OK ready\r\n")
                        .c("STLS\r\n")
                        .s("+OK begin TLS\r\n")
                        .c(tls_record(22, client_hello()) + "USER bob\r\nPASS tls-secret\r\n")
                        .s(tls_record(22, server_hello(0x0304)) + "+OK\r\n")
                        .read();
  EXPECT_EQ(r.count(Count::pop3_stls_accepted), 1u);
  EXPECT_EQ(r.count(Count::pop3_USER), 0u);
  EXPECT_FALSE(r.says("tls-secret"));
  EXPECT_EQ(r.anomalies(), "");
}

TEST(Pop3, StlsRefusedGoesOnInClear) {
  const Reading r = Dialogue(110)
                        .s("+OK ready\r\n")
                        .c("STLS\r\n")
                        .s("-ERR not here\r\n")
                        .c("USER bob\r\n")
                        .s("+OK\r\n")
                        .read();
  EXPECT_EQ(r.count(Count::pop3_stls_refused), 1u);
  EXPECT_EQ(r.count(Count::pop3_USER), 1u);
}

// What a session that ends in order leaves of a mailbox of two messages.
Reading session(std::initializer_list<std::pair<std::string_view, std::string_view>> exchanges) {
  Dialogue d(110);
  d.s("+OK ready\r\n").c("USER bob\r\n").s("+OK\r\n").c("PASS hunter2-S3cr3t\r\n").s("+OK\r\n");
  for (const auto& [command, answer] : exchanges) d.c(command).s(answer);
  return d.c("QUIT\r\n").s("+OK bye\r\n").read();
}

TEST(Pop3, AMailboxThatIsDrainedIsSeen) {
  constexpr std::string_view message = "+OK\r\na: b\r\n\r\nx\r\n.\r\n", ok = "+OK\r\n";
  const std::pair<std::string_view, std::string_view> stat{"STAT\r\n", "+OK 2 18\r\n"},
      first{"RETR 1\r\n", message}, second{"RETR 2\r\n", message}, delete_1{"DELE 1\r\n", ok},
      delete_2{"DELE 2\r\n", ok};
  const auto mailbox = [](const Reading& r) {
    return r.get("pop3", "/pop3/mailbox", r.of_type("pop3").size() - 1);
  };
  const Reading drained = session({stat, first, second, delete_1, delete_2});
  EXPECT_EQ(mailbox(drained),
            R"({"messages":2,"retrieved":2,"deleted":2,"octets":22,"drained":true})");
  EXPECT_EQ(drained.count(Count::pop3_mailboxes_drained), 1u);
  EXPECT_EQ(drained.count(Count::pop3_deletions), 2u);
  EXPECT_NE(drained.transcript().find("2 retrieved, 2 deleted, the mailbox is drained"),
            std::string::npos);
  // By LIST as well, and with STAT in the middle.
  EXPECT_NE(mailbox(session({{"LIST\r\n", "+OK\r\n1 9\r\n2 9\r\n.\r\n"},
                             first,
                             delete_1,
                             {"STAT\r\n", "+OK 1 9\r\n"},
                             second,
                             delete_2}))
                .find("\"drained\":true"),
            std::string::npos);
  for (const Reading& kept :
       {session({stat, first, second, delete_1}), session({stat, first, delete_1, delete_2}),
        session({stat, first, second, delete_1, delete_2, {"RSET\r\n", ok}}),
        session({stat, first, second, delete_1, {"DELE 2\r\n", "-ERR no\r\n"}}), session({stat})}) {
    EXPECT_NE(mailbox(kept).find("\"drained\":false"), std::string::npos) << mailbox(kept);
    EXPECT_EQ(kept.count(Count::pop3_mailboxes_kept), 1u);
  }
  // Without QUIT nothing is deleted (RFC 1939 section 6); before a login there is no mailbox.
  const Reading gone = Dialogue(110).s("+OK\r\n").c("QUIT\r\n").s("+OK\r\n").read();
  EXPECT_EQ(mailbox(gone), "");
}

TEST(Pop3, ResponseCodesAreReported) {
  for (const char* code : {"IN-USE", "LOGIN-DELAY", "SYS/TEMP", "SYS/PERM", "AUTH", "UTF8"}) {
    const Reading r = Dialogue(110)
                          .s("+OK ready\r\n")
                          .c("APOP bob 0123456789abcdef0123456789abcdef\r\n")
                          .s("-ERR [" + std::string(code) + "] not now\r\n")
                          .read();
    EXPECT_EQ(r.get("pop3", "/pop3/code"), code);
  }
}

TEST(Pop3, ExtensionsAnswerInOneLineOrInMany) {
  const Reading r = session({{"UTF8\r\n", "+OK\r\n"},
                             {"LANG\r\n", "+OK\r\nde Deutsch\r\nen English\r\n.\r\n"},
                             {"LANG de\r\n", "+OK de Ja\r\n"},
                             {"LAST\r\n", "+OK 1\r\n"},
                             {"XTND XLST Subject\r\n", "+OK\r\n1 Subject: a\r\n.\r\n"},
                             {"LIST 1\r\n", "+OK 1 9\r\n"},
                             {"UIDL 1\r\n", "+OK 1 x\r\n"},
                             {"UIDL\r\n", "+OK\r\n1 x\r\n.\r\n"}});
  EXPECT_EQ(r.all("pop3", "/pop3/request/command"),
            "USER PASS UTF8 LANG LANG LAST XTND LIST UIDL UIDL QUIT");
  EXPECT_EQ(r.get("pop3", "/pop3/response/data", 3), R"(["de Deutsch","en English"])");
  EXPECT_EQ(r.get("pop3", "/pop3/response/data", 6), R"(["1 Subject: a"])");
  EXPECT_EQ(r.anomalies(), "pop3_bad_sequence");  // UTF8 behind the login (RFC 6856 section 2)
}

}  // namespace
}  // namespace mailglass::test
