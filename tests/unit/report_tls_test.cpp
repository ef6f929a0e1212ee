// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include "report/certificate.h"
#include "report/client_hello.h"
#include "report/digest.h"
#include "tests/support/example_certificate.h"
#include "tests/support/tls_octets.h"

namespace mailglass::report {
namespace {

using test::HelloText;
using test::tls_extension;

ClientHello parse(const HelloText& text) { return ClientHello::parse(text.body()); }

// A hello of Chrome 143 as browserleaks.com reports it, with its JA3 and JA4 and what they are made
// of. GREASE is put where Chrome has it; the published lists do not show it.
HelloText chrome() {
  HelloText hello;
  hello.ciphers = {0x2a2a, 4865,  4866,  4867,  49195, 49199, 49196, 49200,
                   52393,  52392, 49171, 49172, 156,   157,   47,    53};
  hello.extensions = tls_extension(0xfafa, "");
  for (const unsigned type :
       {45u, 51u, 16u, 65037u, 23u, 17613u, 0u, 11u, 10u, 43u, 65281u, 35u, 18u, 5u, 13u, 27u}) {
    std::string body = "any";
    if (type == 16) body = test::vector16(test::vector8("h2") + test::vector8("http/1.1"));
    if (type == 0) body = test::vector16(test::u8(0) + test::vector16("mail.example.org"));
    if (type == 11) body = test::vector8(test::u8(0));
    if (type == 10) body = test::vector16(test::numbers({0x8a8a, 4588, 29, 23, 24}));
    if (type == 43) body = test::vector8(test::numbers({0xcaca, 0x0304, 0x0303}));
    if (type == 13) {
      body = test::vector16(
          test::numbers({0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601}));
    }
    hello.extensions += tls_extension(type, body);
  }
  hello.extensions += tls_extension(0x3a3a, test::u8(0));
  return hello;
}

TEST(ClientHelloTest, FingerprintsAreThosePublishedForThisHello) {
  const ClientHello hello = parse(chrome());
  ASSERT_TRUE(hello.whole);
  EXPECT_EQ(ja3_string(hello),
            "771,4865-4866-4867-49195-49199-49196-49200-52393-52392-49171-49172-156-157-47-53,"
            "45-51-16-65037-23-17613-0-11-10-43-65281-35-18-5-13-27,4588-29-23-24,0");
  EXPECT_EQ(hex(digest("MD5", ja3_string(hello))), "98487aa16281980e7d1120d399efb6a4");
  EXPECT_EQ(ja4(hello), "t13d1516h2_8daaf6152771_d8a2da3f94cd");
}

TEST(ClientHelloTest, TheFieldsAreRead) {
  const ClientHello hello = parse({});
  ASSERT_TRUE(hello.whole);
  EXPECT_EQ(hello.sni, "mail.example.org");
  EXPECT_EQ(hello.alpns, (std::vector<std::string>{"smtp", "h2"}));
  EXPECT_EQ(hello.versions, (std::vector<std::uint16_t>{0x0304, 0x0303}));
  EXPECT_EQ(hello.groups, (std::vector<std::uint16_t>{29, 23}));
  EXPECT_EQ(hello.signature_algorithms, (std::vector<std::uint16_t>{0x0403, 0x0804}));
}

TEST(ClientHelloTest, NoPartOfItIsTakenForTheWhole) {
  const std::string body = chrome().body();
  for (std::size_t cut = 0; cut < body.size(); ++cut) {
    EXPECT_FALSE(ClientHello::parse(std::string_view(body).substr(0, cut)).whole &&
                 cut != body.size() - chrome().extensions.size() - 2)
        << cut;
  }
}

TEST(ClientHelloTest, LengthsThatContradictEachOtherMakeNoFingerprint) {
  HelloText hello;
  hello.extensions = tls_extension(10, test::u16(3) + "abc");  // an odd list of pairs
  EXPECT_FALSE(parse(hello).whole);
  hello.extensions = tls_extension(16, test::u16(9) + "abc");
  EXPECT_FALSE(parse(hello).whole);
  hello.extensions = tls_extension(0, test::vector16(test::u8(0) + test::u16(99) + "x"));
  EXPECT_FALSE(parse(hello).whole);
  EXPECT_TRUE(parse(hello).has_sni);
}

std::string ja4_front(const std::string& extensions, unsigned version = 0x0303) {
  HelloText hello;
  hello.extensions = extensions;
  hello.version = version;
  return ja4(parse(hello)).substr(0, 10);
}

TEST(Ja4, TheVersionIsTheHighestOfferedOrTheOldField) {
  EXPECT_EQ(ja4_front(tls_extension(43, test::vector8(test::numbers({0x0302, 0x0304, 0xfafa})))),
            "t13i020100");
  EXPECT_EQ(ja4_front("", 0x0303), "t12i020000");
  EXPECT_EQ(ja4_front("", 0x0302), "t11i020000");
  EXPECT_EQ(ja4_front("", 0x0301), "t10i020000");
  EXPECT_EQ(ja4_front("", 0x0300), "ts3i020000");
  EXPECT_EQ(ja4_front("", 0x1234), "t00i020000");
}

TEST(Ja4, TheAlpnMarkIsTheEndsOfTheFirstName) {
  const auto mark = [](const std::string& name) {
    const std::string list = test::vector16(test::vector8(name) + test::vector8("zz"));
    return ja4_front(tls_extension(16, list)).substr(8);
  };
  EXPECT_EQ(mark("h2"), "h2");
  EXPECT_EQ(mark("http/1.1"), "h1");
  EXPECT_EQ(mark("x"), "xx");
  EXPECT_EQ(mark(""), "00");
  EXPECT_EQ(mark("\xab"), "ab");  // of the hexadecimal form: the specification's examples
  EXPECT_EQ(mark("\xab\xcd"), "ad");
  EXPECT_EQ(mark("\x30\xab"), "3b");
  EXPECT_EQ(mark("\x30\x31\xab\xcd"), "3d");
  EXPECT_EQ(mark("\x30\xab\xcd\x31"), "01");
}

TEST(Ja4, WhatIsEmptyIsZerosAndCountsEndAt99) {
  HelloText hello;
  hello.ciphers = {0x0a0a};
  hello.extensions = tls_extension(0, "") + tls_extension(0x1a1a, "");
  EXPECT_EQ(ja4(parse(hello)).substr(10), "_000000000000_000000000000");
  hello.ciphers.assign(120, 0x1301);
  EXPECT_EQ(ja4(parse(hello)).substr(4, 4), "9901");
}

TEST(CertificateTest, IsPrintedAsSuricataDoes) {
  const std::string message = test::certificate_message({test::example_certificate(), "issuer"});
  Certificate leaf;
  ASSERT_TRUE(leaf.parse(message.substr(4)));
  EXPECT_EQ(leaf.subject,
            "C=DE, O=Bäckerei, Sohn & Co, OU=Mail, CN=mail.example.org, "
            "Email=postmaster@example.org");
  EXPECT_EQ(leaf.issuer, leaf.subject);
  EXPECT_EQ(leaf.serial, "0A:1B:2C");
  EXPECT_EQ(leaf.fingerprint, "15:be:42:22:f0:c2:9c:ed:bd:26:9b:03:ad:fa:18:40:eb:11:ef:2c");
  EXPECT_EQ(leaf.not_before, "2026-11-23T19:33:30");
  EXPECT_EQ(leaf.not_after, "2036-11-20T19:33:30");
}

TEST(CertificateTest, NoPartOfOneIsTakenForTheWhole) {
  const std::string message = test::certificate_message({test::example_certificate()}).substr(4);
  for (std::size_t cut = 0; cut < message.size(); ++cut) {
    Certificate leaf;
    EXPECT_FALSE(leaf.parse(std::string_view(message).substr(0, cut))) << cut;
    EXPECT_EQ(leaf.fingerprint, "") << cut;
  }
  Certificate nonsense;
  EXPECT_FALSE(nonsense.parse(test::vector24(test::vector24("no DER"))));
  EXPECT_NE(nonsense.fingerprint, "");
}

}  // namespace
}  // namespace mailglass::report
