// SPDX-License-Identifier: BSD-3-Clause
// A capture named on the command line: what it is, and whether it is whole. Read from the file's
// own records; the pcap driver says neither.
#pragma once

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>

#include "nic/record_walker.h"
#include "wire/decode.h"

namespace mailglass::nic {

// One sentence that begins with the capture's name.
class CaptureError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// A file descriptor that is closed at the end.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(other.release()) {}
  Descriptor& operator=(Descriptor&& other) noexcept;
  ~Descriptor();
  int get() const { return fd_; }
  int release();
  void close();

 private:
  int fd_ = -1;
};

// The name that means standard input.
constexpr const char* kStandardInput = "-";

struct CaptureFile {
  std::string name;  // as the user wrote it
  Descriptor fd;
  bool seekable = false;     // a regular file; everything else comes as a stream, once
  std::uint64_t octets = 0;  // of a seekable file
  CaptureFormat format{};    // format, link and frames: of a seekable file
  std::optional<wire::LinkType> link;
  std::optional<std::uint64_t> frames;  // whole ones, where they had to be counted (pcapng)
  bool uneven = false;                  // see RecordWalker::take_and_even
  std::string fault;                    // found while counting: frames up to it can be read
};

// Opens `name`. A regular file must be a capture that can be read: its header is checked, and for
// pcapng all its records, since any of them may bring another link type. Throws CaptureError.
CaptureFile open_capture(const std::string& name);

// A seekable file need not stay open until its turn comes, and need not be inspected twice.
void suspend(CaptureFile& capture);
void resume(CaptureFile& capture);  // throws CaptureError

// Walks a seekable file, as far as it went when it was opened, or its first `octets`.
RecordWalker walk(const CaptureFile& capture);
RecordWalker walk(const CaptureFile& capture, std::uint64_t octets);

}  // namespace mailglass::nic
