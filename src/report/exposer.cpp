// SPDX-License-Identifier: BSD-3-Clause
#include "report/exposer.h"

#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <exception>
#include <stdexcept>
#include <thread>
#include <utility>

namespace mailglass::report {
namespace {

struct Free {
  void operator()(addrinfo* found) const { freeaddrinfo(found); }
};
using Place = std::unique_ptr<addrinfo, Free>;

// Of "9465", "127.0.0.1:9465" or "[::1]:9465"; null where it is nothing like that.
Place place_of(const std::string& address) {
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
  getaddrinfo(host.empty() ? nullptr : host.c_str(), port.c_str(), &hints, &found);
  return Place(found);
}

int socket_for(const Place& place) {
  return place ? socket(place->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0) : -1;
}

// 0: the system would let us listen there.
int error_of_listening(const Place& place) {
  const int fd = socket_for(place);
  const int reuse = 1;
  if (fd >= 0) setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &reuse, sizeof reuse);
  const bool listens =
      fd >= 0 && bind(fd, place->ai_addr, place->ai_addrlen) == 0 && listen(fd, 1) == 0;
  const int error = listens ? 0 : errno;
  if (fd >= 0) close(fd);
  return error;
}

constexpr const char* kNoIpv6 = "the HTTP library of this system is built without IPv6";

// The server only says that it failed; what the system says to the same says why.
std::string reason(const Place& place, int error) {
  if (!place) return "not an address of the form HOST:PORT";
  if (error != 0) return std::strerror(error);
  return place->ai_family == AF_INET6 ? kNoIpv6 : "the HTTP server did not start";
}

// On any free port.
bool library_has_ipv6() {
  try {
    const prometheus::Exposer any("[::1]:0", 1);
  } catch (const std::exception&) {
    return false;
  }
  return true;
}

void call(const Place& place) {
  const int fd = socket_for(place);
  if (fd < 0) return;
  (void)connect(fd, place->ai_addr, place->ai_addrlen);
  close(fd);
}

}  // namespace

std::string why_not_served(const std::string& address) {
  const Place place = place_of(address);
  const int error = error_of_listening(place);
  if (!place || (error != 0 && error != EADDRINUSE)) return reason(place, error);
  return place->ai_family == AF_INET6 && !library_has_ipv6() ? kNoIpv6 : "";
}

Exposer::Exposer(const std::string& address, std::shared_ptr<Metrics> metrics)
    : address_(address), metrics_(std::move(metrics)) {
  constexpr std::size_t kThreads = 2;
  try {
    server_ = std::make_unique<prometheus::Exposer>(address, kThreads);
  } catch (const std::exception&) {
    const Place place = place_of(address);
    throw std::runtime_error("cannot serve metrics on " + address + ": " +
                             reason(place, error_of_listening(place)));
  }
  server_->RegisterCollectable(metrics_);
}

// The server looks whether it is to end when somebody calls, or after two seconds, in which a
// bridge is no wire.
Exposer::~Exposer() {
  const Place place = place_of(address_);
  std::atomic<bool> gone{false};
  std::thread caller([&] {
    for (int calls = 0; !gone && calls < 100; ++calls) {
      call(place);
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
  });
  server_.reset();
  gone = true;
  caller.join();
}

}  // namespace mailglass::report
