// SPDX-License-Identifier: BSD-3-Clause
// Both directions of a flow meet one worker: whatever queue a frame came by, whatever it is wrapped
// in, and in however many pieces it came.
#include <rte_thash.h>

#include <algorithm>
#include <random>
#include <unordered_map>

#include "nic/flow_hash.h"
#include "nic_live_rig.h"
#include "tests/support/tunnels.h"
#include "tests/support/wire_rig.h"

namespace mailglass::nic {
namespace {

using mailglass::test::Octets;
using mailglass::test::Packet;
using mailglass::test::WireRig;
using tally::Count;
using test::kWorkers;
using test::Rig;
using test::RingPort;

// A tenth under a sanitizer, where a frame takes fifty times as long: nine minutes for all.
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
constexpr unsigned kFlows = 10'000;
#define MAILGLASS_FEW_FLOWS
#endif
#endif
#ifndef MAILGLASS_FEW_FLOWS
constexpr unsigned kFlows = 100'000;
#endif

// ---- flows --------------------------------------------------------------------------------------

class Flows {
 public:
  explicit Flows(unsigned seed) : random_(seed) {}

  // A new flow's number is the payload of all its segments.
  Packet next() {
    Packet packet;
    if (random_() % 2 == 0) {
      packet.ipv4(v4(), v4());
    } else {
      packet.ipv6(v6(), v6());
    }
    std::string text = "flow " + std::to_string(made_++);
    text.resize(100, '.');
    return packet.tcp(random_() % 65536, random_() % 65536).flags(0x18).payload(text);
  }
  unsigned pick(unsigned most) { return static_cast<unsigned>(random_() % most); }
  std::mt19937& random() { return random_; }

 private:
  std::string v4() {
    std::string text = std::to_string(1 + random_() % 223);
    for (int i = 0; i < 3; ++i) text += "." + std::to_string(random_() % 256);
    return text;
  }
  std::string v6() {
    std::string text = "2001";
    char part[8];
    for (int i = 0; i < 7; ++i) {
      std::snprintf(part, sizeof part, ":%x", static_cast<unsigned>(1 + random_() % 65535));
      text += part;
    }
    return text;
  }

