// SPDX-License-Identifier: BSD-3-Clause
// Interfaces of the kernel, in the network namespace of the test's own process, and frames for
// them.
#pragma once

#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <random>
#include <thread>

#include "nic_live_rig.h"

namespace mailglass::nic::test {

constexpr int kPatienceMs = 5000;

#define NEEDS_NAMESPACE()                          \
  if (!::mailglass::nic::test::dpdk().own_network) \
  GTEST_SKIP() << "SKIPPED: needs root and a network namespace"

inline Bytes octets(const std::string& text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

// An EtherType of ours, so that nothing else on the interface is taken for it.
inline std::vector<std::string> some_frames(int n) {
  std::mt19937 random(1);
  std::vector<std::string> frames;
  for (int i = 0; i < n; ++i) {
    std::string frame(100 + random() % 1300, '\0');
    for (char& c : frame) c = static_cast<char>(random());
    frame.replace(0, 14, std::string("\x02\0\0\0\0\x01\x02\0\0\0\0\x02\x88\xb5", 14));
    frames.push_back(std::move(frame));
  }
  return frames;
}

inline int run(const std::string& command) {
  return std::system((command + " >/dev/null 2>&1").c_str());
}

// A socket that sends frames out of an interface.
class Sender {
 public:
  explicit Sender(const std::string& interface) : fd_(socket(AF_PACKET, SOCK_RAW, 0)) {
    sockaddr_ll address{};
    address.sll_family = AF_PACKET;
    address.sll_ifindex = static_cast<int>(if_nametoindex(interface.c_str()));
    EXPECT_EQ(bind(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  }
  ~Sender() { close(fd_); }
  void send(const std::vector<std::string>& frames) {
    for (const std::string& frame : frames) {
      EXPECT_EQ(::send(fd_, frame.data(), frame.size(), 0), static_cast<ssize_t>(frame.size()));
    }
  }

 private:
  int fd_;
};

// A socket that takes what comes to an interface from its far end; ours alone.
class Receiver {
 public:
  explicit Receiver(const std::string& interface)
      : fd_(socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK, htons(ETH_P_ALL))) {
    sockaddr_ll address{};
    address.sll_family = AF_PACKET;
    address.sll_protocol = htons(ETH_P_ALL);
    address.sll_ifindex = static_cast<int>(if_nametoindex(interface.c_str()));
    EXPECT_EQ(bind(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  }
  ~Receiver() { close(fd_); }
  std::vector<std::string> take() {
    std::vector<std::string> frames;
    std::string frame(65536, '\0');
    sockaddr_ll from{};
    socklen_t size = sizeof from;
    for (ssize_t n = 0; (n = recvfrom(fd_, frame.data(), frame.size(), 0,
                                      reinterpret_cast<sockaddr*>(&from), &size)) >= 0;) {
      const std::string one = frame.substr(0, static_cast<std::size_t>(n));
      if (from.sll_pkttype == PACKET_OUTGOING || one.find("\x88\xb5") == one.npos) continue;
      frames.push_back(one);
    }
    return frames;
  }

 private:
  int fd_;
};

// Two interfaces that are each other's far ends; both go at the end.
class Veth {
 public:
  Veth(std::string near, const std::string& far) : near_(std::move(near)) {
    EXPECT_EQ(run("ip link add " + near_ + " type veth peer name " + far), 0);
    EXPECT_EQ(run("ip link set " + near_ + " up && ip link set " + far + " up"), 0);
  }
  ~Veth() { run("ip link del " + near_); }
  Veth(const Veth&) = delete;
  Veth& operator=(const Veth&) = delete;

 private:
  std::string near_;
};

// Whether it came true before patience was over. The kernel tells of a carrier some time after it
// went or came.
template <typename Condition>
bool comes_true(Condition&& condition) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(kPatienceMs);
  while (!condition()) {
    if (std::chrono::steady_clock::now() >= until) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

// Until so many of our frames came, or patience is over.
inline std::vector<std::string> take(Rig& rig, std::size_t n) {
  std::vector<std::string> ours;
  const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(kPatienceMs);
  while (ours.size() < n && std::chrono::steady_clock::now() < until) {
    for (std::string& frame : rig.burst(0)) {
      if (frame.substr(0, 18).find("\x88\xb5") != frame.npos) ours.push_back(std::move(frame));
    }
  }
  return ours;
}

}  // namespace mailglass::nic::test
