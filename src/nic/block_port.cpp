// SPDX-License-Identifier: BSD-3-Clause
#include "nic/block_port.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <new>
#include <utility>

namespace mailglass::nic {
namespace {

// A block stays in the second-level cache between the kernel's copying and the inspecting.
constexpr std::size_t kBlock = 256 * 1024;
constexpr std::size_t kPage = 4096;
// In front of a block: room for the record the last one ended in, however long it claims to be.
constexpr std::size_t kFront = (kMaxFrameOctets + kMaxRecordHead + kPage - 1) / kPage * kPage;

}  // namespace

void BlockPort::Free::operator()(std::uint8_t* block) const { std::free(block); }

BlockPort::BlockPort(CaptureFile capture)
    : capture_(std::move(capture)),
      block_(static_cast<std::uint8_t*>(std::aligned_alloc(kPage, kFront + kBlock))) {
  assert(reads(capture_));
  if (block_ == nullptr) throw std::bad_alloc();
  (void)posix_fadvise(capture_.fd.get(), 0, 0, POSIX_FADV_SEQUENTIAL);
  at_ = end_ = kFront;
  RecordWalker walker;
  while (end_ - at_ < kPcapHeader && refill()) {
  }
  walker.take({block_.get() + at_, std::min(end_ - at_, kPcapHeader)});
  // It was one when it was opened; somebody may have written to it since.
  if (end_ - at_ < kPcapHeader || walker.link() != capture_.link) {
    throw CaptureError(capture_.name + ": has changed since it was opened");
  }
  layout_ = walker.pcap_layout();
  at_ += kPcapHeader;
}

// Puts what is left in front of the next block and reads that. False: there is no more.
bool BlockPort::refill() {
  const std::size_t left = end_ - at_;
  std::uint8_t* const block = block_.get() + kFront;
  std::memmove(block - left, block_.get() + at_, left);
  at_ = kFront - left;
  end_ = kFront;
  for (;;) {
    const ssize_t n = pread(capture_.fd.get(), block, kBlock, static_cast<off_t>(read_));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) read_error_ = errno;
    if (n <= 0) return false;
    end_ += static_cast<std::size_t>(n);
    read_ += static_cast<std::uint64_t>(n);
    return true;
  }
}

std::size_t BlockPort::burst(std::span<Frame> frames) {
  std::size_t taken = take(frames);
  while (taken == 0 && !damaged_ && refill()) taken = take(frames);
  if (taken == 0) at_end_ = true;
  frames_ += taken;
  return taken;
}

// The whole records that are left in the block, as far as there is room for them.
std::size_t BlockPort::take(std::span<Frame> frames) {
  const std::size_t head = layout_.record_head;
  std::size_t taken = 0;
  while (taken < frames.size() && end_ - at_ >= head) {
    const std::uint8_t* const record = block_.get() + at_;
    const std::uint32_t octets = layout_.captured(record);
    damaged_ = octets > kMaxFrameOctets;
    if (damaged_ || end_ - at_ - head < octets) break;
    frames[taken++] = Frame{.data = {record + head, octets}, .time = layout_.time(record)};
    at_ += head + octets;
  }
  return taken;
}

std::string BlockPort::trouble() const {
  std::string fault;
  if (read_error_ != 0) {
    fault = std::string("could not be read further: ") + std::strerror(read_error_);
  } else if (at_ != end_) {  // inside a record, or before one that cannot be one
    const RecordWalker walker = walk(capture_, read_);
    fault = walker.fault().empty() ? "changed while it was read" : walker.fault();
  } else if (read_ < capture_.octets) {
    fault = "shrank to " + std::to_string(read_) + " octets while it was read";
  }
  return fault.empty() ? fault : capture_.name + ": " + fault;
}

}  // namespace mailglass::nic
