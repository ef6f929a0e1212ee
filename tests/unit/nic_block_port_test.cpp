// SPDX-License-Identifier: BSD-3-Clause
// What is read in blocks is what comes through the driver: frames, times, and the sentence at the
// end, of whole captures and of broken ones.
#include "nic/block_port.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <random>

#include "nic/capture_port.h"
#include "nic_capture_builder.h"
#include "nic_dpdk.h"

namespace mailglass::nic {
namespace {

using test::Octets;
using test::Order;
using test::pcap;
using test::PcapOptions;
using test::write_file;

struct Read {
  std::vector<std::string> frames;
  std::vector<std::int64_t> times;
  std::string trouble;
};

template <Port P>
Read all_of(P& port, std::size_t burst) {
  Read read;
  std::vector<Frame> frames(burst);
  while (!port.at_end()) {
    const std::size_t n = port.burst(frames);
    for (std::size_t i = 0; i < n; ++i) {
      read.frames.emplace_back(as_text(frames[i].data));
      read.times.push_back(frames[i].time.us);
    }
    port.release();
  }
  read.trouble = port.trouble();
  return read;
}

class NicBlockPort : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = std::filesystem::temp_directory_path() / "nic-test-XXXXXX";
    folder_ = mkdtemp(pattern.data());
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  Read blocks(std::size_t burst = 64) const {
    CaptureFile capture = open_capture(file());
    EXPECT_TRUE(BlockPort::reads(capture));
    BlockPort port(std::move(capture));
    return all_of(port, burst);
  }
  Read driver() const {
    const std::atomic<bool> never{false};
    CapturePort port(*test::dpdk->pool, open_capture(file()), never);
    return all_of(port, 64);
  }
  void expect_equal(const std::string& content) {
    write_file(file(), content);
    const Read expected = driver();
    for (const std::size_t burst : {1u, 64u}) {
      const Read got = blocks(burst);
      EXPECT_TRUE(got.frames == expected.frames);
      EXPECT_EQ(got.times, expected.times);
      EXPECT_EQ(got.trouble, expected.trouble);
    }
  }
  std::string file() const { return folder_ / "x.pcap"; }

