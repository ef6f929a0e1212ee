// SPDX-License-Identifier: BSD-3-Clause
// Brings a capture that comes as a stream (standard input, a FIFO) to the pcap driver, which opens
// only what has a path: a thread copies it into a pipe, and looks at the records on the way. What
// libpcap would stop at for no good reason is put right in passing (RecordWalker::take_and_even).
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include "nic/capture_file.h"
#include "nic/record_walker.h"

namespace mailglass::nic {

class Feeder {
 public:
  // Waits for the first octets, as many as say which link type the frames have. `stop` ends the
  // stream as if it had been closed. Both outlive the feeder. Throws CaptureError.
  Feeder(const CaptureFile& source, const std::atomic<bool>& stop);
  // The driver's end of the pipe must be closed by then.
  ~Feeder();
  Feeder(const Feeder&) = delete;
  Feeder& operator=(const Feeder&) = delete;

  wire::LinkType link() const { return link_; }

  // The driver opens a path that leads to this descriptor, once; then `opened` is due.
  int reader() const { return reader_.get(); }
  void opened() { reader_.close(); }

  // Waits until more than `taken` frames have been put into the pipe or begun to be: how many
  // more. 0: the stream ended, and all that is left in the pipe can be read without waiting. Asking
  // the driver for no more keeps the worker from sleeping inside it.
  std::uint64_t wait_beyond(std::uint64_t taken) const;

  // After wait_beyond said 0: whether the capture was whole, as RecordWalker says it.
  std::string fault() const;
  std::uint64_t frames() const { return walker_.frames(); }

 private:
  std::span<std::uint8_t> read_some();
  Bytes walk_over(std::span<std::uint8_t> octets);
  void keep_behind(Bytes gone);
  void copy();
  bool write_all(Bytes octets);
  void announce(std::uint64_t frames);

  static constexpr std::uint64_t kEnded = ~std::uint64_t{0};

  const CaptureFile& source_;
  const std::atomic<bool>& stop_;
  RecordWalker walker_;
  std::vector<std::uint8_t> piece_;
  std::size_t kept_ = 0;  // octets at the front of piece_: a head not yet whole, held back
  std::vector<std::uint8_t> start_;  // what had to be read before the driver could be started
  wire::LinkType link_{};
  int read_error_ = 0;
  Descriptor reader_, writer_;
  std::atomic<std::uint64_t> begun_{0};  // frames; kEnded after the last
  std::thread thread_;
};

}  // namespace mailglass::nic
