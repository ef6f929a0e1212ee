// SPDX-License-Identifier: BSD-3-Clause
// Devices of the kernel and of other processes. Those that need root say SKIPPED without it; all
// lie in a network namespace of this process (nic_live_ports_test.cpp makes it).
#include <net/if.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <numeric>
#include <random>
#include <set>
#include <thread>

#include "nic_kernel.h"

// Asked by LeakSanitizer at its start. DPDK 22.11 forgets the memory that libxdp gives net_af_xdp.
// The library's name: its functions have none where there is no symbolizer.
extern "C" const char* __lsan_default_suppressions();
const char* __lsan_default_suppressions() { return "leak:libxdp\n"; }

namespace mailglass::nic {
namespace {

using tally::Count;
using namespace test;  // Veth, Sender, take, ...

TEST(NicDevices, TapInEveryIdleMode) {
  NEEDS_NAMESPACE();
  for (const Idle idle : {Idle::poll, Idle::adaptive, Idle::interrupt}) {
    LiveSettings settings;
    settings.idle = idle;
    Rig rig({{"net_tap0,iface=mgtap0"}}, settings, true);
    EXPECT_EQ(rig.live->describe()[0].find("no receive interrupts"), std::string::npos);
    for (int i = 0; i < 300; ++i) rig.burst(0);  // it has begun to sleep
    const auto frames = some_frames(100);
    Sender("mgtap0").send(frames);
    EXPECT_TRUE(take(rig, frames.size()) == frames);
  }
  EXPECT_EQ(if_nametoindex("mgtap0"), 0u) << "the interface was left behind";
}

TEST(NicDevices, BridgePassesOnTheLossOfALink) {
  NEEDS_NAMESPACE();
  ASSERT_EQ(run("ip link add mgv4 type veth peer name mgv5"), 0);
  ASSERT_EQ(run("ip link set mgv4 up && ip link set mgv5 up"), 0);
  {
    LiveSettings settings;
    settings.bridge = true;
    Rig rig({{"net_af_packet0,iface=mgv4"}, {"net_tap1,iface=mgtap1"}}, settings, true);
    EXPECT_NE(rig.live->describe()[0].find("cannot be passed on"), std::string::npos);
    EXPECT_EQ(rig.live->describe()[1].find("cannot be passed on"), std::string::npos);
    EXPECT_TRUE(rig.live->follow_links().empty());
    EXPECT_EQ(run("ip link set mgv5 down"), 0);
    ASSERT_TRUE(comes_true([&] { return rig.live->follow_links().size() == 1; }));
    EXPECT_FALSE(rig.live->stats(1).link_up);
    EXPECT_TRUE(rig.live->follow_links().empty());
    EXPECT_EQ(run("ip link set mgv5 up"), 0);
    ASSERT_TRUE(comes_true([&] { return rig.live->follow_links().size() == 1; }));
    EXPECT_TRUE(rig.live->stats(1).link_up);
  }
  run("ip link del mgv4");
}

// Into a ring, over memif from its server to its client, out of another ring.
TEST(NicDevices, MemifCarriesFramesUnchanged) {
  const std::string socket = "mailglass-test-" + std::to_string(getpid());
  RingPort in(1), out(1);
  LiveSettings settings;
  settings.bridge = true;
  Rig rig({{in.name()},
           {"net_memif0,role=server,socket=" + socket},
           {"net_memif1,role=client,socket=" + socket},
           {out.name()}},
          settings, true);
  EXPECT_TRUE(comes_true([&] { return rig.live->stats(1).link_up && rig.live->stats(2).link_up; }));
  rig.drain();  // the client offers its buffers
  const auto frames = some_frames(500);
  for (const std::string& frame : frames) ASSERT_TRUE(in.put(0, octets(frame)));
  rig.drain();
  EXPECT_TRUE(out.sent(0) == frames);
  EXPECT_EQ(rig.count(Count::bridged_tx_dropped), 0u);
}

TEST(NicDevices, MemifSaysThatASocketIsInUse) {
  const std::string name = "mailglass-used-" + std::to_string(getpid());
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  name.copy(address.sun_path + 1, name.size());
  const int fd = socket(AF_UNIX, SOCK_SEQPACKET, 0);
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
  ASSERT_EQ(bind(fd, reinterpret_cast<sockaddr*>(&address), length), 0);
  ASSERT_EQ(listen(fd, 1), 0);
  try {
    Rig rig({{"net_memif0,role=server,socket=" + name}}, {}, true);
    ADD_FAILURE() << "it opened";
  } catch (const EalError& error) {
    EXPECT_NE(std::string(error.what()).find("is in use by another process"), std::string::npos)
        << error.what();
  }
  close(fd);
  EXPECT_NO_THROW(Rig({{"net_memif0,role=server,socket=" + name}}, {}, true));
}

// What all workers see, until so many of our frames came, or patience is over.
std::multiset<std::string> take_all(Rig& rig, std::size_t n) {
  std::multiset<std::string> ours;
  const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(kPatienceMs);
  while (ours.size() < n && std::chrono::steady_clock::now() < until) {
    for (unsigned worker = 0; worker < rig.counters.size(); ++worker) {
      for (std::string& frame : rig.burst(worker)) {
        if (frame.substr(12, 2) == "\x88\xb5") ours.insert(std::move(frame));
      }
    }
  }
  return ours;
}

LiveSettings for_workers(unsigned workers) {
  LiveSettings settings;
  settings.workers = workers;
  return settings;
}

// Each kind of port at once, with as many queues as it has.
TEST(NicDevices, SeveralPortsOfSeveralQueues) {
  NEEDS_NAMESPACE();
  const Veth pair("mgv6", "mgv7");
  const std::string socket = "mailglass-many-" + std::to_string(getpid());
  RingPort rings(4);
  Rig rig({{"net_af_packet0,iface=mgv6,qpairs=4"},
           {"net_tap0,iface=mgtap2"},
           {rings.name()},
           {"net_memif0,role=server,socket=" + socket},
           {"net_memif1,role=client,socket=" + socket}},
          for_workers(test::kWorkers));
  const std::string lines = testing::PrintToString(rig.live->describe());
  EXPECT_NE(lines.find("driver net_af_packet, NUMA node 0, link up with 10000 Mb/s, 4 queues"),
            std::string::npos)
      << lines;
  EXPECT_NE(lines.find("driver net_tap, NUMA node 0, link up with 10000 Mb/s, 4 queues"),
            std::string::npos)
      << lines;
  const auto frames = some_frames(200);
  std::multiset<std::string> sent;
  Sender veth("mgv7"), tap("mgtap2");
  for (std::size_t i = 0; i < frames.size(); ++i) {
    const std::string& frame = frames[i];
    veth.send({frame});
    tap.send({frame});
    ASSERT_TRUE(rings.put(static_cast<unsigned>(i) % 4, octets(frame)));
    for (int port = 0; port < 3; ++port) sent.insert(frame);
  }
  EXPECT_TRUE(take_all(rig, sent.size()) == sent);
  for (std::size_t port = 0; port < 3; ++port) {
    const PortStats stats = rig.live->stats(port);
    EXPECT_EQ(stats.queue_frames.size(), test::kWorkers) << port;
    EXPECT_GE(std::accumulate(stats.queue_frames.begin(), stats.queue_frames.end(), 0u), 200u);
  }
}

// One queue for two workers, then a bridge; in each idle mode. The driver refuses to receive
// without a queue to send by, and keeps an interface's queue as long as the process lives.
TEST(NicDevices, AfXdpTakesAndBridges) {
  NEEDS_NAMESPACE();
  int made = 0;
  for (const Idle idle : {Idle::poll, Idle::adaptive, Idle::interrupt}) {
    for (const bool bridge : {false, true}) {
      const std::string x = "mgx" + std::to_string(made++);
      const Veth one(x + "a", x + "b"), other(x + "c", x + "d");
      LiveSettings settings = for_workers(bridge ? 1 : 2);
      settings.idle = idle;
      settings.bridge = bridge;
      std::vector<PortSettings> ports{{"net_af_xdp0,iface=" + x + "a"}};
      if (bridge) ports.push_back({"net_af_xdp1,iface=" + x + "c"});
      std::optional<Rig> rig;
      try {
        rig.emplace(ports, settings, true);
      } catch (const EalError& error) {
        if (made == 1) GTEST_SKIP() << "SKIPPED: " << error.what();
        throw;
      }
      const auto frames = some_frames(100);
      Sender(x + "b").send(frames);
      EXPECT_TRUE(take_all(*rig, frames.size()) ==
                  std::multiset<std::string>(frames.begin(), frames.end()));
      EXPECT_GE(rig->count(Count::bridged_forwarded), bridge ? frames.size() : 0);
    }
  }
}

TEST(NicDevices, NullBringsFramesForEver) {
  Rig rig({{"net_null0,size=64"}}, {}, true);
  for (int i = 0; i < 1000; ++i) ASSERT_EQ(rig.burst(0).size(), 64u);
  EXPECT_EQ(rig.live->stats(0).rx_frames, 64'000u);
  EXPECT_FALSE(rig.live->source(0).at_end());
}

}  // namespace
}  // namespace mailglass::nic
