// SPDX-License-Identifier: BSD-3-Clause
// sd_notify(3)'s protocol: one datagram a message, to the socket that systemd names.
#pragma once

#include <chrono>
#include <string>

namespace mailglass::app {

class Notify {
 public:
  // From the environment: NOTIFY_SOCKET, WATCHDOG_USEC. Does nothing where the first is not set.
  Notify();
  ~Notify();
  Notify(const Notify&) = delete;
  Notify& operator=(const Notify&) = delete;

  void ready() const { send("READY=1"); }
  void reloading() const;  // `ready` says when that is over
  void stopping() const { send("STOPPING=1"); }
  void alive() const { send("WATCHDOG=1"); }
  void status(const std::string& words) const { send("STATUS=" + words); }

  // How often `alive` is due: half of what systemd waits for. 0: it does not wait.
  std::chrono::microseconds watchdog() const { return watchdog_; }

 private:
  void send(const std::string& message) const;

  int fd_ = -1;
  std::chrono::microseconds watchdog_{0};
};

}  // namespace mailglass::app
