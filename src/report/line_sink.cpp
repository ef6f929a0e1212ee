// SPDX-License-Identifier: BSD-3-Clause
#include "report/line_sink.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

namespace mailglass::report {
namespace {

constexpr std::size_t kBufferOctets = 256 * 1024;

std::uint64_t lines_in(std::string_view text) {
  return static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n'));
}

constexpr mode_t kMode = 0640;  // events name people

bool is_regular(int fd) {
  struct stat about {};
  return fstat(fd, &about) == 0 && S_ISREG(about.st_mode);
}

// A process that was killed may have left half a line at the end.
bool ends_inside_a_line(const std::string& path, int fd) {
  struct stat about {};
  if (fstat(fd, &about) != 0 || !S_ISREG(about.st_mode) || about.st_size == 0) return false;
  const int reader = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (reader < 0) return false;
  char last = '\n';
  const ssize_t got = pread(reader, &last, 1, about.st_size - 1);
  close(reader);
  return got == 1 && last != '\n';
}

// A FIFO opened for both never fails for want of a reader, and neither does writing into it.
int open_to_append(const std::string& path) {
  struct stat about {};
  const bool fifo = stat(path.c_str(), &about) == 0 && S_ISFIFO(about.st_mode);
  return ::open(path.c_str(), (fifo ? O_RDWR : O_WRONLY | O_CREAT | O_APPEND) | O_CLOEXEC, kMode);
}

}  // namespace

LineSink LineSink::append(const std::string& path) {
  const bool standard = path == "-";
  const int fd = standard ? STDOUT_FILENO : open_to_append(path);
  if (fd < 0) throw std::system_error(errno, std::generic_category(), path);
  LineSink sink(fd, standard ? "standard output" : path, !standard);
  sink.adopt(fd);
  return sink;
}

// What is known of a file to be continued.
void LineSink::adopt(int fd) {
  fd_ = fd;
  patient_ = is_regular(fd);
  torn_ = owned_ && ends_inside_a_line(name_, fd);
}

bool LineSink::reopen(const std::string& path) {
  const int fd = open_to_append(path);
  if (fd < 0) return false;
  go_on_in({fd, path, true});
  return true;
}

void LineSink::go_on_in(LineSink next) {
  flush();
  if (owned_) close(fd_);
  owned_ = std::exchange(next.owned_, false);
  name_ = next.name_;
  adopt(next.fd_);
}

bool LineSink::give_to(uid_t user, gid_t group) {
  return !owned_ || !is_regular(fd_) || fchown(fd_, user, group) == 0;
}

LineSink LineSink::open(const std::string& path) {
  // Opened anew, what the shell appends to would be emptied.
  if (path == "-" || path == "/dev/stdout" || path == "/proc/self/fd/1")
    return {STDOUT_FILENO, "standard output", false};
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, kMode);
  if (fd < 0) throw std::system_error(errno, std::generic_category(), path);
  LineSink sink(fd, path, true);
  sink.replaces_ = is_regular(fd);
  return sink;
}

LineSink::LineSink(int fd, std::string name, bool owned)
    : fd_(fd), owned_(owned), name_(std::move(name)) {
  buffer_.reserve(kBufferOctets + 16 * 1024);
}

LineSink::LineSink(LineSink&& other) noexcept
    : Sink(std::move(other)),
      fd_(std::exchange(other.fd_, -1)),
      owned_(std::exchange(other.owned_, false)),
      name_(std::move(other.name_)),
      buffer_(std::move(other.buffer_)),
      pending_(std::exchange(other.pending_, 0)),
      replaces_(std::exchange(other.replaces_, false)),
      torn_(other.torn_),
      patient_(other.patient_) {
  other.buffer_.clear();
}

LineSink::~LineSink() {
  if (fd_ < 0) return;
  flush();
  if (owned_) ::close(fd_);
}

void LineSink::write(std::string_view line) {
  buffer_.append(line);
  buffer_.push_back('\n');
  ++pending_;
  if (buffer_.size() >= kBufferOctets) flush();
}

void LineSink::write_block(std::string_view lines) {
  buffer_.append(lines);
  pending_ += lines_in(lines);
  if (buffer_.size() >= kBufferOctets) flush();
}

void LineSink::replace() {
  if (!std::exchange(replaces_, false)) return;
  while (ftruncate(fd_, 0) != 0 && errno == EINTR) {
  }
}

void LineSink::flush() {
  if (buffer_.empty()) return;
  replace();
  // A line half written before a failure ends here, so that the next one begins cleanly.
  while (torn_) {
    const ssize_t done = write_some("\n");
    if (done < 0 && errno == EINTR) continue;
    if (done != 1) return fail(errno, buffer_);
    torn_ = false;
  }
  std::string_view rest = buffer_;
  while (!rest.empty()) {
    const ssize_t done = write_some(rest);
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) return fail(done < 0 ? errno : ENOSPC, rest);
    torn_ = rest[static_cast<std::size_t>(done) - 1] != '\n';
    rest.remove_prefix(static_cast<std::size_t>(done));
  }
  written_ += std::exchange(pending_, 0);
  buffer_.clear();
  well();
}

// Of a pipe only what it takes without waiting: poll(2) promises room for PIPE_BUF.
ssize_t LineSink::write_some(std::string_view rest) {
  if (patient_) return ::write(fd_, rest.data(), rest.size());
  if (!wait_for_room()) {
    errno = EAGAIN;
    return -1;
  }
  return ::write(fd_, rest.data(), std::min<std::size_t>(rest.size(), PIPE_BUF));
}

bool LineSink::wait_for_room() {
  pollfd room{fd_, POLLOUT, 0};
  const auto patience = trouble().empty() ? kPatience : std::chrono::milliseconds{0};
  return poll(&room, 1, static_cast<int>(patience.count())) > 0;
}

void LineSink::fail(int error, std::string_view rest) {
  in_trouble(name_ + ": " + (error == EAGAIN ? "its reader is too slow" : std::strerror(error)));
  const std::uint64_t lines = lines_in(rest);
  dropped_ += lines;
  written_ += std::exchange(pending_, 0) - lines;
  buffer_.clear();
}

}  // namespace mailglass::report
