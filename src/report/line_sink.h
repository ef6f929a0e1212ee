// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "report/sink.h"

namespace mailglass::report {

// Lines into a file, or to standard output for "-". Never throws after opening: when the file
// fails, lines are counted as dropped and the first failure is remembered; as soon as writing works
// again, it goes on. Every line given is in the end written or dropped, after `flush`.
class LineSink : public Sink {
 public:
  // Throws std::system_error: "eve.json: Permission denied". An existing file is replaced
  // by the first flush of a line, or by `replace`.
  static LineSink open(const std::string& path);

  // For a service: an existing file is continued, a FIFO needs no reader, and a pipe whose reader
  // is slow keeps a flush for `kPatience` at most, once, until it takes something again.
  static LineSink append(const std::string& path);
  static constexpr std::chrono::milliseconds kPatience{100};

  LineSink(LineSink&&) noexcept;
  LineSink& operator=(LineSink&&) = delete;
  LineSink(const LineSink&) = delete;
  ~LineSink() override;

  void write(std::string_view line) override;  // adds '\n'
  void write_block(std::string_view);          // several whole lines, the last '\n' included
  void flush() override;
  void replace();

  // For rotation: what was given so far goes to the old file, the rest to `path`, opened as by
  // `append`. False: it cannot be opened, the old one goes on, and errno says why.
  bool reopen(const std::string& path);
  // The same with a file that is open already.
  void go_on_in(LineSink next);

  // So that another user can rotate it. False: errno says why. Not standard output.
  bool give_to(uid_t user, gid_t group);

 private:
  LineSink(int fd, std::string name, bool owned);
  void adopt(int fd);
  ssize_t write_some(std::string_view rest);
  bool wait_for_room();
  void fail(int error, std::string_view rest);

  int fd_;
  bool owned_;  // close it at the end
  std::string name_;
  std::string buffer_;
  std::uint64_t pending_ = 0;  // lines in the buffer
  bool replaces_ = false;      // the file holds what was there before
  bool torn_ = false;          // the file ends inside a line
  bool patient_ = true;        // a write may take as long as it likes
};

}  // namespace mailglass::report
