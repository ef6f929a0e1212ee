// SPDX-License-Identifier: BSD-3-Clause
#include "report/line_sink.h"

#include <fcntl.h>
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

}  // namespace

LineSink LineSink::open(const std::string& path) {
  if (path == "-") return {STDOUT_FILENO, "standard output", false};
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
  if (fd < 0) throw std::system_error(errno, std::generic_category(), path);
  return {fd, path, true};
}

LineSink::LineSink(int fd, std::string name, bool owned)
    : fd_(fd), owned_(owned), name_(std::move(name)) {
  buffer_.reserve(kBufferOctets + 16 * 1024);
}

LineSink::LineSink(LineSink&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)),
      owned_(std::exchange(other.owned_, false)),
      name_(std::move(other.name_)),
      failure_(std::move(other.failure_)),
      buffer_(std::move(other.buffer_)),
      written_(other.written_),
      dropped_(other.dropped_),
      pending_(std::exchange(other.pending_, 0)),
      torn_(other.torn_) {
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

void LineSink::flush() {
  if (buffer_.empty()) return;
  // A line half written before a failure ends here, so that the next one begins cleanly.
  while (torn_) {
    const ssize_t done = ::write(fd_, "\n", 1);
    if (done < 0 && errno == EINTR) continue;
    if (done != 1) return fail(errno, buffer_);
    torn_ = false;
  }
  std::string_view rest = buffer_;
  while (!rest.empty()) {
    const ssize_t done = ::write(fd_, rest.data(), rest.size());
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) return fail(done < 0 ? errno : ENOSPC, rest);
    torn_ = rest[static_cast<std::size_t>(done) - 1] != '\n';
    rest.remove_prefix(static_cast<std::size_t>(done));
  }
  written_ += std::exchange(pending_, 0);
  buffer_.clear();
}

void LineSink::fail(int error, std::string_view rest) {
  if (failure_.empty()) failure_ = name_ + ": " + std::strerror(error);
  const std::uint64_t lines = lines_in(rest);
  dropped_ += lines;
  written_ += std::exchange(pending_, 0) - lines;
  buffer_.clear();
}

}  // namespace mailglass::report
