// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <chrono>
#include <initializer_list>
#include <vector>

namespace mailglass::app {

// They wait from now on, in this thread and those made by it.
void hold_signals(const std::vector<int>& signals);

// SIGINT and SIGTERM as something the main thread waits for, together with the end of the work. No
// handler runs anywhere. Made before any thread, which inherits the blocked signals; at most one.
class Interrupt {
 public:
  // `more`: signals that are not an end, but something asked of a service. Throws
  // std::system_error.
  explicit Interrupt(std::initializer_list<int> more = {});
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  enum class Wait { interrupted, woken, timeout, asked };
  Wait wait(std::chrono::milliseconds most);
  void wait_for_interrupt();
  int asked() const { return asked_; }  // which of `more` it was, when it was that

  void wake();  // any thread

  // From now on `more` is ignored, and a further signal ends the process at once: whoever asks
  // twice does not want to wait for what the first has begun.
  void give_back();
  // All is done: a further signal changes nothing any more.
  static void ignore_all();

 private:
  std::vector<int> all_;
  int asked_ = 0;
  int signals_ = -1;
  int woken_ = -1;
};

}  // namespace mailglass::app
