// SPDX-License-Identifier: BSD-3-Clause
// What is mail and what is not, by content alone and through the whole pipeline.
#include <gtest/gtest.h>

#include "tests/support/talk.h"

namespace mailglass::test {
namespace {

using tally::Count;

struct Line {
  char side;  // 'C' or 'S'
  const char* text;
};
struct Case {
  const char* name;
  unsigned port;
  std::vector<Line> lines;
};

std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.name; }
std::string name_of(const testing::TestParamInfo<Case>& info) { return info.param.name; }

void say(Talk& talk, const std::vector<Line>& lines) {
  for (const Line& line : lines) {
    if (line.side == 'C') {
      talk.client(line.text);
    } else {
      talk.server(line.text);
    }
  }
}

class NotMail : public testing::TestWithParam<Case> {};

TEST_P(NotMail, IsGivenUpAndCostsNoSession) {
  for (const std::size_t size : {1448u, 3u}) {
    Talk talk(GetParam().port);
    talk.segment_size(size).handshake();
    say(talk, GetParam().lines);
    Inspection inspection;
    inspection.take(talk.frames());
    EXPECT_EQ(inspection.count(Count::probes_failed), 1u) << size;
    EXPECT_EQ(inspection.counters().get(tally::Level::sessions_used), 0u) << size;
    inspection.finish();
    for (const Count c : {Count::sessions_smtp, Count::sessions_lmtp, Count::sessions_pop3}) {
      EXPECT_EQ(inspection.count(c), 0u) << size;
    }
    EXPECT_TRUE(inspection.eve().empty());
    EXPECT_EQ(balance(inspection.counters()), "");
  }
}

INSTANTIATE_TEST_SUITE_P(
    Protocols, NotMail,
    testing::Values(
        Case{"Ftp",
             21,
             {{'S', "220 (vsFTPd 3.0.5)\r\n"},
              {'C', "USER anonymous\r\n"},
              {'S', "331 Please specify the password.\r\n"}}},
        Case{"FtpWithTls",
             21,
             {{'S', "220 ProFTPD Server ready.\r\n"},
              {'C', "AUTH TLS\r\n"},
              {'S', "234 AUTH TLS successful\r\n"}}},
        Case{"FtpThatIsLeftAtOnce",
             2121,
             {{'S', "220 Service ready\r\n"}, {'C', "QUIT\r\n"}, {'S', "221 Goodbye.\r\n"}}},
        Case{"FtpFeatures",
             21,
             {{'S', "220 Welcome\r\n"}, {'C', "FEAT\r\n"}, {'S', "211-Features:\r\n"}}},
        Case{"Http",
             80,
             {{'C', "GET / HTTP/1.1\r\nHost: example.org\r\n\r\n"},
              {'S', "HTTP/1.1 200 OK\r\n\r\n"}}},
        Case{"HttpOnTheSmtpPort",
             25,
             {{'C', "POST / HTTP/1.1\r\nHost: example.org\r\n\r\n"},
              {'S', "HTTP/1.1 400 Bad Request\r\n\r\n"}}},
        Case{"Ssh",
             22,
             {{'S', "SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n"}, {'C', "SSH-2.0-OpenSSH_9.3\r\n"}}},
        Case{"SshOnTheSmtpPort",
             25,
             {{'C', "SSH-2.0-OpenSSH_9.3\r\n"}, {'S', "SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n"}}},
        Case{"Imap",
             143,
             {{'S', "* OK [CAPABILITY IMAP4rev1 STARTTLS] Dovecot ready.\r\n"},
              {'C', "a1 LOGIN frida secret\r\n"}}},
        Case{"ImapOnThePop3Port", 110, {{'S', "* OK IMAP4rev1 ready\r\n"}}},
        Case{"Redis", 6379, {{'C', "PING\r\n"}, {'S', "+PONG\r\n"}}},
        Case{"RedisThatSaysOk", 6379, {{'C', "SET key value\r\n"}, {'S', "+OK\r\n"}}},
        Case{"RedisProtocol", 6379, {{'C', "*1\r\n$4\r\nPING\r\n"}, {'S', "+PONG\r\n"}}},
        Case{"TlsClientFirst", 443, {{'C', "\x16\x03\x01\x02\x05\x01\x01\x01\x03\x03zz"}}},
        Case{"Nntp", 119, {{'S', "200 news.example.org ready\r\n"}, {'C', "MODE READER\r\n"}}},
        Case{"Binary", 25, {{'C', "\x7f\x45\x4c\x46\x02\x01"}, {'S', "\x7f\x45\x4c\x46\x02\x01"}}}),
    name_of);

class Mail : public testing::TestWithParam<Case> {};

TEST_P(Mail, IsFoundOnAnyPort) {
  for (const unsigned port : {25u, 110u, 8025u}) {
    for (const std::size_t size : {1448u, 3u}) {
      Talk talk(port);
      talk.segment_size(size).handshake();
      say(talk, GetParam().lines);
      Inspection inspection;
      inspection.take(talk.frames());
      inspection.finish();
      const bool pop3 = std::string_view(GetParam().name).starts_with("Pop3");
      const bool lmtp = std::string_view(GetParam().name).starts_with("Lmtp");
      EXPECT_EQ(inspection.count(Count::sessions_pop3), pop3 ? 1u : 0u) << port << " " << size;
      EXPECT_EQ(inspection.count(Count::sessions_lmtp), lmtp ? 1u : 0u) << port << " " << size;
      EXPECT_EQ(inspection.count(Count::sessions_smtp), pop3 || lmtp ? 0u : 1u) << port << size;
      EXPECT_EQ(inspection.count(Count::probes_failed), 0u);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    Protocols, Mail,
    testing::Values(
        Case{"SmtpBanner", 0, {{'S', "220 mx.example.org ESMTP Postfix\r\n"}, {'C', "EHLO a\r\n"}}},
        Case{"SmtpWithAPlainBanner",
             0,
             {{'S', "220 mx.example.org ready\r\n"}, {'C', "EHLO a.example.com\r\n"}}},
        Case{"SmtpClientSpeaksFirst",
             0,
             {{'C', "EHLO a.example.com\r\n"}, {'S', "220 mx.example.org ESMTP\r\n"}}},
        Case{"Pop3Banner", 0, {{'S', "+OK POP3 ready\r\n"}, {'C', "USER frida\r\n"}}},
        Case{"Pop3ShortBanner", 0, {{'S', "+OK\r\n"}, {'C', "CAPA\r\n"}}}),
    name_of);

// A banner does not tell LMTP from SMTP; the greeting does.
TEST(MatchProtocol, GreetingTellsLmtpFromSmtp) {
  Talk talk(24);
  talk.handshake().client("LHLO a.example.com\r\n").server("250 ok\r\n");
  Inspection inspection;
  inspection.take(talk.frames());
  inspection.finish();
  EXPECT_EQ(inspection.count(Count::sessions_lmtp), 1u);
}

}  // namespace
}  // namespace mailglass::test
