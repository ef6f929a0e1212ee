// SPDX-License-Identifier: BSD-3-Clause
#include "report/detect/own_side.h"

#include <gtest/gtest.h>

namespace mailglass::report {
namespace {

Address v4(std::uint8_t a, std::uint8_t b, std::uint8_t c, std::uint8_t d) {
  const std::uint8_t four[] = {a, b, c, d};
  return Address::v4(four);
}

Address v6(std::initializer_list<std::uint8_t> front) {
  Address address;
  std::copy(front.begin(), front.end(), address.octet.begin());
  return address;
}

TEST(OwnSide, DomainsCoverThoseBelow) {
  DomainList own;
  ASSERT_TRUE(own.parse(" Example.ORG  mail.example.net.\n"));
  for (const char* domain : {"example.org", "EXAMPLE.org", "a.b.example.org", "example.org.",
                             "mail.example.net", "x.mail.example.net"}) {
    EXPECT_TRUE(own.covers(domain)) << domain;
  }
  for (const char* domain :
       {"", ".", "org", "badexample.org", "example.org.evil", "example.net", "xmail.example.net"}) {
    EXPECT_FALSE(own.covers(domain)) << domain;
  }
  EXPECT_TRUE(own.parse(""));
  EXPECT_TRUE(own.empty());
  EXPECT_FALSE(own.covers(""));
}

TEST(OwnSide, WhatIsNoDomainIsRefused) {
  for (const char* words :
       {"@example.org", "a..b", ".example.org", "*.example.org", "a,b", "192.0.2.0/24", "user@x"}) {
    DomainList own;
    EXPECT_FALSE(own.parse(std::string("example.org ") + words)) << words;
    EXPECT_TRUE(own.empty());
  }
}

TEST(OwnSide, NetworksOfBothFamilies) {
  NetworkList own;
  ASSERT_TRUE(own.parse("192.0.2.0/25 2001:db8:5::/47 198.51.100.7 fe80::1"));
  EXPECT_TRUE(own.covers(v4(192, 0, 2, 0)));
  EXPECT_TRUE(own.covers(v4(192, 0, 2, 127)));
  EXPECT_FALSE(own.covers(v4(192, 0, 2, 128)));
  EXPECT_TRUE(own.covers(v4(198, 51, 100, 7)));
  EXPECT_FALSE(own.covers(v4(198, 51, 100, 6)));
  EXPECT_TRUE(own.covers(v6({0x20, 0x01, 0x0d, 0xb8, 0, 4, 0xff})));
  EXPECT_TRUE(own.covers(v6({0x20, 0x01, 0x0d, 0xb8, 0, 5, 0xff})));
  EXPECT_FALSE(own.covers(v6({0x20, 0x01, 0x0d, 0xb8, 0, 6})));
  ASSERT_TRUE(own.parse("0.0.0.0/0"));
  EXPECT_TRUE(own.covers(v4(203, 0, 113, 9)));
  EXPECT_FALSE(own.covers(v6({0x20, 0x01}))) << "all of IPv4 is not all of IPv6";
  ASSERT_TRUE(own.parse("::/0"));
  EXPECT_TRUE(own.covers(v6({0x20, 0x01})));
}

TEST(OwnSide, WhatIsNoNetworkIsRefused) {
  for (const char* words : {"192.0.2.0/33", "192.0.2", "2001:db8::/129", "10.0.0.0/", "10.0.0.0/x",
                            "10.0.0.0/-1", "example.org", "/8", "10.0.0.0/8/8"}) {
    NetworkList own;
    EXPECT_FALSE(own.parse(std::string("10.0.0.0/8 ") + words)) << words;
    EXPECT_TRUE(own.empty());
  }
}

// RFC 5321 section 4.1.2, and what relays of old make of local parts.
TEST(OwnSide, WhereAPathGoes) {
  DomainList own;
  ASSERT_TRUE(own.parse("example.org"));
  struct Row {
    const char *path, *destination;
  };
  for (const Row& row :
       {Row{"a@example.org", "example.org"}, Row{"a@other.example", "other.example"},
        Row{"postmaster", ""}, Row{"", ""}, Row{"@example.org,@b.example:c@d.example", "d.example"},
        Row{"a%other.example@example.org", "other.example"},
        Row{"other.example!a@example.org", "other.example"},
        Row{"\"a@other.example\"@example.org", "other.example"},
        Row{"a%b@example.org", "example.org"}, Row{"50%!@example.org", "example.org"},
        Row{"a%other.example@third.example", "third.example"},
        Row{"a@[203.0.113.9]", "[203.0.113.9]"}}) {
    EXPECT_EQ(destination_of(row.path, own), row.destination) << row.path;
  }
}

}  // namespace
}  // namespace mailglass::report