  std::mt19937 random_;
  unsigned made_ = 0;
};

Octets part_of(const Octets& all, std::size_t from, std::size_t to) {
  return {all.begin() + static_cast<std::ptrdiff_t>(from),
          all.begin() + static_cast<std::ptrdiff_t>(std::min(to, all.size()))};
}

// An IP packet of `protocol` with this content, in pieces of 24 octets.
std::vector<Packet> pieces(const Packet& packet, bool ipv6, unsigned protocol,
                           const Octets& content, unsigned id) {
  constexpr std::size_t kPiece = 24;
  std::vector<Packet> all;
  for (std::size_t from = 0; from < content.size(); from += kPiece) {
    const bool more = from + kPiece < content.size();
    Packet one(packet);
    one.carry(protocol, part_of(content, from, from + kPiece));
    if (ipv6) {
      const auto field = static_cast<unsigned>(from) | (more ? 1u : 0u);
      one.extension(
          44, mailglass::test::joined({mailglass::test::word(0, 1), mailglass::test::word(field, 2),
                                       mailglass::test::word(id, 4)}));
    } else {
      one.fragment(static_cast<unsigned>(from), more).identification(id % 65536);
    }
    all.push_back(one);
  }
  return all;
}

bool is_v6(const Packet& packet) { return packet.frame()[packet.ip_at()] >> 4 == 6; }

std::vector<Packet> pieces(const Packet& packet, unsigned id) {
  return pieces(packet, is_v6(packet), 6, packet.segment(), id);
}

// ---- shapes: how a segment comes ----------------------------------------------------------------

// Each kind of tunnel has a sender of its own, who counts his fragmented packets.
Packet outer(unsigned n, const char* to = "203.0.113.1") {
  return Packet().ipv4("198.51.100." + std::to_string(1 + n % 200), to);
}

std::vector<Octets> frames_of(const std::vector<Packet>& packets) {
  std::vector<Octets> frames;
  for (const Packet& packet : packets) frames.push_back(packet.frame());
  return frames;
}

using Shape = std::vector<Octets> (*)(const Packet&, unsigned);

std::vector<Octets> plain(const Packet& p, unsigned) { return {p.frame()}; }
std::vector<Octets> tagged(const Packet& p, unsigned n) {
  return {Packet(p).vlan(1 + n % 4000).frame()};
}
std::vector<Octets> twice_tagged(const Packet& p, unsigned n) {
  return {Packet(p).vlan(1 + n % 4000, 0x88a8).vlan(7).frame()};
}
std::vector<Octets> labelled(const Packet& p, unsigned n) {
  return {Packet(p).shim(0x8847, mailglass::test::labels({16 + n % 1000, 17})).frame()};
}
std::vector<Octets> in_vxlan(const Packet& p, unsigned n) {
  return {outer(n).carry(17, mailglass::test::vxlan(n % 77, p.frame())).frame()};
}
std::vector<Octets> in_gre(const Packet& p, unsigned n) {
  return {outer(n).carry(47, mailglass::test::erspan2(n % 7, p.frame())).frame()};
}
std::vector<Octets> fragmented(const Packet& p, unsigned n) { return frames_of(pieces(p, n)); }
std::vector<Octets> fragmented_tagged(const Packet& p, unsigned n) {
  return frames_of(pieces(Packet(p).vlan(9), n));
}
// The tunnel's packets in pieces that hold the inner headers, as a small MTU makes them.
std::vector<Octets> fragmented_tunnel(const Packet& p, unsigned n) {
  const Octets content = mailglass::test::vxlan(n % 77, p.frame());
  constexpr std::size_t kFirst = 120;
  std::vector<Octets> frames;
  frames.push_back(outer(n)
                       .carry(17, part_of(content, 0, kFirst))
                       .fragment(0, true)
                       .identification(n % 65536)
                       .frame());
  frames.push_back(outer(n)
                       .carry(17, part_of(content, kFirst, content.size()))
                       .fragment(kFirst, false)
                       .identification(n % 65536)
                       .frame());
  return frames;
}
std::vector<Octets> fragments_in_tunnel(const Packet& p, unsigned n) {
  std::vector<Octets> frames;
  for (const Packet& piece : pieces(p, n)) {
    frames.push_back(outer(n).carry(17, mailglass::test::vxlan(n % 77, piece.frame())).frame());
  }
  return frames;
}
// Each piece of the mail in a packet of the tunnel that is in two pieces itself, of which the first
// one shows the IP header inside.
std::vector<Octets> fragments_in_fragments(const Packet& p, unsigned n) {
  std::vector<Octets> frames;
  unsigned id = n * 16;
  for (const Packet& piece : pieces(p, n)) {
    const Octets content = mailglass::test::vxlan(n % 77, piece.frame());
    const std::size_t first = (content.size() - 8) / 8 * 8;
    frames.push_back(outer(n, "203.0.113.2")
                         .carry(17, part_of(content, 0, first))
                         .fragment(0, true)
                         .identification(id % 65536)
                         .frame());
    frames.push_back(outer(n, "203.0.113.2")
                         .carry(17, part_of(content, first, content.size()))
                         .fragment(static_cast<unsigned>(first), false)
                         .identification(id % 65536)
                         .frame());
    ++id;
  }
  return frames;
}

// ---- meeting ------------------------------------------------------------------------------------

// Which worker's decoder showed which flow; each flow has two segments.
class Meeting {
 public:
  Meeting() {
    for (unsigned i = 0; i < kWorkers; ++i) {
      wire::Limits limits;
      limits.datagrams = WireRig::kMostDatagrams;
      limits.blocks = WireRig::kMostBlocks;
      decoders_.push_back(std::make_unique<WireRig>(limits));
    }
  }

  void see(unsigned worker, const std::string& octets) {
    ++frames_;
    WireRig& rig = *decoders_[worker];
    if (rig.decoder.crowded()) rig.decoder.begin_burst();
    wire::Segment segment;
    const Bytes bytes(reinterpret_cast<const std::uint8_t*>(octets.data()), octets.size());
    const tally::Drop fate =
        rig.decode(wire::LinkType::kEthernet, {bytes, Tick{1'000'000}}, segment);
    if (fate != tally::Drop::none) {
      ++drops_[std::string(tally::name_of(fate))];
      return;
    }
    const unsigned flow =
        static_cast<unsigned>(std::stoul(std::string(as_text(segment.payload)).substr(5)));
    const auto [place, is_new] = met_.try_emplace(flow, worker);
    if (!is_new && place->second != worker) ++apart_;
    ++segments_;
    ++share_[worker];
  }

