// SPDX-License-Identifier: BSD-3-Clause
#include "app/notify.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace mailglass::app {

Notify::Notify() {
  const char* const path = getenv("NOTIFY_SOCKET");
  if (path == nullptr) return;
  const std::string_view name(path);
  sockaddr_un there{};
  there.sun_family = AF_UNIX;
  if (name.empty() || name.size() >= sizeof there.sun_path) return;
  std::copy(name.begin(), name.end(), there.sun_path);
  if (there.sun_path[0] == '@') there.sun_path[0] = '\0';  // the abstract namespace, unix(7)
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
  fd_ = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd_ >= 0 && connect(fd_, reinterpret_cast<const sockaddr*>(&there), size) != 0) {
    close(fd_);
    fd_ = -1;
  }
  if (const char* const limit = getenv("WATCHDOG_USEC"); fd_ >= 0 && limit != nullptr) {
    watchdog_ = std::chrono::microseconds(std::strtoll(limit, nullptr, 10) / 2);
  }
}

Notify::~Notify() {
  if (fd_ >= 0) close(fd_);
}

// systemd waits for READY only behind a RELOADING with the time of its beginning.
void Notify::reloading() const {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  send("RELOADING=1\nMONOTONIC_USEC=" +
       std::to_string(std::int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1000));
}

void Notify::send(const std::string& message) const {
  if (fd_ >= 0) (void)::send(fd_, message.data(), message.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
}

}  // namespace mailglass::app
