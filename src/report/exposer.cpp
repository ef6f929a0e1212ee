// SPDX-License-Identifier: BSD-3-Clause
#include "report/exposer.h"

#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <exception>
#include <stdexcept>
#include <utility>

namespace mailglass::report {
namespace {

// The server only says that it failed; asking the system the same question says why.
std::string why_not(const std::string& address) {
  const std::size_t colon = address.rfind(':');
  std::string host = colon == std::string::npos ? "" : address.substr(0, colon);
  const std::string port = colon == std::string::npos ? address : address.substr(colon + 1);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  }
  addrinfo hints{};
  hints.ai_flags = AI_PASSIVE | AI_NUMERICHOST | AI_NUMERICSERV;
  hints.ai_family = host.find(':') == std::string::npos ? AF_INET : AF_INET6;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (getaddrinfo(host.empty() ? nullptr : host.c_str(), port.c_str(), &hints, &found) != 0) {
    return "not an address of the form HOST:PORT";
  }
  std::string reason = "the HTTP server did not start";
  const int fd = socket(found->ai_family, found->ai_socktype, 0);
  const int reuse = 1;
  if (fd >= 0) setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &reuse, sizeof reuse);
  if (fd < 0 || bind(fd, found->ai_addr, found->ai_addrlen) != 0 || listen(fd, 1) != 0) {
    reason = std::strerror(errno);
  }
  if (fd >= 0) close(fd);
  freeaddrinfo(found);
  return reason;
}

}  // namespace

Exposer::Exposer(const std::string& address, std::shared_ptr<Metrics> metrics)
    : metrics_(std::move(metrics)) {
  constexpr std::size_t kThreads = 2;
  try {
    server_ = std::make_unique<prometheus::Exposer>(address, kThreads);
  } catch (const std::exception&) {
    throw std::runtime_error("cannot serve metrics on " + address + ": " + why_not(address));
  }
  server_->RegisterCollectable(metrics_);
}

}  // namespace mailglass::report
