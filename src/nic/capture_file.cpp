// SPDX-License-Identifier: BSD-3-Clause
#include "nic/capture_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>
#include <vector>

namespace mailglass::nic {
namespace {

constexpr std::size_t kPiece = 256 * 1024;

[[noreturn]] void fail(const std::string& name, std::string what) {
  // Advice that can be typed as it stands.
  if (const auto file = what.find("FILE"); file != what.npos) what.replace(file, 4, name);
  throw CaptureError(name + ": " + what);
}

[[noreturn]] void fail_errno(const std::string& name, int error) {
  fail(name, std::strerror(error));
}

std::size_t read_at(const CaptureFile& capture, std::span<std::uint8_t> into, std::uint64_t at) {
  for (;;) {
    const ssize_t n = pread(capture.fd.get(), into.data(), into.size(), static_cast<off_t>(at));
    if (n >= 0) return static_cast<std::size_t>(n);
    if (errno != EINTR) fail_errno(capture.name, errno);
  }
}

// pcap says all in its first 24 octets; pcapng may say something new in any block.
void inspect(CaptureFile& capture) {
  std::array<std::uint8_t, 24> start;
  RecordWalker walker;
  const std::size_t n = read_at(capture, start, 0);
  walker.take(Bytes(start).first(n));
  if (n < start.size()) walker.end();
  if (walker.format() == CaptureFormat::pcapng && !walker.refused()) {
    walker = walk(capture);
    capture.frames = walker.frames();
    capture.fault = walker.fault();
    capture.uneven = walker.uneven();
  }
  if (walker.refused() || !walker.link()) fail(capture.name, walker.fault());
  capture.format = *walker.format();
  capture.link = walker.link();
}

}  // namespace

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  if (this != &other) {
    close();
    fd_ = other.release();
  }
  return *this;
}

Descriptor::~Descriptor() { close(); }

int Descriptor::release() { return std::exchange(fd_, -1); }

void Descriptor::close() {
  if (fd_ >= 0) ::close(release());
}

CaptureFile open_capture(const std::string& name) {
  CaptureFile capture;
  const bool standard_input = name == kStandardInput;
  capture.name = standard_input ? "standard input" : name;
  capture.fd = Descriptor(standard_input ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
                                         : open(name.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat status;
  if (capture.fd.get() < 0 || fstat(capture.fd.get(), &status) != 0) {
    fail_errno(capture.name, errno);
  }
  if (S_ISDIR(status.st_mode)) fail(capture.name, "is a directory, not a capture");
  if (standard_input && isatty(STDIN_FILENO)) {
    fail(capture.name, "is a terminal, not a capture: use `tcpdump -U -w - | mailglass read -`");
  }
  // Standard input may stand anywhere in its file, so it is never taken for seekable.
  capture.seekable = S_ISREG(status.st_mode) && !standard_input;
  if (!capture.seekable) return capture;
  capture.octets = static_cast<std::uint64_t>(status.st_size);
  inspect(capture);
  return capture;
}

void suspend(CaptureFile& capture) {
  if (capture.seekable) capture.fd.close();
}

void resume(CaptureFile& capture) {
  if (capture.fd.get() >= 0) return;
  capture.fd = Descriptor(open(capture.name.c_str(), O_RDONLY | O_CLOEXEC));
  if (capture.fd.get() < 0) fail_errno(capture.name, errno);
}

// Not beyond the size it had when opened: a capture that is still being written would be counted
// further than it was read.
RecordWalker walk(const CaptureFile& capture) { return walk(capture, capture.octets); }

RecordWalker walk(const CaptureFile& capture, std::uint64_t octets) {
  RecordWalker walker;
  std::vector<std::uint8_t> piece(kPiece);
  for (std::uint64_t at = 0; at < octets && walker.fault().empty();) {
    const auto most = static_cast<std::size_t>(std::min<std::uint64_t>(piece.size(), octets - at));
    const std::size_t n = read_at(capture, std::span(piece).first(most), at);
    if (n == 0) break;
    walker.take(Bytes(piece).first(n));
    at += n;
    const std::uint64_t jump = std::min(walker.skippable(), octets - at);
    walker.skipped(jump);
    at += jump;
  }
  walker.end();
  return walker;
}

}  // namespace mailglass::nic
