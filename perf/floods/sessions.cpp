// SPDX-License-Identifier: BSD-3-Clause
#include "perf/floods/sessions.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cstring>
#include <stdexcept>
#include <string>

#include "perf/generate/scheduler.h"

namespace mailglass::perf {
namespace {

// A capture that is written, and read again, without a disk.
class MemoryFile {
 public:
  MemoryFile() : fd_(memfd_create("floods", 0)) {
    if (fd_ < 0) throw std::runtime_error("memfd_create failed");
  }
  ~MemoryFile() { close(fd_); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  std::string path() const { return "/proc/self/fd/" + std::to_string(fd_); }
  std::vector<std::uint8_t> content() const {
    std::vector<std::uint8_t> octets(static_cast<std::size_t>(lseek(fd_, 0, SEEK_END)));
    for (std::size_t at = 0; at < octets.size();) {
      const ssize_t got = pread(fd_, &octets[at], octets.size() - at, static_cast<off_t>(at));
      if (got <= 0) throw std::runtime_error("cannot read the generated sessions");
      at += static_cast<std::size_t>(got);
    }
    return octets;
  }

 private:
  int fd_;
};

}  // namespace

Sessions generate_sessions(unsigned count, unsigned body) {
  const MemoryFile file;
  generate::Options options;
  options.out = file.path();
  options.sessions = options.concurrency = count;
  options.body = body;
  options.reorder = options.duplicate = 0.01;
  generate::PacketWriter capture(options.out);
  generate::Truth truth(options);
  generate::Scheduler(options, capture, truth).run();
  capture.close();

  // The generator's own writing, in this machine's byte order: 24 octets, then records of 16.
  Sessions sessions;
  sessions.octets = file.content();
  for (std::size_t at = 24; at < sessions.octets.size();) {
    std::uint32_t record[4];
    std::memcpy(record, &sessions.octets[at], sizeof record);
    at += sizeof record;
    Frame frame;
    frame.data = Bytes(&sessions.octets[at], record[2]);
    frame.time.us = std::int64_t{record[0]} * kMicrosecondsPerSecond + record[1];
    sessions.frames.push_back(frame);
    at += record[2];
  }
  return sessions;
}

}  // namespace mailglass::perf
