// SPDX-License-Identifier: BSD-3-Clause
// Captures through the real driver.
#include "nic/capture_port.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <thread>

#include "nic_capture_builder.h"
#include "nic_dpdk.h"

namespace mailglass::nic {
namespace {

using test::dpdk;
using test::pcap;
using test::Pcapng;
using test::write_file;

class NicCapturePort : public testing::Test {
 protected:
  struct Read {
    std::vector<std::string> frames;
    std::vector<std::int64_t> times;
    std::string trouble;
    wire::LinkType link{};
  };

  Read read(const std::string& path, std::size_t burst = 64) {
    CapturePort port(*dpdk->pool, open_capture(path), stop_);
    Read read;
    read.link = port.link();
    std::vector<Frame> frames(burst);
    while (!port.at_end()) {
      const std::size_t n = port.burst(frames);
      EXPECT_LE(n, burst);
      for (std::size_t i = 0; i < n; ++i) {
        read.frames.emplace_back(as_text(frames[i].data));
        read.times.push_back(frames[i].time.us);
      }
      port.release();
    }
    read.trouble = port.trouble();
    return read;
  }

  std::string path(const std::string& name) const { return folder_ / name; }

  void SetUp() override {
    std::string pattern = std::filesystem::temp_directory_path() / "nic-test-XXXXXX";
    folder_ = mkdtemp(pattern.data());
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path folder_;
  std::atomic<bool> stop_{false};
};

std::string pattern(std::size_t octets) {
  std::string frame(octets, '\0');
  for (std::size_t i = 0; i < octets; ++i) frame[i] = static_cast<char>(i * 7 + i / 251);
  return frame;
}

std::vector<std::string> frames_of_all_sizes() {
  std::vector<std::string> frames;
  for (const std::size_t size :
       {0u, 1u, 60u, 2047u, 2048u, 2049u, 4096u, 9018u, 65535u, 65536u, 65549u}) {
    frames.push_back(pattern(size));
  }
  // More long frames than one burst holds: the buffers must suffice and come back.
  for (int i = 0; i < 150; ++i) frames.push_back(pattern(65549));
  return frames;
}

TEST_F(NicCapturePort, FramesOfAllSizesArriveWholeInAnyBurst) {
  const auto frames = frames_of_all_sizes();
  const std::string file = write_file(path("sizes.pcap"), pcap(frames));
  for (const std::size_t burst : {1u, 7u, 64u}) {
    const Read got = read(file, burst);
    ASSERT_EQ(got.frames.size(), frames.size());
    for (std::size_t i = 0; i < frames.size(); ++i) EXPECT_TRUE(got.frames[i] == frames[i]) << i;
    EXPECT_EQ(got.trouble, "");
  }
}

TEST_F(NicCapturePort, TimesAreMicrosecondsWhateverTheFileHolds) {
  const std::vector<std::string> frames(3, "frame");
  const Read micro = read(write_file(path("us.pcap"), pcap(frames)));
  EXPECT_EQ(micro.times, (std::vector<std::int64_t>{1000000000, 1000000001, 1000000002}));
  const Read nano = read(write_file(path("ns.pcap"), pcap(std::vector<std::string>(1500, "frame"),
                                                          {test::Order::big, test::kNanoseconds})));
  EXPECT_EQ(nano.times.front(), 1000000000);
  EXPECT_EQ(nano.times.back(), 1000000001);  // 1499 ns
}

TEST_F(NicCapturePort, PcapngThroughTheDriver) {
  Pcapng capture;
  capture.interface(113).frame("one").block(5, "statistics");
  capture.section().interface(113).frame("two").simple("three", 5);
  const Read got = read(write_file(path("x.pcapng"), capture.str()));
  EXPECT_EQ(got.frames, (std::vector<std::string>{"one", "two", "three"}));
  EXPECT_EQ(got.link, wire::LinkType::kLinuxSll);
  EXPECT_EQ(got.trouble, "");
}

// libpcap by itself stops at the second interface, and loses frames longer than the first says.
TEST_F(NicCapturePort, SnapshotLengthsMayDiffer) {
  Pcapng capture;
  capture.interface(1, 8).frame("short").interface(1, 96).frame(pattern(90), 1).frame("end");
  const Read got = read(write_file(path("uneven.pcapng"), capture.str()), 1);
  EXPECT_EQ(got.frames, (std::vector<std::string>{"short", pattern(90), "end"}));
  EXPECT_EQ(got.trouble, "");
}

TEST_F(NicCapturePort, NamesWithCommasAndBlanksAreNames) {
  const Read got = read(write_file(path("a b,rx_pcap=c.pcap"), pcap({"frame"})));
  EXPECT_EQ(got.frames.size(), 1u);
}

TEST_F(NicCapturePort, AnEmptyCaptureIsWhole) {
  const Read got = read(write_file(path("none.pcap"), pcap({})));
  EXPECT_EQ(got.frames.size(), 0u);
  EXPECT_EQ(got.trouble, "");
}

TEST_F(NicCapturePort, WhatStandsBeforeACutIsReadAndTheCutIsNamed) {
  const std::string file = path("cut.pcap");
  write_file(file, pcap({"one", "two", "three"}).substr(0, 24 + 2 * 19 + 18));
  const Read got = read(file, 1);
  EXPECT_EQ(got.frames, (std::vector<std::string>{"one", "two"}));
  EXPECT_EQ(got.trouble, file + ": ends inside frame 3 (octet 62)");
  const std::string cut = path("cut.pcapng");
  const std::string whole = Pcapng().interface(1).frame("one").frame("two").str();
  write_file(cut, whole.substr(0, whole.size() - 1));
  EXPECT_EQ(read(cut).frames.size(), 1u);
  EXPECT_TRUE(read(cut).trouble.starts_with(cut + ": ends inside frame 2"));
}

TEST_F(NicCapturePort, RefusesBeforeReading) {
  const auto refusal = [](const std::string& name) -> std::string {
    try {
      (void)open_capture(name);
    } catch (const CaptureError& error) {
      return error.what();
    }
    return "";
  };
  const std::string none = path("none"), empty = write_file(path("empty"), "");
  EXPECT_EQ(refusal(none), none + ": No such file or directory");
  EXPECT_EQ(refusal(empty), empty + ": is empty");
  EXPECT_EQ(refusal(folder_), folder_.string() + ": is a directory, not a capture");
  const std::string zipped = write_file(path("c.gz"), "\x1f\x8b\x08");
  EXPECT_EQ(refusal(zipped),
            zipped + ": is compressed with gzip: use `zcat " + zipped + " | mailglass read -`");
  const std::string mixed = path("mixed");
  write_file(mixed, Pcapng().interface(1).frame("a").interface(0).str());
  EXPECT_TRUE(refusal(mixed).starts_with(mixed + ": mixes LINKTYPE_ETHERNET (1)"));
}

// ---- streams ------------------------------------------------------------------------------------

class NicCaptureStream : public NicCapturePort {
 protected:
  void SetUp() override {
    NicCapturePort::SetUp();
    fifo_ = path("fifo");
    ASSERT_EQ(mkfifo(fifo_.c_str(), 0600), 0);
  }
  // Writes in pieces, from a thread of its own, then closes.
  std::thread writer(const std::string& content, std::size_t piece) {
    return std::thread([this, content, piece] {
      const int fd = open(fifo_.c_str(), O_WRONLY | O_CLOEXEC);
      for (std::size_t at = 0; at < content.size(); at += piece) {
        const std::string_view part = std::string_view(content).substr(at, piece);
        if (write(fd, part.data(), part.size()) != static_cast<ssize_t>(part.size())) break;
      }
      close(fd);
    });
  }
  std::string fifo_;
};

TEST_F(NicCaptureStream, ArrivesAsAFileDoes) {
  const auto frames = frames_of_all_sizes();
  for (const std::size_t piece : {4093u, 1u << 20}) {
    std::thread sender = writer(pcap(frames), piece);
    const Read got = read(fifo_, 64);
    sender.join();
    EXPECT_TRUE(got.frames == frames);
    EXPECT_EQ(got.trouble, "");
  }
}

TEST_F(NicCaptureStream, UnevenPcapngInSmallPieces) {
  Pcapng capture;
  capture.interface(1, 8).frame("short").interface(1, 96).frame(pattern(90), 1).simple("1234", 4);
  for (std::size_t piece = 1; piece < 40; piece += 3) {
    std::thread sender = writer(capture.str(), piece);
    const Read got = read(fifo_, 3);
    sender.join();
    EXPECT_EQ(got.frames, (std::vector<std::string>{"short", pattern(90), "1234"}));
    EXPECT_EQ(got.trouble, "");
  }
}

TEST_F(NicCaptureStream, ACutIsNamed) {
  std::thread sender = writer(pcap({"one", "two"}).substr(0, 60), 7);
  const Read got = read(fifo_);
  sender.join();
  EXPECT_EQ(got.frames, (std::vector<std::string>{"one"}));
  EXPECT_EQ(got.trouble, fifo_ + ": ends inside frame 2 (octet 43)");
}

TEST_F(NicCaptureStream, NotACaptureIsRefused) {
  std::thread sender = writer("this is text", 12);
  EXPECT_THROW(read(fifo_), CaptureError);
  sender.join();
}

// Frames come as they are sent: a burst never waits for the ones behind.
TEST_F(NicCaptureStream, FramesAreNotHeldBackForABurst) {
  std::atomic<bool> seen{false};
  std::thread sender([&] {
    const int fd = open(fifo_.c_str(), O_WRONLY | O_CLOEXEC);
    const std::string first = pcap({"one"});
    EXPECT_EQ(write(fd, first.data(), first.size()), static_cast<ssize_t>(first.size()));
    seen.wait(false);  // for ever, if the burst waited for more
    close(fd);
  });
  CapturePort port(*dpdk->pool, open_capture(fifo_), stop_);
  std::vector<Frame> frames(64);
  EXPECT_EQ(port.burst(frames), 1u);
  port.release();
  seen = true;
  seen.notify_all();
  EXPECT_EQ(port.burst(frames), 0u);
  EXPECT_TRUE(port.at_end());
  sender.join();
}

TEST_F(NicCaptureStream, AStopEndsAStreamThatIsSilent) {
  std::atomic<bool> done{false};
  std::thread sender([&] {
    const int fd = open(fifo_.c_str(), O_WRONLY | O_CLOEXEC);
    const std::string first = pcap({"one"});
    EXPECT_EQ(write(fd, first.data(), first.size()), static_cast<ssize_t>(first.size()));
    done.wait(false);
    close(fd);
  });
  {
    CapturePort port(*dpdk->pool, open_capture(fifo_), stop_);
    std::vector<Frame> frames(64);
    EXPECT_EQ(port.burst(frames), 1u);
    port.release();
    std::thread stopper([&] { stop_ = true; });
    EXPECT_EQ(port.burst(frames), 0u);
    stopper.join();
  }
  done = true;
  done.notify_all();
  sender.join();
}

TEST(NicEal, CarriesAnExceptionFromTheWorker) {
  dpdk->eal->launch([] { throw std::runtime_error("thrown on the worker"); });
  EXPECT_THROW(dpdk->eal->join(), std::runtime_error);
  bool ran = false;
  dpdk->eal->launch([&] { ran = true; });
  dpdk->eal->join();
  EXPECT_TRUE(ran);
}

}  // namespace
}  // namespace mailglass::nic
