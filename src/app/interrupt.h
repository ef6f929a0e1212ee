// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <chrono>

namespace mailglass::app {

// SIGINT and SIGTERM as something the main thread waits for, together with the end of the work. No
// handler runs anywhere. Made before any thread, which inherits the blocked signals; at most one.
class Interrupt {
 public:
  Interrupt();  // throws std::system_error
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  enum class Wait { interrupted, woken, timeout };
  Wait wait(std::chrono::milliseconds most);
  void wait_for_interrupt();

  void wake();  // any thread

  // From now on a further signal ends the process at once: whoever asks twice does not want to
  // wait for what the first has begun.
  void give_back();

 private:
  int signals_ = -1;
  int woken_ = -1;
};

}  // namespace mailglass::app
