// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "report/sink.h"

namespace mailglass::report {

// Lines into a Unix socket that somebody else listens at, who may come and go. Nothing here waits:
// what the socket does not take stays in a buffer of kMostOctets, and what finds that full is
// dropped and counted. A line that was half sent when the listener went is sent anew as a whole.
class SocketSink : public Sink {
 public:
  enum class Type { stream, datagram };  // datagram: a line each, without '\n'
  static constexpr std::size_t kMostOctets = 1 << 20;

  // Nobody has to listen yet. `path` is at most 107 octets.
  SocketSink(std::string path, Type type);
  ~SocketSink() override;

  void write(std::string_view line) override;
  void flush() override;

  // What waits goes to the new listener.
  void retarget(const std::string& path, Type type);
  // Nothing will be sent any more: what waits is dropped, by count.
  void give_up();

 private:
  bool connected();
  void disconnect(int error);
  bool send_one();

  static constexpr std::chrono::seconds kTryAgain{1};

  std::string path_;
  Type type_;
  int fd_ = -1;
  std::string buffer_;       // whole lines, each with its '\n'
  std::size_t begin_ = 0;    // of the first line that is not wholly sent
  std::size_t sent_ = 0;     // octets of that line
  std::uint64_t lines_ = 0;  // from begin_ on
  std::chrono::steady_clock::time_point try_next_{};
};

}  // namespace mailglass::report
