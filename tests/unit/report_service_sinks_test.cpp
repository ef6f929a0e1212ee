// SPDX-License-Identifier: BSD-3-Clause
// Sinks as a service uses them: what comes and goes costs lines by count, and never waits.
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "report/line_sink.h"
#include "report/socket_sink.h"

namespace mailglass::report {
namespace {

class ServiceSinks : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = std::filesystem::temp_directory_path() / "sinks-test-XXXXXX";
    folder_ = mkdtemp(pattern.data());
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::string path(const char* name) const { return folder_ / name; }
  std::string text(const char* name) const {
    std::ostringstream all;
    all << std::ifstream(path(name)).rdbuf();
    return all.str();
  }

  std::filesystem::path folder_;
};

// ---- files --------------------------------------------------------------------------------------

TEST_F(ServiceSinks, AFileIsContinuedAlsoBehindHalfALine) {
  std::ofstream(path("eve")) << "old\nhalf";
  LineSink sink = LineSink::append(path("eve"));
  sink.write("new");
  sink.flush();
  EXPECT_EQ(text("eve"), "old\nhalf\nnew\n");
  EXPECT_EQ(sink.written(), 1u);
}

TEST_F(ServiceSinks, ReopeningLosesNothingAndMixesNothing) {
  LineSink sink = LineSink::append(path("eve"));
  sink.write("one");
  std::filesystem::rename(path("eve"), path("eve.1"));
  sink.write("two");
  ASSERT_TRUE(sink.reopen(path("eve")));
  sink.write("three");
  sink.flush();
  EXPECT_EQ(text("eve.1"), "one\ntwo\n");
  EXPECT_EQ(text("eve"), "three\n");
  EXPECT_FALSE(sink.reopen(path("no/such/folder")));
  sink.write("four");
  sink.flush();
  EXPECT_EQ(text("eve"), "three\nfour\n");
  EXPECT_EQ(sink.written(), 4u);
}

TEST_F(ServiceSinks, AFifoWithoutReaderDropsByCountAndGoesOn) {
  ASSERT_EQ(mkfifo(path("fifo").c_str(), 0600), 0);
  LineSink sink = LineSink::append(path("fifo"));
  const std::string line(1023, 'x');
  constexpr std::uint64_t kLines = 1024;  // more than a pipe holds
  const auto start = std::chrono::steady_clock::now();
  for (std::uint64_t i = 0; i < kLines; ++i) sink.write(line);
  sink.flush();
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
  EXPECT_EQ(sink.written() + sink.dropped(), kLines);
  EXPECT_GT(sink.dropped(), 0u);
  EXPECT_EQ(sink.trouble(), path("fifo") + ": its reader is too slow");

  std::ifstream reader(path("fifo"));
  std::string got;
  const std::uint64_t whole = sink.written();
  for (std::uint64_t i = 0; i < whole; ++i) std::getline(reader, got);
  sink.write("later");
  sink.flush();
  EXPECT_EQ(sink.trouble(), "");
  do std::getline(reader, got);  // perhaps behind a torn line
  while (got != "later" && reader);
  EXPECT_EQ(got, "later");
}

TEST_F(ServiceSinks, TroubleEndsWhenWritingWorks) {
  std::filesystem::create_symlink("/dev/full", path("eve"));
  LineSink sink = LineSink::append(path("eve"));
  sink.write("lost");
  sink.flush();
  EXPECT_EQ(sink.trouble(), path("eve") + ": No space left on device");
  std::filesystem::remove(path("eve"));
  ASSERT_TRUE(sink.reopen(path("eve")));
  sink.write("kept");
  sink.flush();
  EXPECT_EQ(sink.trouble(), "");
  EXPECT_EQ(sink.failure(), path("eve") + ": No space left on device");
  EXPECT_EQ(sink.written(), 1u);
  EXPECT_EQ(sink.dropped(), 1u);
}

// ---- sockets ------------------------------------------------------------------------------------

class Listener {
 public:
  Listener(const std::string& path, int type) : type_(type) {
    fd_ = socket(AF_UNIX, type, 0);
    sockaddr_un here{};
    here.sun_family = AF_UNIX;
    path.copy(here.sun_path, sizeof here.sun_path - 1);
    unlink(path.c_str());
    EXPECT_EQ(bind(fd_, reinterpret_cast<sockaddr*>(&here), sizeof here), 0);
    if (type == SOCK_STREAM) {
      EXPECT_EQ(listen(fd_, 1), 0);
    }
  }
  ~Listener() {
    if (peer_ >= 0) close(peer_);
    close(fd_);
  }
  std::string take(std::size_t most = 1 << 20) {
    if (type_ == SOCK_STREAM && peer_ < 0) peer_ = accept(fd_, nullptr, nullptr);
    std::string text(most, '\0');
    const ssize_t n = recv(type_ == SOCK_STREAM ? peer_ : fd_, text.data(), most, MSG_DONTWAIT);
    text.resize(n < 0 ? 0 : static_cast<std::size_t>(n));
    return text;
  }