  std::filesystem::path folder_;
};

std::string pattern(std::size_t octets) {
  std::string frame(octets, '\0');
  for (std::size_t i = 0; i < octets; ++i) frame[i] = static_cast<char>(i * 7 + i / 251);
  return frame;
}

TEST_F(NicBlockPort, FormatsAndOrders) {
  for (const Order order : {Order::little, Order::big}) {
    for (const std::uint32_t magic : {test::kMicroseconds, test::kNanoseconds}) {
      for (const std::uint32_t minor : {3u, 4u}) {
        expect_equal(pcap({"one", "", "three"}, {order, magic, 1, minor}));
      }
    }
    Octets modified(order);  // Kuznetzov's
    modified.u32(0xa1b2cd34).u16(2).u16(4).u32(0).u32(0).u32(65535).u32(1);
    for (int i = 0; i < 3; ++i) modified.u32(7).u32(8).u32(4).u32(4).u32(0).u32(0).text("text");
    expect_equal(modified.str());
  }
}

// Records that end at, before and behind the end of a block, and longer ones than it.
TEST_F(NicBlockPort, RecordsAcrossBlocks) {
  std::vector<std::string> frames;
  for (std::size_t i = 0; i < 3000; ++i) frames.push_back(pattern(i % 1515));
  for (int i = 0; i < 20; ++i) frames.push_back(pattern(65549));
  frames.push_back("end");
  expect_equal(pcap(frames));
  for (std::size_t left = 0; left <= 20; ++left) {  // 256 KiB less a header and some octets
    expect_equal(pcap({pattern(67000), pattern(67000), pattern(67000),
                       pattern(262144 - 24 - 3 * 67016 - 16 - left), pattern(100), "end"}));
  }
}

// The driver cannot deliver more than kMaxDelivered octets, and cuts at the snapshot length of the
// file's header, though the file holds more.
TEST_F(NicBlockPort, DeliversWholeWhatTheDriverCuts) {
  const std::vector<std::string> frames = {"one", pattern(kMaxFrameOctets), "three"};
  write_file(file(), pcap(frames));
  EXPECT_EQ(blocks().frames, frames);
  EXPECT_EQ(blocks().trouble, "");
  std::string snapped = pcap({pattern(100), "two"});
  snapped.replace(16, 4, std::string("\x40\0\0\0", 4));
  write_file(file(), snapped);
  EXPECT_EQ(blocks().frames, (std::vector<std::string>{pattern(100), "two"}));
  EXPECT_EQ(driver().frames, (std::vector<std::string>{pattern(64), "two"}));
}

TEST_F(NicBlockPort, CutAnywhere) {
  const std::string whole = pcap({"one", "two", ""});
  for (std::size_t octets = 24; octets <= whole.size(); ++octets) {
    expect_equal(whole.substr(0, octets));
  }
  expect_equal(pcap({"one", pattern(1000)}).substr(0, 500));
  write_file(file(), whole.substr(0, 50));
  EXPECT_EQ(blocks().trouble, file() + ": ends inside frame 2 (octet 43)");
}

TEST_F(NicBlockPort, ALengthThatCannotBeEndsIt) {
  for (const std::uint32_t length : {262145u, 0x7fffffffu, 0xffffffffu, 262144u, 100000u}) {
    expect_equal(pcap({"one"}) +
                 Octets(Order::little).u32(1).u32(2).u32(length).u32(length).text("abc").str());
  }
}

TEST_F(NicBlockPort, TimesThatMakeNoSense) {
  for (const Order order : {Order::little, Order::big}) {
    for (const std::uint32_t magic : {test::kMicroseconds, test::kNanoseconds}) {
      std::string content = pcap({}, {order, magic});
      for (const std::uint32_t seconds : {0u, 1u, 0x7fffffffu, 0x80000000u, 0xffffffffu}) {
        // Greater fractions have a sign to libpcap 1.10.3, in this machine's order, and none to
        // 1.10.5.
        for (const std::uint32_t fraction : {0u, 999999u, 1000000u, 0x7fffffffu}) {
          // libpcap 1.10.3 takes seconds after 2038 for negative ones. CapturePort puts that right
          // where the sum is negative, and cannot tell where a fraction that makes no sense decides
          // it.
          if ((seconds > 0x7fffffff || seconds == 0) && fraction > 999999) continue;
          content += Octets(order).u32(seconds).u32(fraction).u32(1).u32(1).text("x").str();
        }
      }
      expect_equal(content);
    }
  }
}

TEST_F(NicBlockPort, GreatestFraction) {
  for (const Order order : {Order::little, Order::big}) {
    std::string content = pcap({}, {order, test::kMicroseconds});
    content += Octets(order).u32(1).u32(0xffffffffu).u32(1).u32(1).text("x").str();
    write_file(file(), content);
    EXPECT_EQ(blocks().times, std::vector<std::int64_t>{1000000 + 0xffffffffll});
  }
}

// Any octets behind a header: both stop at the same place, and say the same of it.
TEST_F(NicBlockPort, DamagedAnywhere) {
  std::mt19937 random(20261125);
  std::vector<std::string> frames;
  for (int i = 0; i < 40; ++i) frames.push_back(pattern(random() % 90));
  for (int round = 0; round < 150; ++round) {
    std::string content = pcap(frames);
    for (int i = 0; i < 3; ++i)
      content[24 + random() % (content.size() - 24)] = static_cast<char>(random() % 4);
    expect_equal(content);
  }
}

TEST_F(NicBlockPort, AFileThatShrinksOrGrowsMeanwhile) {
  const std::string whole = pcap(std::vector<std::string>(2000, pattern(1000)));
  write_file(file(), whole);
  std::vector<Frame> frames(64);
  BlockPort shrinks(open_capture(file()));
  EXPECT_EQ(shrinks.burst(frames), 64u);
  std::filesystem::resize_file(file(), 24 + 600 * 1016);
  const Read rest = all_of(shrinks, 64);
  EXPECT_EQ(rest.frames.size(), 600u - 64u);
  EXPECT_EQ(rest.trouble, file() + ": shrank to 609624 octets while it was read");

  write_file(file(), whole.substr(0, whole.size() - 500));
  BlockPort grows(open_capture(file()));
  EXPECT_EQ(grows.burst(frames), 64u);
  write_file(file(), whole);
  EXPECT_EQ(all_of(grows, 64).frames.size(), 2000u - 64u);
  EXPECT_EQ(grows.trouble(), "");
}

TEST_F(NicBlockPort, AFileThatBecameAnotherIsRefused) {
  write_file(file(), pcap({"one"}));
  CaptureFile capture = open_capture(file());
  std::filesystem::resize_file(file(), 10);
  EXPECT_THROW(BlockPort{std::move(capture)}, CaptureError);
}

}  // namespace
}  // namespace mailglass::nic
