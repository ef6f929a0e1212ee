// SPDX-License-Identifier: BSD-3-Clause
#include "nic/feeder.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace mailglass::nic {
namespace {

constexpr std::size_t kPiece = 64 * 1024;
constexpr std::size_t kMostBeforeLink = 4 << 20;  // comments and name tables of a pcapng section
constexpr int kLookAtStopMs = 100;

}  // namespace

Feeder::Feeder(const CaptureFile& source, const std::atomic<bool>& stop)
    : source_(source), stop_(stop), piece_(kPiece) {
  while (!walker_.link() && walker_.fault().empty() && start_.size() < kMostBeforeLink) {
    const std::span<std::uint8_t> octets = read_some();
    if (octets.empty()) {
      walker_.end();
      break;
    }
    const Bytes whole = walk_over(octets);
    start_.insert(start_.end(), whole.begin(), whole.end());
    keep_behind(whole);
  }
  if (!walker_.link() || walker_.refused()) {
    throw CaptureError(source_.name + ": " +
                       (read_error_ != 0          ? std::strerror(read_error_)
                        : stop_                   ? "interrupted before its first frame"
                        : walker_.fault().empty() ? "describes no interface in its first 4 MiB"
                                                  : walker_.fault()));
  }
  link_ = *walker_.link();

  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) {
    throw CaptureError(source_.name + ": no pipe to read it through: " + std::strerror(errno));
  }
  reader_ = Descriptor(ends[0]);
  writer_ = Descriptor(ends[1]);
  fcntl(writer_.get(), F_SETFL, O_NONBLOCK);    // the driver opens a reading end of its own
  fcntl(writer_.get(), F_SETPIPE_SZ, 1 << 20);  // fewer turns between the threads; 64 KiB will do
  thread_ = std::thread(&Feeder::copy, this);
}

Feeder::~Feeder() {
  reader_.close();
  thread_.join();
}

// Empty: the end, an error, or a stop.
std::span<std::uint8_t> Feeder::read_some() {
  const std::span<std::uint8_t> room = std::span(piece_).subspan(kept_);
  for (;;) {
    pollfd ready{source_.fd.get(), POLLIN, 0};
    const int polled = poll(&ready, 1, kLookAtStopMs);
    if (stop_) return {};
    if (polled == 0 || (polled < 0 && errno == EINTR)) continue;
    const ssize_t n = read(source_.fd.get(), room.data(), room.size());
    if (n >= 0) return room.first(static_cast<std::size_t>(n));
    if (errno == EINTR || errno == EAGAIN) continue;
    read_error_ = errno;
    return {};
  }
}

// Looks at new octets, and says which of those in piece_ may go: all but a head that is not whole,
// which may have to be changed once it is.
Bytes Feeder::walk_over(std::span<std::uint8_t> octets) {
  walker_.take_and_even(octets);
  const std::size_t all = kept_ + octets.size();
  const std::size_t back = walker_.fault().empty() ? walker_.held() : 0;
  return Bytes(piece_).first(all - back);
}

void Feeder::keep_behind(Bytes gone) {
  kept_ = walker_.fault().empty() ? walker_.held() : 0;
  std::memmove(piece_.data(), piece_.data() + gone.size(), kept_);
}

void Feeder::copy() {
  // A driver that gave up closes the pipe: that is EPIPE here, and no reason to die.
  sigset_t broken_pipe;
  sigemptyset(&broken_pipe);
  sigaddset(&broken_pipe, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &broken_pipe, nullptr);

  announce(walker_.frames_begun());
  bool going = write_all(start_);
  while (going && walker_.fault().empty()) {
    const std::span<std::uint8_t> octets = read_some();
    if (octets.empty()) break;
    const Bytes whole = walk_over(octets);
    announce(walker_.frames_begun());
    going = write_all(whole);
    keep_behind(whole);
  }
  if (going) write_all(Bytes(piece_).first(kept_));  // of a capture cut short: libpcap's to judge
  if (!stop_) walker_.end();
  writer_.close();
  announce(kEnded);
}

bool Feeder::write_all(Bytes octets) {
  while (!octets.empty()) {
    // Asleep in `write` it would not see a stop, with a worker that reads no more.
    pollfd ready{writer_.get(), POLLOUT, 0};
    const int polled = poll(&ready, 1, kLookAtStopMs);
    if (stop_ || (polled > 0 && (ready.revents & POLLERR) != 0)) return false;
    if (polled <= 0) continue;
    const ssize_t n = write(writer_.get(), octets.data(), octets.size());
    if (n < 0 && errno != EINTR && errno != EAGAIN) return false;
    if (n > 0) octets = octets.subspan(static_cast<std::size_t>(n));
  }
  return true;
}

void Feeder::announce(std::uint64_t frames) {
  if (begun_.load(std::memory_order_relaxed) == frames) return;
  begun_.store(frames, std::memory_order_release);
  begun_.notify_all();
}

std::string Feeder::fault() const {
  if (read_error_ == 0) return walker_.fault();
  return std::string("could not be read further: ") + std::strerror(read_error_);
}

std::uint64_t Feeder::wait_beyond(std::uint64_t taken) const {
  for (;;) {
    const std::uint64_t begun = begun_.load(std::memory_order_acquire);
    if (begun == kEnded) return 0;
    if (begun > taken) return begun - taken;
    begun_.wait(begun, std::memory_order_acquire);
  }
}

}  // namespace mailglass::nic
