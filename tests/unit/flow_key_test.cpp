// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include <set>

#include "flow/key.h"

namespace mailglass::test {
namespace {

using flow::FlowKey;
using flow::key_of;

wire::Segment segment(std::uint8_t from, std::uint16_t from_port, std::uint8_t to,
                      std::uint16_t to_port) {
  wire::Segment s;
  s.source.octet[15] = from;
  s.destination.octet[15] = to;
  s.source_port = from_port;
  s.destination_port = to_port;
  return s;
}

wire::Segment reversed(wire::Segment s) {
  std::swap(s.source, s.destination);
  std::swap(s.source_port, s.destination_port);
  return s;
}

TEST(FlowKey, IsTheSameForBothDirections) {
  for (const wire::Segment& s : {segment(1, 40000, 2, 25), segment(2, 25, 1, 40000),
                                 segment(7, 1, 7, 2), segment(7, 2, 7, 1)}) {
    const flow::KeyOf one = key_of(s), other = key_of(reversed(s));
    EXPECT_EQ(one.key, other.key);
    EXPECT_NE(one.from_low, other.from_low);
    EXPECT_EQ(flow::hash_of(one.key, 5), flow::hash_of(other.key, 5));
  }
}

// A connection from a port to itself (simultaneous open on one host) has one direction only.
TEST(FlowKey, EndpointThatSpeaksToItselfIsTheLowOne) {
  EXPECT_TRUE(key_of(segment(7, 25, 7, 25)).from_low);
}

TEST(FlowKey, EverythingThatTellsWiresApartTellsFlowsApart) {
  const wire::Segment plain = segment(1, 40000, 2, 25);
  std::vector<wire::Segment> others(9, plain);
  others[0].source_port = 40001;
  others[1].destination_port = 26;
  others[2].source.octet[0] = 1;
  others[3].destination.octet[15] = 3;
  others[4].lane.vlans = 1;
  others[4].lane.vlan[0] = 7;
  others[5].lane.vlans = 2;
  others[5].lane.vlan[0] = 7;
  others[6].lane.vlans = 2;
  others[6].lane.vlan[1] = 7;
  others[7].lane.tunnel = 1;
  others[8].lane.tunnel_id = 1;
  others.push_back(plain);
  std::set<std::uint64_t> hashes;
  for (std::size_t i = 0; i < others.size(); ++i) {
    hashes.insert(flow::hash_of(key_of(others[i]).key, 1));
    for (std::size_t j = 0; j < i; ++j) {
      EXPECT_FALSE(key_of(others[i]).key == key_of(others[j]).key) << i << " and " << j;
    }
  }
  EXPECT_EQ(hashes.size(), others.size());
}

TEST(FlowKey, SeedDecidesTheHash) {
  const FlowKey key = key_of(segment(1, 40000, 2, 25)).key;
  std::set<std::uint64_t> hashes;
  for (std::uint64_t seed = 0; seed < 1000; ++seed) hashes.insert(flow::hash_of(key, seed));
  EXPECT_EQ(hashes.size(), 1000u);
}

// What an attacker can choose freely, ports and addresses, spreads over the buckets.
TEST(FlowKey, HashesOfNeighboursSpreadEvenly) {
  constexpr unsigned kBuckets = 256, kKeys = 256 * 64;
  std::vector<unsigned> low(kBuckets), high(kBuckets);
  for (unsigned i = 0; i < kKeys; ++i) {
    const auto port = static_cast<std::uint16_t>(1024 + i);
    const std::uint64_t hash = flow::hash_of(key_of(segment(1, port, 2, 25)).key, 42);
    ++low[hash % kBuckets];
    ++high[hash >> 56];
  }
  for (unsigned i = 0; i < kBuckets; ++i) {  // 64 expected, standard deviation 8
    EXPECT_NEAR(low[i], 64, 48) << i;
    EXPECT_NEAR(high[i], 64, 48) << i;
  }
}

TEST(FlowKey, PublicNumberIsStableSmallAndNeverZero) {
  const FlowKey key = key_of(segment(1, 40000, 2, 25)).key;
  std::set<std::uint64_t> numbers;
  for (std::int64_t us = 0; us < 1000; ++us) {
    const std::uint64_t number = flow::flow_id(key, Tick{us});
    EXPECT_EQ(number, flow::flow_id(key, Tick{us}));
    EXPECT_NE(number, 0u);
    EXPECT_LT(number, std::uint64_t{1} << 53);
    numbers.insert(number);
  }
  EXPECT_EQ(numbers.size(), 1000u);
}

}  // namespace
}  // namespace mailglass::test
