// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <atomic>
#include <condition_variable>
#include <exception>
#include <functional>
#include <mutex>
#include <utility>

namespace mailglass::app {

// Something one thread wants done by another, which looks for it now and then: what belongs to one
// thread stays there.
class Errand {
 public:
  // Returns when it was done, and throws what that threw. One asks at a time.
  void ask(std::function<void()> what) {
    std::unique_lock lock(mutex_);
    what_ = std::move(what);
    asked_.store(true, std::memory_order_release);
    done_.wait(lock, [this] { return !what_; });
    if (thrown_) std::rethrow_exception(std::exchange(thrown_, nullptr));
  }

  // From the thread that does it. Cheap where nothing is asked.
  void run() {
    if (!asked_.load(std::memory_order_acquire)) return;
    const std::lock_guard lock(mutex_);
    try {
      what_();
    } catch (...) {
      thrown_ = std::current_exception();
    }
    what_ = nullptr;
    asked_.store(false, std::memory_order_relaxed);
    done_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable done_;
  std::function<void()> what_;
  std::exception_ptr thrown_;
  std::atomic<bool> asked_{false};
};

}  // namespace mailglass::app
