// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace mailglass::report {

// Lines into a file, or to standard output for "-". Never throws after opening: when the file
// fails, lines are counted as dropped and the first failure is remembered; as soon as writing works
// again, it goes on. Every line given is in the end written or dropped, after `flush`.
class LineSink {
 public:
  // Throws std::system_error: "eve.json: Permission denied". An existing file is replaced.
  static LineSink open(const std::string& path);

  LineSink(LineSink&&) noexcept;
  LineSink& operator=(LineSink&&) = delete;
  LineSink(const LineSink&) = delete;
  ~LineSink();

  void write(std::string_view line);   // adds '\n'
  void write_block(std::string_view);  // several whole lines, the last '\n' included
  void flush();

  const std::string& failure() const { return failure_; }  // "eve.json: No space left on device"
  std::uint64_t written() const { return written_; }
  std::uint64_t dropped() const { return dropped_; }

 private:
  LineSink(int fd, std::string name, bool owned);
  void fail(int error, std::string_view rest);

  int fd_;
  bool owned_;  // close it at the end
  std::string name_;
  std::string failure_;
  std::string buffer_;
  std::uint64_t written_ = 0;
  std::uint64_t dropped_ = 0;
  std::uint64_t pending_ = 0;  // lines in the buffer
  bool torn_ = false;          // the file ends inside a line
};

}  // namespace mailglass::report
