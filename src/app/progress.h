// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace mailglass::app {

// "43 %, 812 MB/s", or without a total "3.1 GB, 812 MB/s".
std::string describe_progress(std::uint64_t done, std::uint64_t total,
                              std::chrono::duration<double> elapsed);

// One line on standard error, written over and over, and cleared at the end. Shown only on a
// terminal that does not show a transcript too, and only when reading takes its time.
class Progress {
 public:
  Progress(bool wanted, std::uint64_t total);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void show(std::uint64_t done);
  void clear();

 private:
  bool wanted_;
  bool shown_ = false;
  std::uint64_t total_;  // octets of all captures; 0 where one of them is a stream
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace mailglass::app
