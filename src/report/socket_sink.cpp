// SPDX-License-Identifier: BSD-3-Clause
#include "report/socket_sink.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <cstring>
#include <utility>

namespace mailglass::report {
namespace {

constexpr std::size_t kFlushOctets = 64 * 1024;

}  // namespace

SocketSink::SocketSink(std::string path, Type type) : path_(std::move(path)), type_(type) {
  assert(path_.size() < sizeof sockaddr_un::sun_path);
}

SocketSink::~SocketSink() {
  if (fd_ >= 0) close(fd_);
}

void SocketSink::write(std::string_view line) {
  if (buffer_.size() - begin_ + line.size() + 1 > kMostOctets) flush();
  if (buffer_.size() - begin_ + line.size() + 1 > kMostOctets) {
    ++dropped_;
    if (trouble().empty()) in_trouble(path_ + ": its listener is too slow");
    return;
  }
  if (begin_ > 0 && buffer_.size() + line.size() + 1 > kMostOctets) {
    buffer_.erase(0, std::exchange(begin_, 0));
  }
  buffer_.append(line);
  buffer_.push_back('\n');
  ++lines_;
  if (buffer_.size() - begin_ >= kFlushOctets) flush();
}

void SocketSink::flush() {
  if (lines_ == 0 || !connected()) return;
  while (lines_ > 0 && send_one()) {
  }
  if (lines_ > 0) return;
  buffer_.clear();
  begin_ = 0;
}

bool SocketSink::connected() {
  if (fd_ >= 0) return true;
  const auto now = std::chrono::steady_clock::now();
  if (now < try_next_) return false;
  try_next_ = now + kTryAgain;
  const int type = type_ == Type::stream ? SOCK_STREAM : SOCK_DGRAM;
  fd_ = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  sockaddr_un there{};
  there.sun_family = AF_UNIX;
  std::copy(path_.begin(), path_.end(), there.sun_path);
  const bool done =
      fd_ >= 0 && connect(fd_, reinterpret_cast<const sockaddr*>(&there), sizeof there) == 0;
  if (!done) disconnect(errno);
  return done;
}

void SocketSink::disconnect(int error) {
  in_trouble(path_ + ": " + std::strerror(error));
  if (fd_ >= 0) close(fd_);
  fd_ = -1;
  sent_ = 0;
}

// The next line, or what is left of it. False: not now.
bool SocketSink::send_one() {
  const std::size_t end = buffer_.find('\n', begin_);
  const std::size_t size = end - begin_ + (type_ == Type::stream ? 1 : 0);
  const ssize_t done = send(fd_, buffer_.data() + begin_ + sent_, size - sent_, MSG_NOSIGNAL);
  bool took = true;
  if (done < 0) {
    if (errno == EINTR) return true;
    if (errno == EAGAIN || errno == ENOBUFS) return false;
    if (errno != EMSGSIZE) {
      disconnect(errno);
      return false;
    }
    took = false;  // a datagram that no listener could ever get
  } else {
    sent_ += static_cast<std::size_t>(done);
    if (sent_ < size) return true;
  }
  ++(took ? written_ : dropped_);
  if (took) well();
  begin_ = end + 1;
  sent_ = 0;
  --lines_;
  return true;
}

void SocketSink::retarget(const std::string& path, Type type) {
  if (path == path_ && type == type_) return;
  if (fd_ >= 0) close(fd_);
  fd_ = -1;
  sent_ = 0;
  path_ = path;
  type_ = type;
  try_next_ = {};
}

void SocketSink::give_up() {
  flush();
  dropped_ += std::exchange(lines_, 0);
  buffer_.clear();
  begin_ = sent_ = 0;
}

}  // namespace mailglass::report
