// SPDX-License-Identifier: BSD-3-Clause
// Vectors of the specification's baseline (github.com/corelight/community-id-spec), seed 0, TCP.
#include "report/community_id.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>

#include "report/timestamp.h"

namespace mailglass::report {
namespace {

tally::Opened flow(const char* client, std::uint16_t client_port, const char* server,
                   std::uint16_t server_port) {
  tally::Opened opened;
  const auto parse = [&](const char* text, Address& to) {
    std::uint8_t octets[16];
    opened.ipv6 = inet_pton(AF_INET6, text, octets) == 1;
    const bool parsed = opened.ipv6 || inet_pton(AF_INET, text, octets) == 1;
    EXPECT_TRUE(parsed) << text;
    to = opened.ipv6 ? Address::v6(octets) : Address::v4(octets);
  };
  parse(client, opened.client);
  parse(server, opened.server);
  opened.client_port = client_port;
  opened.server_port = server_port;
  return opened;
}

TEST(CommunityId, AgreesWithTheSpecification) {
  CommunityId id;
  EXPECT_EQ(id.of(flow("128.232.110.120", 34855, "66.35.250.204", 80)),
            "1:LQU9qZlK+B5F3KDmev6m5PMibrg=");
  EXPECT_EQ(
      id.of(flow("2001:470:e5bf:dead:4957:2174:e82c:4887", 63943, "2607:f8b0:400c:c03::1a", 25)),
      "1:/qFaeAR+gFe1KYjMzVDsMv+wgU4=");
}

TEST(CommunityId, IsTheSameForBothDirections) {
  CommunityId id;
  EXPECT_EQ(id.of(flow("66.35.250.204", 80, "128.232.110.120", 34855)),
            id.of(flow("128.232.110.120", 34855, "66.35.250.204", 80)));
  EXPECT_NE(id.of(flow("10.0.0.1", 1, "10.0.0.1", 2)), id.of(flow("10.0.0.1", 1, "10.0.0.1", 3)));
}

TEST(Timestamp, WritesMicroseconds) {
  Timestamp text;
  EXPECT_EQ(text(Tick{1'700'000'000'000'001}), "2023-11-14T22:13:20.000001+0000");
  EXPECT_EQ(text(Tick{1'700'000'000'999'999}), "2023-11-14T22:13:20.999999+0000");
  EXPECT_EQ(text(Tick{0}), "1970-01-01T00:00:00.000000+0000");
  EXPECT_EQ(text(Tick{-1}), "1969-12-31T23:59:59.999999+0000");
  EXPECT_EQ(text(Tick{4'102'444'800'123'456}), "2100-01-01T00:00:00.123456+0000");
}

}  // namespace
}  // namespace mailglass::report