  std::uint64_t frames() const { return frames_; }

  void expect(unsigned segments) const {
    EXPECT_EQ(apart_, 0u) << "flows whose directions met different workers";
    EXPECT_EQ(segments_, segments);
    EXPECT_EQ(met_.size(), segments / 2);
    for (unsigned i = 0; i < kWorkers; ++i) {
      EXPECT_NEAR(share_[i], segments / double{kWorkers}, segments / 10.0) << "worker " << i;
    }
    for (const auto& [name, n] : drops_) EXPECT_EQ(name, "fragment_held") << n;
  }

 private:
  std::vector<std::unique_ptr<WireRig>> decoders_;
  std::unordered_map<unsigned, unsigned> met_;
  std::map<std::string, unsigned> drops_;
  std::uint64_t frames_ = 0;
  unsigned apart_ = 0, segments_ = 0;
  unsigned share_[kWorkers] = {};
};

LiveSettings four_workers(Distribution distribution = Distribution::automatic) {
  LiveSettings settings;
  settings.workers = kWorkers;
  settings.distribution = distribution;
  return settings;
}

// Flows in these shapes, each direction in one of its own, over queues at random.
void expect_all_to_meet(std::span<const Shape> shapes, unsigned flows, unsigned queues,
                        bool shuffle, unsigned together = 8) {
  RingPort port(queues);
  Rig rig({{port.name()}}, four_workers());
  Flows source(7);
  Meeting meeting;
  const auto drain = [&] {
    for (const auto& [worker, frames] : rig.drain()) {
      for (const std::string& frame : frames) meeting.see(worker, frame);
    }
  };
  for (unsigned n = 0; n < flows; ++n) {
    const Packet forth = source.next();
    const Packet back = forth.reversed();
    std::vector<Octets> frames;
    unsigned id = 2 * n;
    for (const Packet& one : {forth, back}) {
      for (Octets& frame : shapes[source.pick(static_cast<unsigned>(shapes.size()))](one, id++)) {
        frames.push_back(std::move(frame));
      }
    }
    if (shuffle) std::shuffle(frames.begin(), frames.end(), source.random());
    for (const Octets& frame : frames) ASSERT_TRUE(port.put(source.pick(queues), frame));
    if (n % together == together - 1) drain();
  }
  drain();
  meeting.expect(2 * flows);
  EXPECT_EQ(rig.count(Count::distributed_ring_full), 0u);
  EXPECT_EQ(rig.count(Count::distributed_sent), rig.count(Count::distributed_received));
}

constexpr Shape kPlain[] = {plain};
constexpr Shape kWrapped[] = {tagged, twice_tagged, labelled, in_vxlan, in_gre};
constexpr Shape kFragments[] = {fragmented, fragmented_tagged};
constexpr Shape kTunnelFragments[] = {fragmented_tunnel, fragments_in_tunnel,
                                      fragments_in_fragments};
constexpr Shape kMixed[] = {
    plain, tagged, in_vxlan, fragmented, fragmented_tunnel, fragments_in_tunnel};

TEST(NicDistribution, PlainFlowsMeetWhateverTheQueue) {
  expect_all_to_meet(kPlain, kFlows, kWorkers, false);
}
TEST(NicDistribution, PlainFlowsMeetBehindASingleQueue) {
  expect_all_to_meet(kPlain, kFlows, 1, false);
}
TEST(NicDistribution, WrappedFlowsMeet) { expect_all_to_meet(kWrapped, kFlows, kWorkers, false); }
TEST(NicDistribution, FragmentedFlowsMeet) {
  expect_all_to_meet(kFragments, kFlows, kWorkers, false);
}
TEST(NicDistribution, FragmentedFlowsMeetInAnyOrder) {
  expect_all_to_meet(kFragments, kFlows, kWorkers, true);
}
TEST(NicDistribution, FlowsInFragmentedTunnelsMeet) {
  expect_all_to_meet(kTunnelFragments, kFlows / 4, kWorkers, true, 2);
}
TEST(NicDistribution, MixedFlowsMeet) { expect_all_to_meet(kMixed, kFlows, kWorkers, true); }

// ---- what the NIC computes ----------------------------------------------------------------------

// DPDK's own Toeplitz hash over the tuple of a plain frame.
std::uint32_t soft_rss(const Octets& frame, const std::uint8_t* key) {
  const bool ipv6 = frame[12] == 0x86;
  const std::size_t addresses = ipv6 ? 32 : 8;
  const std::size_t at = 14 + (ipv6 ? 8 : 12);
  std::uint32_t tuple[9];
  std::uint8_t octets[36];
  std::copy_n(frame.begin() + static_cast<std::ptrdiff_t>(at), addresses + 4, octets);
  for (std::size_t i = 0; i < (addresses + 4) / 4; ++i) {
    tuple[i] = std::uint32_t{octets[4 * i]} << 24 | std::uint32_t{octets[4 * i + 1]} << 16 |
               std::uint32_t{octets[4 * i + 2]} << 8 | octets[4 * i + 3];
  }
  return rte_softrss(tuple, static_cast<std::uint32_t>((addresses + 4) / 4), key);
}

// The queue that a NIC chooses with the key and the table that its driver was given.
struct NicModel {
  std::vector<std::uint8_t> key;
  std::vector<rte_eth_rss_reta_entry64> table;

