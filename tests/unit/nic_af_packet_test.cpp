// SPDX-License-Identifier: BSD-3-Clause
// Ports over net_af_packet: what becomes of frames, links and interfaces below. They need root, and
// say SKIPPED without it.
#include <algorithm>

#include "nic_kernel.h"

namespace mailglass::nic {
namespace {

using tally::Count;
using namespace test;  // Veth, Sender, take, ...

LiveSettings bridge() {
  LiveSettings settings;
  settings.bridge = true;
  return settings;
}

// Ours, of a given length.
std::string frame_of(std::size_t octets) {
  std::string frame = some_frames(1)[0].substr(0, 14);
  while (frame.size() < octets) frame += static_cast<char>(frame.size() * 7);
  return frame;
}

TEST(NicAfPacket, SeesTheInterfacesLink) {
  NEEDS_NAMESPACE();
  ASSERT_EQ(run("ip link add mgv0 type veth peer name mgv1"), 0);
  ASSERT_EQ(run("ip link set mgv0 up && ip link set mgv1 up"), 0);
  {
    LiveSettings settings;
    settings.idle = Idle::interrupt;
    Rig rig({{"net_af_packet0,iface=mgv0"}}, settings, true);
    EXPECT_NE(rig.live->describe()[0].find("no receive interrupts"), std::string::npos);
    const auto frames = some_frames(100);
    Sender sender("mgv1");
    sender.send(frames);
    EXPECT_TRUE(take(rig, frames.size()) == frames);
    EXPECT_TRUE(rig.live->stats(0).link_up);
    EXPECT_EQ(run("ip link set mgv1 down"), 0);
    EXPECT_TRUE(comes_true([&] { return !rig.live->stats(0).link_up; }));
    EXPECT_EQ(run("ip link set mgv1 up"), 0);
    sender.send(frames);
    EXPECT_TRUE(take(rig, frames.size()) == frames);
    EXPECT_EQ(run("ip link del mgv0"), 0);  // an interface that goes is no end of the worker
    for (int i = 0; i < 1000; ++i) rig.burst(0);
    EXPECT_TRUE(comes_true([&] { return !rig.live->stats(0).link_up; }));
    EXPECT_EQ(run("ip link add mgv0 type veth peer name mgv1"), 0);  // another one of that name
    EXPECT_EQ(run("ip link set mgv0 up && ip link set mgv1 up"), 0);
    for (int i = 0; i < 100; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
      EXPECT_FALSE(rig.live->stats(0).link_up);
    }
  }
  run("ip link del mgv0");
}

TEST(NicAfPacket, KeepsVlanTags) {
  NEEDS_NAMESPACE();
  ASSERT_EQ(run("ip link add mgv2 type veth peer name mgv3"), 0);
  ASSERT_EQ(run("ip link set mgv2 up && ip link set mgv3 up"), 0);
  {
    Rig rig({{"net_af_packet0,iface=mgv2"}}, {}, true);
    std::string tagged = some_frames(1)[0];
    tagged.insert(12, std::string("\x81\x00\x00\x07", 4));
    Sender("mgv3").send({tagged});
    std::vector<std::string> seen;
    for (int i = 0; i < 100000 && seen.empty(); ++i) {
      for (std::string& frame : rig.burst(0)) {
        if (frame.find("\x88\xb5") != std::string::npos) seen.push_back(std::move(frame));
      }
    }
    EXPECT_TRUE(seen == std::vector{tagged});
  }
  run("ip link del mgv2");
}

// What comes to the far end of the second pair when this is sent into the far end of the first one.
struct Wire {
  Wire(const std::string& name, unsigned mtu, unsigned other_mtu, const std::string& more = {})
      : one(name + "a", name + "b"), other(name + "c", name + "d"), sender(name + "b") {
    for (const char* end : {"a", "b"}) set_mtu(name + end, mtu);
    for (const char* end : {"c", "d"}) set_mtu(name + end, other_mtu);
    receiver.emplace(name + "d");
    rig.emplace(std::vector<PortSettings>{{"net_af_packet0,iface=" + name + "a" + more},
                                          {"net_af_packet1,iface=" + name + "c"}},
                bridge(), true);
  }
  static void set_mtu(const std::string& interface, unsigned mtu) {
    EXPECT_EQ(run("ip link set " + interface + " mtu " + std::to_string(mtu)), 0);
  }
  std::vector<std::string> pass(const std::vector<std::string>& frames) {
    sender.send(frames);
    take(*rig, frames.size());
    return receiver->take();
  }
  Veth one, other;
  Sender sender;
  std::optional<Receiver> receiver;
  std::optional<Rig> rig;
};

TEST(NicAfPacket, BridgesJumboFramesWhole) {
  NEEDS_NAMESPACE();
  Wire wire("mgj", 9000, 9000);
  const std::vector<std::string> frames = {frame_of(60), frame_of(1982), frame_of(1983),
                                           frame_of(9014)};
  EXPECT_TRUE(wire.pass(frames) == frames);
  EXPECT_EQ(wire.rig->count(Count::bridged_too_long), 0u);
  const std::string line = wire.rig->live->describe()[0];
  EXPECT_EQ(line.find("MTU"), std::string::npos) << line;
}

TEST(NicAfPacket, SendsNothingThatTheOtherMtuForbids) {
  NEEDS_NAMESPACE();
  Wire wire("mgm", 9000, 1500);
  std::string tagged = frame_of(1514);
  tagged.insert(12, std::string("\x81\x00\x00\x07", 4));
  const std::vector<std::string> frames = {frame_of(1515), frame_of(1514), tagged, frame_of(3000),
                                           frame_of(200)};
  // The receiver's kernel takes the tag off.
  EXPECT_TRUE(wire.pass(frames) == (std::vector{frames[1], frames[1], frames[4]}));
  EXPECT_EQ(wire.rig->count(Count::bridged_too_long), 2u);
  EXPECT_EQ(wire.rig->live->stats(1).tx_errors, 0u);
  const std::string line = wire.rig->live->describe()[0];
  EXPECT_NE(line.find("its MTU is 9000, its peer's 1500: longer frames will be lost"), line.npos)
      << line;
  Wire::set_mtu("mgmc", 9000);
  Wire::set_mtu("mgmd", 9000);
  wire.rig->live->follow_links();
  EXPECT_TRUE(wire.pass({frames[3]}).empty()) << "slots stay as they were made";
  EXPECT_EQ(wire.rig->count(Count::bridged_too_long), 3u);
  EXPECT_TRUE(wire.pass({frames[0]}) == std::vector{frames[0]}) << "an MTU changed on the way";
}

// As where the kernel joins frames (GRO), or an operator chose the slots.
TEST(NicAfPacket, SendsNoStumps) {
  NEEDS_NAMESPACE();
  Wire wire("mgs", 9000, 9000, ",framesz=2048");
  const std::vector<std::string> frames = {frame_of(1983), frame_of(1981), frame_of(5000)};
  EXPECT_TRUE(wire.pass(frames) == std::vector{frames[1]});
  EXPECT_EQ(wire.rig->count(Count::bridged_too_long), 2u);
  const std::string line = wire.rig->live->describe()[0];
  EXPECT_NE(line.find("frames above 1981 octets arrive cut, and its MTU is 9000"), line.npos)
      << line;
}

TEST(NicAfPacket, SaysWhatTheKernelLost) {
  NEEDS_NAMESPACE();
  const Veth pair("mgl0", "mgl1");
  PortSettings port{"net_af_packet0,iface=mgl0"};
  port.descriptors = 511;  // made even
  Rig rig({port}, {}, true);
  const std::vector<std::string> frames(600, frame_of(100));
  Sender("mgl1").send(frames);
  const std::uint64_t missed = rig.live->stats(0).missed;
  EXPECT_GE(missed, 88u);
  EXPECT_LT(missed, 120u) << "beside ours the kernel may have sent some";
  EXPECT_EQ(rig.live->stats(0).missed, missed) << "said once";
  EXPECT_GE(take(rig, 600 - missed).size() + missed, 600u);
}

TEST(NicAfPacket, ALinkThatCameBackLosesNothing) {
  NEEDS_NAMESPACE();
  Wire wire("mgk", 1500, 1500);
  const auto frames = some_frames(10);
  EXPECT_TRUE(wire.pass(frames) == frames);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(run("ip link set mgkc down"), 0);
    EXPECT_TRUE(comes_true([&] {
      wire.rig->live->follow_links();
      return !wire.rig->live->stats(1).link_up;
    }));
    EXPECT_EQ(run("ip link set mgkc up"), 0);
    EXPECT_TRUE(comes_true([&] {
      wire.rig->live->follow_links();
      return wire.rig->live->stats(1).link_up;
    }));
    EXPECT_TRUE(wire.pass(frames) == frames) << i;
  }
  EXPECT_EQ(wire.rig->live->stats(1).tx_errors, 0u);
}

TEST(NicAfPacket, AnInterfaceThatWasAwayIsGone) {
  NEEDS_NAMESPACE();
  const Veth pair("mgg0", "mgg1");
  Rig rig({{"net_af_packet0,iface=mgg0"}}, {}, true);
  EXPECT_FALSE(rig.live->stats(0).gone);
  const std::string here = std::to_string(getpid());
  ASSERT_EQ(run("unshare --net sleep 20 & there=$!; sleep 0.3; ip link set mgg0 netns $there && "
                "nsenter --net=/proc/$there/ns/net ip link set mgg0 netns " +
                here + " && ip link set mgg0 up; done=$?; kill $there; exit $done"),
            0);
  EXPECT_TRUE(comes_true([&] { return run("ip link show mgg0 up") == 0; }));
  EXPECT_TRUE(rig.live->stats(0).gone) << "under its old number, for the driver's socket is not";
  EXPECT_FALSE(rig.live->stats(0).link_up);
}

TEST(NicAfPacket, AnInterfaceMayGetAnotherName) {
  NEEDS_NAMESPACE();
  ASSERT_EQ(run("ip link add mgn0 type veth peer name mgn1 && ip link set mgn0 up && "
                "ip link set mgn1 up"),
            0);
  {
    Rig rig({{"net_af_packet0,iface=mgn0"}}, {}, true);
    EXPECT_EQ(run("ip link set mgn0 down && ip link set mgn0 name mgn2 && ip link set mgn2 up"), 0);
    EXPECT_TRUE(comes_true([&] { return rig.live->stats(0).link_up; }));
    const auto frames = some_frames(10);
    Sender("mgn1").send(frames);
    EXPECT_TRUE(take(rig, frames.size()) == frames);
    EXPECT_FALSE(rig.live->stats(0).gone);
  }
  run("ip link del mgn1");
}

}  // namespace
}  // namespace mailglass::nic
