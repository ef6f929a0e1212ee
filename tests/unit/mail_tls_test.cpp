// SPDX-License-Identifier: BSD-3-Clause
// TLS behind STARTTLS and STLS and from the first octet. `read` cuts each of these into segments of
// one octet and of five as well.
#include "mail/tls.h"

#include "tests/support/example_certificate.h"
#include "tests/support/tls_octets.h"
#include "tests/unit/mail_dialogue.h"

namespace mailglass::test {
namespace {

Dialogue upgraded() {
  return Dialogue()
      .s("220 mail.example.org ESMTP\r\n")
      .c("EHLO client.example.net\r\n")
      .s("250-mail.example.org\r\n250 STARTTLS\r\n")
      .c("STARTTLS\r\n")
      .s("220 2.0.0 go ahead\r\n");
}

std::string one(const std::string& message) { return tls_record(22, message); }

TEST(TlsHandshake, Of13ShowsBothHellosAndNoMore) {
  const Reading r =
      upgraded()
          .c(one(client_hello()))
          .s(one(server_hello(0x0304)) + tls_record(20, "\x01") + tls_record(23, "encrypted"))
          .c(tls_record(23, "MAIL FROM:<a@example.com>\r\n"))
          .read();
  EXPECT_EQ(r.get("tls", "/tls/version"), "TLS 1.3");
  EXPECT_EQ(r.get("tls", "/tls/sni"), "mail.example.org");
  EXPECT_EQ(r.get("tls", "/tls/client_alpns"), R"(["smtp","h2"])");
  EXPECT_EQ(r.get("tls", "/tls/ja4"), "t13d0206sp_c1929292aa6b_fb71836bce29");
  EXPECT_EQ(r.get("tls", "/tls/from_proto"), "smtp");
  EXPECT_EQ(r.get("tls", "/tls/subject"), "");
  EXPECT_EQ(r.get("flow", "/flow/tls"), "starttls");
  EXPECT_EQ(r.get("smtp", "/smtp/starttls/accepted"), "true");
  EXPECT_EQ(r.count(Count::tls_version_13), 1u);
  EXPECT_EQ(r.count(Count::tls_upgraded), 1u);
  EXPECT_EQ(r.count(Count::smtp_MAIL), 0u);
  EXPECT_EQ(r.anomalies(), "");
  EXPECT_TRUE(r.says("TLS 1.3, SNI mail.example.org, ALPN smtp h2, JA4"));
}

TEST(TlsHandshake, BehindTurnTheServersIsTheClientsHello) {
  const Reading r = Dialogue()
                        .s("220 provider.example.com ESMTP\r\n")
                        .c("TURN\r\n")
                        .s("250 turned\r\n")
                        .c("220 customer.example.org\r\n")
                        .s("STARTTLS\r\n")
                        .c("220 go\r\n")
                        .s(one(client_hello()))
                        .c(one(server_hello(0x0304)))
                        .read();
  EXPECT_EQ(r.get("tls", "/tls/sni"), "mail.example.org");
  EXPECT_EQ(r.get("tls", "/tls/version"), "TLS 1.3");
  EXPECT_EQ(r.get("tls", "/src_port"), "25");
  EXPECT_EQ(r.get("flow", "/src_port"), "40000");
}

TEST(TlsHandshake, Upto12ShowsTheCertificate) {
  const Reading r =
      Dialogue(110)
          .s("+OK ready\r\n")
          .c("STLS\r\n")
          .s("+OK\r\n")
          .c(one(client_hello()))
          .s(one(server_hello(0x0303) + certificate_message({example_certificate(), "issuer"})))
          .read();
  EXPECT_EQ(r.get("tls", "/tls/version"), "TLS 1.2");
  EXPECT_EQ(r.get("tls", "/tls/serial"), "0A:1B:2C");
  EXPECT_EQ(r.get("tls", "/tls/from_proto"), "pop3");
  EXPECT_EQ(r.count(Count::tls_version_12), 1u);
  EXPECT_EQ(r.anomalies(), "");
}

TEST(TlsHandshake, FromTheFirstOctetIsMailOnTheMailPortsOnly) {
  const auto on = [](unsigned port) {
    return Dialogue(port).c(one(client_hello())).s(one(server_hello(0x0304))).read();
  };
  for (const unsigned port : {465u, 25u, 587u}) {
    const Reading r = on(port);
    EXPECT_EQ(r.get("tls", "/tls/from_proto"), "smtp") << port;
    EXPECT_EQ(r.get("flow", "/flow/tls"), "implicit") << port;
    EXPECT_EQ(r.of_type("smtp").size(), 0u) << port;
    EXPECT_EQ(r.count(Count::tls_implicit), 1u) << port;
  }
  EXPECT_EQ(on(995).get("tls", "/tls/from_proto"), "pop3");
  const Reading elsewhere = on(443);
  EXPECT_EQ(elsewhere.eve(), "");
  EXPECT_EQ(elsewhere.count(Count::probes_failed), 1u);
  EXPECT_EQ(Dialogue(465).c("\x16\x03\x01\x02").read().eve(), "");
  EXPECT_EQ(Dialogue(465).c(one(tls_message(2, "x"))).read().eve(), "");
}

TEST(TlsHandshake, IsTheSameInRecordsOfAnySize) {
  for (const std::size_t size : {std::size_t{1}, std::size_t{3}, std::size_t{50}}) {
    const Reading r =
        Dialogue(465)
            .c(tls_records(client_hello(), size < 6 ? 6 : size))
            .s(tls_records(server_hello(0x0303) + certificate_message({example_certificate()}),
                           size))
            .whole_only()
            .read();
    EXPECT_EQ(r.get("tls", "/tls/sni"), "mail.example.org") << size;
    EXPECT_EQ(r.get("tls", "/tls/serial"), "0A:1B:2C") << size;
  }
}

TEST(TlsHandshake, ASessionResumedHasNoCertificate) {
  const Reading r = upgraded()
                        .c(one(client_hello()))
                        .s(one(server_hello(0x0303)) + tls_record(20, "\x01") + "anything")
                        .read();
  EXPECT_EQ(r.get("tls", "/tls/version"), "TLS 1.2");
  EXPECT_EQ(r.anomalies(), "");
}

TEST(TlsHandshake, AnAlertInPlaceOfAHelloIsNamed) {
  const Reading r = upgraded()
                        .c(one(client_hello()))
                        .s(tls_record(21, u8(1) + u8(112)) + tls_record(21, u8(2) + u8(40)))
                        .read();
  EXPECT_EQ(r.anomalies(), "tls_alert");
  EXPECT_TRUE(r.says("handshake_failure"));
  EXPECT_EQ(r.get("tls", "/tls/sni"), "mail.example.org");
  EXPECT_EQ(r.get("tls", "/tls/version"), "");
  EXPECT_EQ(r.count(Count::tls_version_unseen), 1u);
}

TEST(TlsHandshake, WhatIsNoneIsNamedAndEndsTheReading) {
  for (const std::string& octets :
       {std::string("EHLO again\r\n"), one(tls_message(9, "x")), tls_record(22, ""),
        tls_record(99, "x"), one("\x01").substr(0, 3) + u16(0xffff) + "x", tls_record(23, "early"),
        one(client_hello().substr(0, 9)) + tls_record(20, "\x01")}) {
    const Reading r = upgraded().c(octets).read();
    EXPECT_EQ(r.anomalies(), "tls_malformed");
    EXPECT_EQ(r.of_type("tls").size(), 0u);
  }
}

TEST(TlsHandshake, NoLengthDecidesHowMuchIsKept) {
  // 16 MiB announced: what fits is kept, and the record says that it is not all.
  std::string hello = client_hello();
  hello.replace(1, 3, u24(0xffffff));
  const std::string flood = hello + std::string(3 * mail::TlsMessages::kCapacity, 'x');
  const Reading r = Dialogue(465).c(tls_records(flood, 16000)).whole_only().read();
  EXPECT_EQ(r.get("tls", "/tls/sni"), "mail.example.org");
  EXPECT_EQ(r.get("tls", "/tls/truncated"), "true");
  EXPECT_EQ(r.count(Count::tls_cut_capacity), 1u);
}

TEST(TlsHandshake, OfACertificateMessageTheFirstEntryIsKept) {
  const std::string chain = certificate_message({example_certificate(), std::string(60'000, 'x')});
  const Reading r = Dialogue(995)
                        .c(one(client_hello()))
                        .s(one(server_hello(0x0302)) + tls_records(chain, 16000))
                        .whole_only()
                        .read();
  EXPECT_EQ(r.get("tls", "/tls/version"), "TLS 1.1");
  EXPECT_EQ(r.get("tls", "/tls/serial"), "0A:1B:2C");
  EXPECT_EQ(r.count(Count::tls_cut_capacity), 0u);
}

TEST(TlsHandshake, WithoutABlockItIsFollowedAllTheSame) {
  Inspection::Options options;
  options.limits.mail.blocks = 2;
  Inspection inspection(options);
  for (unsigned port = 40000; port < 40003; ++port) {
    Talk talk(465, port);
    talk.handshake().client(one(client_hello()).substr(0, 60));
    inspection.take(talk.frames());
  }
  inspection.finish();
  Dialogue::check(inspection);
  EXPECT_EQ(inspection.count(Count::tls_implicit), 3u);
  EXPECT_EQ(inspection.count(Count::tls_cut_blocks), 1u);
}

TEST(TlsHandshake, AHandshakeThatGetsNowhereIsGivenUp) {
  Dialogue d(465);
  d.c(one(client_hello()));
  for (int i = 0; i < 10; ++i) d.c(tls_record(23, std::string(10'000, 'x')));
  const Reading r = d.s(one(server_hello(0x0304))).whole_only().read();
  EXPECT_EQ(r.count(Count::tls_version_unseen), 1u);
  EXPECT_GT(r.count(Count::segments_opaque), 0u);
}

TEST(TlsHandshake, AGapEndsItWithWhatWasSeen) {
  const Reading r = upgraded()
                        .c(one(client_hello()))
                        .lost_s(one(server_hello(0x0303)))
                        .s(one(certificate_message({example_certificate()})))
                        .read();
  EXPECT_EQ(r.get("tls", "/tls/sni"), "mail.example.org");
  EXPECT_EQ(r.get("tls", "/tls/version"), "");
  EXPECT_EQ(r.anomalies(), "");
}

TEST(TlsHandshake, WhereTheClientsOctetsAreLostTheServersAreRead) {
  const std::string answer =
      one(server_hello(0x0303)) + one(certificate_message({example_certificate()}));
  const auto read = [&](const Dialogue& dialogue) {
    Reading r = dialogue.read();
    EXPECT_EQ(r.get("tls", "/tls/version"), "TLS 1.2");
    EXPECT_EQ(r.get("tls", "/tls/serial"), "0A:1B:2C");
    EXPECT_EQ(r.get("flow", "/flow/gap"), "true");
    EXPECT_EQ(r.anomalies(), "");
    return r;
  };
  for (const unsigned port : {465u, 995u}) {
    const Reading r = read(Dialogue(port).lost_c(one(client_hello())).s(answer));
    EXPECT_EQ(r.get("tls", "/tls/sni"), "");
    EXPECT_EQ(r.get("flow", "/flow/tls"), "implicit");
  }
  const std::string hello = one(client_hello());
  read(upgraded().lost_c(hello).s(answer));
  read(upgraded().c(hello.substr(0, 30)).lost_c(hello.substr(30)).s(answer));
  read(upgraded().c(hello).lost_c("what a client says too early").s(answer));
}

TEST(TlsHandshake, OnItsPortsEitherHelloIsEnough) {
  const std::string hello = one(client_hello()), answer = one(server_hello(0x0304));
  const auto dialogue = [&] { return Dialogue(995).c(hello).s(answer); };
  EXPECT_EQ(dialogue().midstream().read().get("tls", "/tls/sni"), "mail.example.org");
  EXPECT_EQ(dialogue().only(Direction::to_server).read().get("tls", "/tls/sni"),
            "mail.example.org");
  EXPECT_EQ(dialogue().only(Direction::to_client).read().get("tls", "/tls/version"), "TLS 1.3");
  EXPECT_EQ(Dialogue(995).midstream().s(answer).read().get("tls", "/tls/version"), "TLS 1.3");
  // Not what only begins as one does, nor a server's where a client's is due.
  for (const std::string& other : {tls_record(22, tls_message(20, "finished")), answer}) {
    EXPECT_EQ(Dialogue(995).c(other).read().count(Count::tls_implicit), 0u);
  }
  // Lines may follow what was no hello.
  EXPECT_EQ(Dialogue(465)
                .midstream()
                .c("\x16\x03 of a body\r\n.\r\n")
                .s("250 2.0.0 queued\r\n")
                .c("QUIT\r\n")
                .read()
                .count(Count::smtp_QUIT),
            1u);
}

TEST(TlsHandshake, OneSideAloneTellsItsPart) {
  const auto dialogue = [] {
    return upgraded().c(one(client_hello())).s(one(server_hello(0x0304)));
  };
  const Reading client = dialogue().only(Direction::to_server).read();
  EXPECT_EQ(client.get("tls", "/tls/sni"), "mail.example.org");
  EXPECT_EQ(client.get("tls", "/tls/version"), "");
  const Reading server = dialogue().only(Direction::to_client).read();
  EXPECT_EQ(server.get("tls", "/tls/version"), "TLS 1.3");
  EXPECT_EQ(client.anomalies() + server.anomalies(), "");
}

TEST(TlsPolicy, ALoginInClearWhereTlsIsOfferedIsNamedOnce) {
  const Reading smtp = Dialogue(587)
                           .s("220 x ESMTP\r\n")
                           .c("EHLO y.example.com\r\n")
                           .s("250-x\r\n250 STARTTLS\r\n")
                           .c("AUTH PLAIN AGIAYw==\r\n")
                           .s("535 no\r\n")
                           .c("AUTH PLAIN AGIAZA==\r\n")
                           .s("235 in\r\n")
                           .read();
  EXPECT_EQ(smtp.anomalies(), "login_without_offered_tls");
  const Reading pop3 = Dialogue(110)
                           .s("+OK\r\n")
                           .c("CAPA\r\n")
                           .s("+OK\r\nSTLS\r\n.\r\n")
                           .c("USER b\r\n")
                           .s("+OK\r\n")
                           .c("PASS c\r\n")
                           .s("+OK\r\n")
                           .read();
  EXPECT_EQ(pop3.anomalies(), "login_without_offered_tls");
}

TEST(TlsPolicy, XAnonymousTlsIsAnotherNameForStarttls) {
  const Reading r = Dialogue()
                        .s("220 x ESMTP\r\n")
                        .c("EHLO y.example.com\r\n")
                        .s("250-x\r\n250 X-ANONYMOUSTLS\r\n")
                        .c("X-ANONYMOUSTLS\r\n")
                        .s("220 2.0.0 SMTP server ready\r\n")
                        .c(one(client_hello()))
                        .s(one(server_hello(0x0303)))
                        .read();
  EXPECT_EQ(r.get("smtp", "/smtp/starttls"),
            R"({"offered":true,"requested":true,"accepted":true})");
  EXPECT_EQ(r.count(Count::smtp_starttls_offered), 1u);
  EXPECT_EQ(r.get("tls", "/tls/version"), "TLS 1.2");
}

}  // namespace
}  // namespace mailglass::test