  explicit NicModel(const std::string& device) {
    std::uint16_t port = 0;
    rte_eth_dev_info info{};
    EXPECT_EQ(rte_eth_dev_get_port_by_name(device.c_str(), &port), 0);
    EXPECT_EQ(rte_eth_dev_info_get(port, &info), 0);
    key.resize(info.hash_key_size != 0 ? info.hash_key_size : 40);
    rte_eth_rss_conf conf{};
    conf.rss_key = key.data();
    conf.rss_key_len = static_cast<std::uint8_t>(key.size());
    EXPECT_EQ(rte_eth_dev_rss_hash_conf_get(port, &conf), 0);
    table.resize(info.reta_size / RTE_ETH_RETA_GROUP_SIZE);
    for (auto& group : table) group.mask = ~std::uint64_t{0};
    EXPECT_EQ(rte_eth_dev_rss_reta_query(port, table.data(), info.reta_size), 0);
  }
  unsigned queue_of(const Octets& frame) const {
    const auto slots = static_cast<unsigned>(table.size()) * RTE_ETH_RETA_GROUP_SIZE;
    const unsigned slot = soft_rss(frame, key.data()) % slots;
    return table[slot / RTE_ETH_RETA_GROUP_SIZE].reta[slot % RTE_ETH_RETA_GROUP_SIZE];
  }
};

TEST(NicDistribution, RssGivesBothDirectionsToTheOwnerItself) {
  Rig null({{"net_null0,size=64"}}, four_workers(Distribution::rss));
  ASSERT_NE(null.live->describe()[0].find("symmetric RSS"), std::string::npos);
  const NicModel nic("net_null0");
  RingPort port(kWorkers);
  Rig rig({{port.name()}}, four_workers());
  Flows source(8);
  Meeting meeting;
  for (unsigned n = 0; n < kFlows; ++n) {
    const Packet forth = source.next();
    for (const Octets& frame : {forth.frame(), forth.reversed().frame()}) {
      ASSERT_TRUE(port.put(nic.queue_of(frame), frame));
    }
    if (n % 100 != 99) continue;
    for (const auto& [worker, frames] : rig.drain()) {
      for (const std::string& frame : frames) meeting.see(worker, frame);
    }
  }
  meeting.expect(2 * kFlows);
  EXPECT_EQ(rig.count(Count::distributed_sent), 0u) << "the software's hash is not the NIC's";
}

TEST(NicDistribution, HashIsToeplitzOfTheKey) {
  std::uint8_t key[52];
  for (std::size_t i = 0; i < sizeof key; ++i) key[i] = kRssKeyOctet[i % 2];
  Flows source(9);
  for (unsigned n = 0; n < 1000; ++n) {
    const Octets frame = source.next().frame();
    FoldedTuple tuple;
    if (frame[12] == 0x86) {
      tuple.add<32>(&frame[22]);
      tuple.add<4>(&frame[54]);
    } else {
      tuple.add<8>(&frame[26]);
      tuple.add<4>(&frame[34]);
    }
    ASSERT_EQ(toeplitz(tuple), soft_rss(frame, key));
  }
}

// ---- when things are full -----------------------------------------------------------------------

TEST(NicDistribution, AFullRingLosesFramesByName) {
  RingPort port(1, 65536);
  Rig rig({{port.name()}}, four_workers());
  Flows source(10);
  unsigned put = 0, kept = 0;
  for (; put < 12000; ++put) ASSERT_TRUE(port.put(0, source.next().frame()));
  // Nobody but the first worker does anything.
  for (int i = 0; i < 12000; ++i) kept += static_cast<unsigned>(rig.burst(0).size());
  EXPECT_EQ(rig.count(Count::queue_frames), put);
  const auto lost = rig.count(Count::distributed_ring_full);
  EXPECT_GT(lost, 0u);
  EXPECT_EQ(kept + rig.count(Count::distributed_sent) + lost, put);
  for (const auto& [worker, frames] : rig.drain()) kept += static_cast<unsigned>(frames.size());
  EXPECT_EQ(kept + lost, put);
}

// Workers stop one after the other, with frames of every kind of way between them.
TEST(NicDistribution, WhatWasTakenIsHandedOutAfterTheEndOfReceiving) {
  for (unsigned seed = 0; seed < 20; ++seed) {
    RingPort port(kWorkers);
    Rig rig({{port.name()}}, four_workers());
    Flows source(100 + seed);
    Meeting meeting;
    unsigned flows = 0;
    const auto put_some = [&] {
      for (unsigned n = 0; n < 40; ++n, ++flows) {
        const Packet forth = source.next();
        for (const Packet& one : {forth, forth.reversed()}) {
          const Shape shape = kTunnelFragments[source.pick(std::size(kTunnelFragments))];
          const auto frames = shape(one, 2 * flows + (one.frame() == forth.frame() ? 0 : 1));
          for (const Octets& frame : frames) {
            ASSERT_TRUE(port.put(source.pick(kWorkers), frame));
          }
        }
      }
    };
    const auto see = [&](unsigned worker) {
      for (const std::string& frame : rig.burst(worker)) meeting.see(worker, frame);
    };
    put_some();
    const unsigned slow = source.pick(kWorkers);
    for (int i = 0; i < 20; ++i) see((slow + 1 + source.pick(kWorkers - 1)) % kWorkers);
    rig.live->stop_receiving();
    const auto taken = rig.count(Count::queue_frames);
    // In any order, the slowest one, for whom much is under way, far behind.
    for (unsigned i = 0; !rig.live->source(slow).at_end(); ++i) {
      ASSERT_LT(i, 100'000u) << "it never ends";
      const unsigned worker = i % 50 == 0 ? slow : source.pick(kWorkers);
      if (!rig.live->source(worker).at_end()) see(worker);
    }
    for (unsigned worker = 0; worker < kWorkers; ++worker) {
      while (!rig.live->source(worker).at_end()) see(worker);
    }
    EXPECT_EQ(rig.count(Count::queue_frames), taken) << "it went on receiving";
    EXPECT_EQ(rig.count(Count::distributed_sent), rig.count(Count::distributed_received));
    EXPECT_EQ(meeting.frames(), taken - rig.count(Count::distributed_ring_full));
    EXPECT_GT(rig.count(Count::distributed_received), 0u);
  }
}

TEST(NicDistribution, FragmentsWithoutAFirstOneAreHandedOnInTheEnd) {
  RingPort port(kWorkers);
  Rig rig({{port.name()}}, four_workers());
  Flows source(11);
  unsigned put = 0, seen = 0;
  for (unsigned n = 0; n < 5000; ++n) {
    const std::vector<Octets> frames = fragmented(source.next(), n);
    for (std::size_t i = 1; i < frames.size(); ++i, ++put) {
      ASSERT_TRUE(port.put(source.pick(kWorkers), frames[i]));
    }
    if (n % 100 == 99) {
      for (const auto& [worker, some] : rig.drain()) seen += static_cast<unsigned>(some.size());
    }
  }
  EXPECT_LE(seen, put);
  EXPECT_GE(seen + kWorkers * 256, put) << "more wait than there is room for";
}

}  // namespace
}  // namespace mailglass::nic
