// SPDX-License-Identifier: BSD-3-Clause
// The PROXY protocol in front of SMTP and POP3, and what relays say by XCLIENT and XFORWARD.
#include "mail/proxy_header.h"
#include "tests/unit/mail_dialogue.h"

namespace mailglass::test {
namespace {

using State = mail::ProxyHeader::State;

constexpr std::string_view kV4 = "PROXY TCP4 198.51.100.7 192.0.2.9 56324 25\r\n";

std::string v2(unsigned command, unsigned family, std::string_view rest, int lie = 0) {
  std::string header("\r\n\r\n\0\r\nQUIT\n", 12);
  const auto length = static_cast<unsigned>(static_cast<int>(rest.size()) + lie);
  header += {static_cast<char>(command), static_cast<char>(family), static_cast<char>(length >> 8),
             static_cast<char>(length)};
  return header.append(rest);
}
const std::string kAddresses4("\xc6\x33\x64\x07\xc0\x00\x02\x09\xdc\x04\x00\x19", 12);
const std::string kAddresses6 = std::string("\x20\x01\x0d\xb8", 4) + std::string(11, '\0') +
                                "\x01" + std::string("\x20\x01\x0d\xb8", 4) +
                                std::string(11, '\0') + "\x02" + std::string("\xdc\x04\x00\x19", 4);

Dialogue smtp_behind(std::string_view header) {
  return Dialogue()
      .c(header)
      .s("220 mail.example.org ESMTP\r\n")
      .c("EHLO x.example.com\r\n")
      .s("250 mail.example.org\r\n")
      .c("QUIT\r\n")
      .s("221 bye\r\n");
}

struct Said {
  std::string header, version, source, port, destination;
};

TEST(Proxy, TheClientBehindABalancerIsNamed) {
  const Said said[] = {
      {std::string(kV4), "1", "198.51.100.7", "56324", "192.0.2.9"},
      {"PROXY TCP6 2001:db8::1 2001:DB8:0:0:0:0:0:2 56324 25\r\n", "1", "2001:db8::1", "56324",
       "2001:db8::2"},
      {"PROXY TCP6 ::1 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n", "1", "::1",
       "65535", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
      {"PROXY UNKNOWN ffff:f and whatever\r\n", "1", "", "", ""},
      {"PROXY UNKNOWN\r\n", "1", "", "", ""},
      {v2(0x21, 0x11, kAddresses4), "2", "198.51.100.7", "56324", "192.0.2.9"},
      {v2(0x21, 0x11,
          kAddresses4 + std::string("\x03\x00\x04", 3) + "crcc" + std::string(900, 't')),
       "2", "198.51.100.7", "56324", "192.0.2.9"},
      {v2(0x21, 0x21, kAddresses6), "2", "2001:db8::1", "56324", "2001:db8::2"},
      {v2(0x20, 0x00, ""), "2", "", "", ""},  // LOCAL: a health check
      {v2(0x20, 0x11, kAddresses4), "2", "", "", ""},
      {v2(0x21, 0x31, std::string(216, 'u')), "2", "", "", ""},  // a socket of UNIX
  };
  for (const Said& one : said) {
    const Reading r = smtp_behind(one.header).read();
    EXPECT_EQ(r.get("smtp", "/proxy/version"), one.version) << one.header;
    EXPECT_EQ(r.get("smtp", "/proxy/src_ip"), one.source) << one.header;
    EXPECT_EQ(r.get("smtp", "/proxy/src_port"), one.port) << one.header;
    EXPECT_EQ(r.get("flow", "/proxy/dest_ip"), one.destination) << one.header;
    EXPECT_EQ(r.count(one.version == "1" ? Count::sessions_proxied_v1 : Count::sessions_proxied_v2),
              1u);
    EXPECT_EQ(r.get("smtp", "/smtp/helo"), "x.example.com");
    EXPECT_EQ(r.anomalies(), "");
  }
}

TEST(Proxy, Pop3StandsBehindOneAsWell) {
  const Reading r = Dialogue(110)
                        .c(v2(0x21, 0x11, kAddresses4))
                        .s("+OK ready\r\n")
                        .c("CAPA\r\n")
                        .s("+OK\r\nUIDL\r\n.\r\n")
                        .read();
  EXPECT_EQ(r.get("pop3", "/proxy/src_ip"), "198.51.100.7");
  EXPECT_NE(r.transcript().find("PROXY version 2: for 198.51.100.7:56324"), std::string::npos);
}

State state_of(std::string_view octets) {
  mail::ProxyHeader header;
  Bytes rest = as_bytes(octets);
  return header.take(rest);
}

TEST(Proxy, WhatIsMalformedIsNoHeader) {
  EXPECT_EQ(state_of("PROXY TCP4 198.51.100.7 192.0.2.9 56324"), State::partial);
  for (const char* line :
       {"PROXY TCP4 198.51.100.7 192.0.2.9 56324 65536\r\n",
        "PROXY TCP4 198.51.100.7 192.0.2.9\r\n", "PROXY TCP4 198.51.100.256 192.0.2.9 1 2\r\n",
        "PROXY TCP4 1.2.3 192.0.2.9 1 2\r\n", "PROXY TCP4 1.2.3.4 192.0.2.9 1 2 3\r\n",
        "PROXY TCP5 1.2.3.4 192.0.2.9 1 2\r\n", "PROXY TCP6 1::2::3 ::1 1 2\r\n",
        "PROXY TCP6 1:2:3:4:5:6:7:8:9 ::1 1 2\r\n", "PROXY TCP6 12345:: ::1 1 2\r\n",
        "PROXY TCP6 1:2 ::1 1 2\r\n", "PROXY TCP6 : ::1 1 2\r\n", "PROXX", "EHLO x\r\n",
        "\r\n\r\nx"}) {
    EXPECT_EQ(state_of(line), State::absent) << line;
  }
  EXPECT_EQ(state_of("PROXY UNKNOWN " + std::string(91, 'x') + "\r\n"), State::whole);
  EXPECT_EQ(state_of("PROXY UNKNOWN " + std::string(92, 'x') + "\r\n"), State::absent);
  EXPECT_EQ(state_of(v2(0x11, 0x11, kAddresses4)), State::absent);      // version 1 of version 2
  EXPECT_EQ(state_of(v2(0x22, 0x11, kAddresses4)), State::absent);      // no such command
  EXPECT_EQ(state_of(v2(0x21, 0x11, kAddresses4, -1)), State::absent);  // too short for its family
  EXPECT_EQ(state_of(v2(0x21, 0x11, kAddresses4, 1)), State::partial);
}

TEST(Proxy, OctetsThatOnlyBeginLikeAHeaderAreReadAsTheyAre) {
  const Reading r = Dialogue(110)
                        .s("+OK ready\r\n")
                        .c("PROXIMATE\r\n")
                        .s("-ERR what\r\n")
                        .c("STAT\r\n")
                        .s("-ERR log in first\r\n")
                        .read();
  EXPECT_EQ(r.of_type("pop3").size(), 2u);
  EXPECT_EQ(r.get("pop3", "/proxy/version"), "");
  EXPECT_EQ(r.anomalies(), "pop3_unknown_command pop3_bad_sequence");
}

// A server that waits for a header does not speak before it has come.
TEST(Proxy, WhatComesBehindTheServersFirstWordIsNoHeader) {
  const Reading r = Dialogue(8025)
                        .s("220 ready\r\n")
                        .c(kV4)
                        .s("500 what\r\n")
                        .c("EHLO x.example.com\r\n")
                        .s("250 mx\r\n")
                        .read();
  EXPECT_EQ(r.get("smtp", "/proxy/version"), "");
}

TEST(Proxy, ABeginningThatTheServerDidNotWaitForIsReadAsItIs) {
  const Reading line = Dialogue()
                           .c("PROXY TCP4 198.51.100.7")
                           .s("220 mail.example.org ESMTP\r\n")
                           .c(" 192.0.2.9 56324 25\r\n")
                           .s("500 what\r\n")
                           .c("EHLO x.example.com\r\n")
                           .s("250 mail.example.org\r\n")
                           .read();
  EXPECT_EQ(line.get("smtp", "/proxy/version"), "");
  EXPECT_EQ(line.count(Count::smtp_EHLO), 1u);
  EXPECT_EQ(line.anomalies(), "smtp_unknown_command");

  const Reading lines = Dialogue()
                            .c("PROXY UNKNOWN x\nEHLO x.example.com\n")
                            .s("220 mail.example.org ESMTP\r\n500 what\r\n250 mail.example.org\r\n")
                            .read();
  EXPECT_EQ(lines.count(Count::smtp_EHLO), 1u);
  EXPECT_EQ(lines.get("smtp", "/smtp/helo"), "x.example.com");

  const Reading pop3 = Dialogue(110)
                           .c("PROXY")
                           .s("+OK ready\r\n")
                           .c("\r\n")
                           .s("-ERR what\r\n")
                           .c("STAT\r\n")
                           .s("-ERR log in first\r\n")
                           .read();
  EXPECT_EQ(pop3.anomalies(), "pop3_unknown_command pop3_bad_sequence");

  // Of one of version 2 that declares much: what was passed over was not read.
  const Reading skipped = Dialogue()
                              .c(v2(0x21, 0x11, kAddresses4 + std::string(300, 't'), 40000))
                              .s("220 mail.example.org ESMTP\r\n")
                              .c("\r\nEHLO x.example.com\r\n")
                              .s("500 what\r\n")
                              .s("250 mail.example.org\r\n")
                              .read();
  EXPECT_EQ(skipped.get("smtp", "/proxy/version"), "");
  EXPECT_EQ(skipped.count(Count::smtp_EHLO), 1u);
}

// HAProxy writes a client of IPv4 so whose socket is one of IPv6.
TEST(Proxy, AnIPv4AddressMayStandInOneOfIPv6) {
  const Reading r =
      smtp_behind("PROXY TCP6 ::ffff:198.51.100.7 ::ffff:192.0.2.9 56324 25\r\n").read();
  EXPECT_EQ(r.get("smtp", "/proxy/version"), "1");
  EXPECT_EQ(r.get("smtp", "/proxy/src_ip"), "198.51.100.7");
}

// A server that does not speak the PROXY protocol refuses the header as an unknown command.
TEST(Proxy, ARefusedHeaderShiftsNoReply) {
  for (const std::string junk : {"", "xyzzy\r\n", "XYZZY a\r\nwhat\r\n"}) {
    std::string refused = "500 what\r\n";
    for (const char c : junk) refused += c == '\n' ? "500 what\r\n" : "";
    const Reading r =
        Dialogue()
            .c(kV4)
            .s("220 mail.example.org ESMTP\r\n")
            .c(junk + "EHLO x\r\nMAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n")
            .s(refused + "250 mail.example.org\r\n250 2.1.0 Ok\r\n250 2.1.5 Ok\r\n354 go\r\n")
            .c("Subject: x\r\n\r\nQUIT\r\n.\r\nNOOP\r\n")
            .s("250 queued\r\n250 ok\r\n")
            .read();
    EXPECT_EQ(r.count(Count::smtp_QUIT), 0u) << junk;
    EXPECT_EQ(r.get("smtp", "/email/subject"), "x") << junk;
    EXPECT_EQ(r.count(Count::smtp_NOOP), 1u) << junk;
    EXPECT_NE(r.anomalies().find("smtp_reply_without_command"), std::string::npos) << junk;
  }
}

// Nor does a refusal that answers what a client sent behind one that was understood.
TEST(Proxy, AHeaderThatWasUnderstoodTakesNoReply) {
  for (const char* junk :
       {"xyzzy\r\n", "EHLO-x\r\n", "EHLO \xff\r\n", "VRFY a\r\n", "HELP\r\n", "BDAT 0\r\n"}) {
    const Reading r =
        Dialogue()
            .c(kV4)
            .s("220 mail.example.org ESMTP\r\n")
            .c(std::string(junk) +
               "EHLO x\r\nMAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n")
            .s("502 what\r\n250 mail.example.org\r\n250 2.1.0 Ok\r\n250 2.1.5 Ok\r\n354 go\r\n")
            .c("Subject: x\r\n\r\nQUIT\r\n.\r\nNOOP\r\n")
            .s("250 queued\r\n250 ok\r\n")
            .read();
    EXPECT_EQ(r.count(Count::smtp_QUIT), 0u) << junk;
    EXPECT_EQ(r.get("smtp", "/email/subject"), "x") << junk;
    EXPECT_EQ(r.count(Count::smtp_NOOP), 1u) << junk;
  }
}

TEST(Proxy, WhatFollowsAHeaderInItsSegmentIsReadWithoutIt) {
  for (const std::string& header : {std::string(kV4), v2(0x21, 0x11, kAddresses4)}) {
    const Reading r = Dialogue()
                          .c(header + "EHLO x.example.com\r\n")
                          .s("220 mail.example.org ESMTP\r\n250 mail.example.org\r\n")
                          .read();
    EXPECT_EQ(r.get("smtp", "/proxy/src_ip"), "198.51.100.7");
    EXPECT_EQ(r.get("smtp", "/smtp/helo"), "x.example.com");
    EXPECT_EQ(r.anomalies(), "smtp_command_before_banner");
  }
}

TEST(Proxy, WhatARelaySaysOfItsClientIsReported) {
  const Reading r = Dialogue()
                        .s("220 mail.example.org ESMTP\r\n")
                        .c("EHLO relay.example.org\r\n")
                        .s("250-mail.example.org\r\n250-XCLIENT NAME ADDR\r\n250 XFORWARD NAME\r\n")
                        .c("XCLIENT NAME=spike.example.com ADDR=IPV6:2001:db8::9 LOGIN=bob+40x\r\n")
                        .s("220 mail.example.org ESMTP\r\n")
                        .c("EHLO spike.example.com\r\n")
                        .s("250 mail.example.org\r\n")
                        .c("XFORWARD NAME=[UNAVAILABLE] ADDR=192.0.2.77 PROTO=ESMTP\r\n")
                        .s("250 2.0.0 Ok\r\n")
                        .c("xforward HELO=a+20b PROTO=SMTP\r\n")
                        .s("250 2.0.0 Ok\r\n")
                        .c("MAIL FROM:<a@example.com>\r\n")
                        .s("250 2.1.0 Ok\r\n")
                        .read();
  EXPECT_EQ(r.get("smtp", "/smtp/xclient"),
            R"({"name":"spike.example.com","addr":"2001:db8::9","login":"bob@x"})");
  EXPECT_EQ(r.get("smtp", "/smtp/xforward"),
            R"({"addr":"192.0.2.77","helo":"a b","proto":"SMTP"})");
  EXPECT_EQ(r.anomalies(), "");
}

}  // namespace
}  // namespace mailglass::test
