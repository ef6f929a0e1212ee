// SPDX-License-Identifier: BSD-3-Clause
// Live ports that need neither hugepages nor root.
#include "nic/live_ports.h"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <random>

#include "nic_capture_builder.h"
#include "nic_live_rig.h"

namespace mailglass::nic {

test::LiveDpdk& test::dpdk() {
  static auto* const made =
      dynamic_cast<LiveDpdk*>(testing::AddGlobalTestEnvironment(new LiveDpdk));
  return *made;
}

namespace {

using tally::Count;
using test::Rig;
using test::RingPort;

[[maybe_unused]] const auto& kMade = test::dpdk();

Bytes octets(const std::string& text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

std::string random_text(std::mt19937& random, std::size_t size) {
  std::string text(size, '\0');
  for (char& c : text) c = static_cast<char>(random());
  return text;
}

TEST(NicLivePorts, DeliversFramesInOrderAndGivesThemBack) {
  RingPort port(1);
  Rig rig({{port.name()}}, {});
  std::mt19937 random(1);
  std::vector<std::string> sent;
  for (int round = 0; round < 40; ++round) {  // more than there are packet buffers
    for (int i = 0; i < 1000; ++i) {
      sent.push_back(random_text(random, 60 + random() % 1400));
      ASSERT_TRUE(port.put(0, octets(sent.back())));
    }
    EXPECT_TRUE(rig.drain()[0] == sent);
    sent.clear();
  }
  EXPECT_EQ(rig.count(Count::queue_frames), 40000u);
  EXPECT_EQ(rig.live->stats(0).queue_frames, std::vector<std::uint64_t>{40000});
}

TEST(NicLivePorts, JoinsChainsAndTakesEmptyFrames) {
  RingPort port(1);
  Rig rig({{port.name()}}, {});
  std::mt19937 random(2);
  std::vector<std::string> sent;
  for (const std::size_t size : {0u, 1u, 64u, 1999u, 2000u, 2001u, 9000u, 65535u, 67583u}) {
    sent.push_back(random_text(random, size));
    ASSERT_TRUE(port.put(0, octets(sent.back()))) << size;
  }
  EXPECT_TRUE(rig.drain()[0] == sent);
}

TEST(NicLivePorts, TakesFromAllPorts) {
  RingPort one(1), two(1), three(1);
  Rig rig({{one.name()}, {two.name()}, {three.name()}}, {});
  for (int i = 0; i < 500; ++i) {
    ASSERT_TRUE(one.put(0, octets("one")) && two.put(0, octets("two")) &&
                three.put(0, octets("three")));
  }
  // No port waits for another one to be empty.
  std::map<std::string, int> first;
  for (int i = 0; i < 3; ++i) {
    for (const std::string& frame : rig.burst(0)) ++first[frame];
  }
  EXPECT_EQ(first.size(), 3u);
  EXPECT_EQ(rig.drain()[0].size(), 1500u - 192u);
}

TEST(NicLivePorts, SaysWhatItDid) {
  RingPort port(1);
  Rig rig({{port.name()}}, {});
  EXPECT_EQ(rig.burst(0).size(), 0u);
  for (int i = 0; i < 65; ++i) ASSERT_TRUE(port.put(0, octets("frame")));
  EXPECT_EQ(rig.burst(0).size(), 64u);
  EXPECT_EQ(rig.burst(0).size(), 1u);
  EXPECT_EQ(rig.count(Count::bursts_empty), 1u);
  EXPECT_EQ(rig.count(Count::bursts_full), 1u);
  EXPECT_EQ(rig.count(Count::bursts_partial), 1u);
  rig.burst(0);
  EXPECT_GT(rig.count(Count::cycles_busy), 0u);
  EXPECT_GT(rig.count(Count::cycles_idle), 0u);
  ASSERT_EQ(rig.live->describe().size(), 1u);
  EXPECT_NE(rig.live->describe()[0].find("driver net_ring"), std::string::npos);
}

TEST(NicLivePorts, ReadsACaptureToItsEndWithItsTimes) {
  const auto folder =
      std::filesystem::temp_directory_path() / ("nic-live-" + std::to_string(getpid()));
  std::filesystem::create_directory(folder);
  std::vector<std::string> frames;
  for (int i = 0; i < 100; ++i) frames.push_back("frame " + std::to_string(i));
  mailglass::test::write_file(folder / "some.pcap", mailglass::test::pcap(frames));
  {
    Rig rig({{"net_pcap0,rx_pcap=" + (folder / "some.pcap").string()}}, {});
    std::vector<std::string> read;
    while (!rig.live->source(0).at_end()) {
      for (std::string& text : rig.burst(0)) read.push_back(std::move(text));
    }
    EXPECT_EQ(read, frames);
  }
  std::filesystem::remove_all(folder);
}

// ---- what cannot be
// ------------------------------------------------------------------------------

std::string refusal(const std::string& device, LiveSettings settings = {}) {
  try {
    Rig rig({{device}}, settings);
  } catch (const EalError& error) {
    return error.what();
  }
  return "it opened";
}

TEST(NicLivePorts, SaysInOneSentenceWhatIsWrongWithADevice) {
  const std::pair<std::string, std::string> cases[] = {
      {"0000:ff:1f.7", "there is no PCI device 0000:ff:1f.7"},
      {"net_af_packet0", "say of which network interface"},
      {"net_af_packet0,iface=nosuch0", "there is no network interface nosuch0"},
      {"net_af_xdp0,iface=nosuch0", "there is no network interface nosuch0"},
      {"eth1", "neither a PCI address nor a DPDK device"},
      {"net_nosuch0", "net_nosuch0 is of no driver that DPDK has"},
      {"net_pcap9,rx_pcap=/nosuch.pcap", "/nosuch.pcap"},
  };
  for (const auto& [device, words] : cases) {
    const std::string said = refusal(device);
    EXPECT_NE(said.find(words), std::string::npos) << device << ": " << said;
    EXPECT_EQ(said.find('\n'), std::string::npos) << said;
  }
}

TEST(NicLivePorts, RefusesWhatCannotBe) {
  RingPort port(1);
  LiveSettings settings;
  settings.bridge = true;
  EXPECT_NE(refusal(port.name(), settings).find("name one more"), std::string::npos);
  settings = {};
  settings.workers = test::kWorkers + 1;
  EXPECT_NE(refusal(port.name(), settings).find("5 workers are wanted"), std::string::npos);
  settings.workers = 2;
  settings.distribution = Distribution::rss;
  EXPECT_NE(refusal(port.name(), settings).find("cannot distribute frames"), std::string::npos);
  EXPECT_NO_THROW(Rig({{port.name()}}, {})) << "what failed left something behind";
}

}  // namespace
}  // namespace mailglass::nic
