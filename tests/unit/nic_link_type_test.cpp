// SPDX-License-Identifier: BSD-3-Clause
#include "nic/link_type.h"

#include <gtest/gtest.h>

namespace mailglass::nic {
namespace {

// Numbers of the registry, draft-ietf-opsawg-pcaplinktype.
TEST(NicLinkType, KnowsTheSupportedNumbers) {
  using wire::LinkType;
  EXPECT_EQ(link_of(0), LinkType::kNull);
  EXPECT_EQ(link_of(1), LinkType::kEthernet);
  EXPECT_EQ(link_of(101), LinkType::kRaw);
  EXPECT_EQ(link_of(228), LinkType::kRaw);
  EXPECT_EQ(link_of(229), LinkType::kRaw);
  EXPECT_EQ(link_of(108), LinkType::kLoop);
  EXPECT_EQ(link_of(113), LinkType::kLinuxSll);
  EXPECT_EQ(link_of(276), LinkType::kLinuxSll2);
  // What DLT_RAW is on Linux and on OpenBSD, written by tools that did not translate it.
  EXPECT_EQ(link_of(12), LinkType::kRaw);
  EXPECT_EQ(link_of(14), LinkType::kRaw);
}

TEST(NicLinkType, NamesTheOthers) {
  for (const std::uint32_t number : {9u, 105u, 127u, 239u, 0xffffffffu}) {
    EXPECT_FALSE(link_of(number)) << number;
    EXPECT_NE(link_name(number).find(std::to_string(number)), std::string::npos);
  }
  EXPECT_EQ(link_name(239), "LINKTYPE_NFLOG (239)");
  EXPECT_EQ(link_name(4000), "link type 4000");
}

}  // namespace
}  // namespace mailglass::nic
