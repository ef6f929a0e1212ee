// SPDX-License-Identifier: BSD-3-Clause
// A pcap file as a port: read in large blocks, frames handed on where they lie in them. What
// CapturePort delivers of such a file, without libpcap's reading and the driver's copying, which
// cost more than the inspecting.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "nic/capture_file.h"
#include "nic/port.h"

namespace mailglass::nic {

class BlockPort {
 public:
  // Whether it reads such a capture: a regular file in pcap's format. Others are CapturePort's.
  static bool reads(const CaptureFile& capture) {
    return capture.seekable && capture.format == CaptureFormat::pcap;
  }

  // `capture` is open. Throws CaptureError.
  explicit BlockPort(CaptureFile capture);

  wire::LinkType link() const { return *capture_.link; }
  std::size_t burst(std::span<Frame> frames);
  void release() {}
  bool at_end() const { return at_end_; }

  // As CapturePort's: empty, or one sentence that begins with the capture's name. May walk the
  // file.
  std::string trouble() const;

  std::uint64_t frames() const { return frames_; }

 private:
  struct Free {
    void operator()(std::uint8_t* block) const;
  };

  std::size_t take(std::span<Frame> frames);
  bool refill();

  CaptureFile capture_;
  PcapLayout layout_;
  std::unique_ptr<std::uint8_t, Free> block_;
  std::size_t at_ = 0, end_ = 0;  // what of the block is not yet taken
  std::uint64_t read_ = 0;        // octets of the file so far
  std::uint64_t frames_ = 0;
  int read_error_ = 0;
  bool damaged_ = false;
  bool at_end_ = false;
};

static_assert(Port<BlockPort>);

}  // namespace mailglass::nic