 private:
  int type_, fd_ = -1, peer_ = -1;
};

TEST_F(ServiceSinks, AStreamGetsEveryLineAndADatagramOneEach) {
  Listener stream(path("s"), SOCK_STREAM), datagrams(path("d"), SOCK_DGRAM);
  SocketSink to_stream(path("s"), SocketSink::Type::stream);
  SocketSink to_datagrams(path("d"), SocketSink::Type::datagram);
  for (SocketSink* sink : {&to_stream, &to_datagrams}) {
    sink->write("one");
    sink->write("two");
    sink->flush();
    EXPECT_EQ(sink->written(), 2u);
    EXPECT_EQ(sink->trouble(), "");
  }
  EXPECT_EQ(stream.take(), "one\ntwo\n");
  EXPECT_EQ(datagrams.take(), "one");
  EXPECT_EQ(datagrams.take(), "two");
}

TEST_F(ServiceSinks, WhoListensLaterGetsWhatWaited) {
  SocketSink sink(path("s"), SocketSink::Type::stream);
  sink.write("early");
  sink.flush();
  EXPECT_EQ(sink.written(), 0u);
  EXPECT_EQ(sink.trouble(), path("s") + ": No such file or directory");
  Listener listener(path("s"), SOCK_STREAM);
  sink.retarget(path("s"), SocketSink::Type::datagram);  // not the same: tries at once
  sink.retarget(path("s"), SocketSink::Type::stream);
  sink.flush();
  EXPECT_EQ(listener.take(), "early\n");
  EXPECT_EQ(sink.trouble(), "");
  EXPECT_EQ(sink.written(), 1u);
}

TEST_F(ServiceSinks, ASlowListenerLosesByCountAndNobodyWaits) {
  Listener listener(path("s"), SOCK_STREAM);
  SocketSink sink(path("s"), SocketSink::Type::stream);
  const std::string line(1023, 'x');
  constexpr std::uint64_t kLines = 8192;
  for (std::uint64_t i = 0; i < kLines; ++i) sink.write(line);
  sink.flush();
  EXPECT_GT(sink.dropped(), 0u);
  EXPECT_EQ(sink.trouble(), path("s") + ": its listener is too slow");
  sink.give_up();
  EXPECT_EQ(sink.written() + sink.dropped(), kLines);
  // Lines are whole: none is mixed with another.
  std::string all;
  for (std::string some = listener.take(); !some.empty(); some = listener.take()) all += some;
  EXPECT_GE(all.size(), sink.written() * 1024);
  for (std::size_t i = 1023; i < all.size(); i += 1024) ASSERT_EQ(all[i], '\n') << i;
}

TEST_F(ServiceSinks, ALineHalfSentWhenTheListenerWentIsSentAnew) {
  auto first = std::make_unique<Listener>(path("s"), SOCK_STREAM);
  SocketSink sink(path("s"), SocketSink::Type::stream);
  const std::string line(700 * 1024, 'x');  // more than the socket takes at once
  sink.write(line);
  sink.flush();
  ASSERT_EQ(sink.written(), 0u);
  EXPECT_FALSE(first->take(1000).empty());
  first.reset();
  sink.flush();
  EXPECT_NE(sink.trouble(), "");
  Listener second(path("s"), SOCK_STREAM);
  std::this_thread::sleep_for(std::chrono::milliseconds(1100));  // it does not try at once
  std::string all;
  for (int i = 0; i < 1000 && all.size() <= line.size(); ++i) {
    sink.flush();
    all += second.take();
  }
  EXPECT_EQ(all, line + '\n');
  EXPECT_EQ(sink.written(), 1u);
}

TEST_F(ServiceSinks, ADatagramThatNobodyCanTakeIsDroppedAndTheNextGoes) {
  Listener listener(path("d"), SOCK_DGRAM);
  SocketSink sink(path("d"), SocketSink::Type::datagram);
  sink.write(std::string(1000 * 1024, 'x'));
  sink.write("small");
  sink.flush();
  EXPECT_EQ(listener.take(), "small");
  EXPECT_EQ(sink.written(), 1u);
  EXPECT_EQ(sink.dropped(), 1u);
}

}  // namespace
}  // namespace mailglass::report
