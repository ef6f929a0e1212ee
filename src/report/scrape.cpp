// SPDX-License-Identifier: BSD-3-Clause
#include "report/scrape.h"

#include <fmt/format.h>
#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <string_view>

namespace mailglass::report {
namespace {

constexpr std::size_t kMostOctets = std::size_t{64} << 20;
constexpr std::string_view kScheme = "http://";

[[noreturn]] void fail(const std::string& where, const std::string& why) {
  throw std::runtime_error(where + ": " + why);
}

struct Url {
  std::string host, port = "80", path = "/metrics";
};

Url parse(const std::string& where) {
  Url url;
  std::string_view rest = std::string_view(where).substr(kScheme.size());
  if (const auto slash = rest.find('/'); slash != rest.npos) {
    url.path = rest.substr(slash);
    rest = rest.substr(0, slash);
  }
  const auto bracket = rest.rfind(']');
  const auto colon = rest.rfind(':');
  if (colon != rest.npos && (bracket == rest.npos || colon > bracket)) {
    url.port = rest.substr(colon + 1);
    rest = rest.substr(0, colon);
  }
  if (rest.size() > 2 && rest.front() == '[' && rest.back() == ']') {
    rest = rest.substr(1, rest.size() - 2);
  }
  url.host = rest;
  return url;
}

class Connection {
 public:
  Connection(const std::string& where, const Url& url, std::chrono::seconds patience) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (const int error = getaddrinfo(url.host.c_str(), url.port.c_str(), &hints, &found)) {
      fail(where, gai_strerror(error));
    }
    const std::unique_ptr<addrinfo, void (*)(addrinfo*)> list(found, freeaddrinfo);
    fd_ = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const timeval limit{patience.count(), 0};
    setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    if (connect(fd_, found->ai_addr, found->ai_addrlen) != 0) {
      const int error = errno;
      close(fd_);
      fail(where,
           std::string(std::strerror(error)) +
               (error == ECONNREFUSED ? ": is the service running, with metrics.address?" : ""));
    }
  }
  ~Connection() { close(fd_); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  bool send(std::string_view text) const {
    return ::send(fd_, text.data(), text.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(text.size());
  }
  // All there is, to the end.
  std::string receive(const std::string& where) const {
    std::string text;
    std::array<char, 16384> piece;
    for (;;) {
      const ssize_t n = recv(fd_, piece.data(), piece.size(), 0);
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) fail(where, errno == EAGAIN ? "no answer" : std::strerror(errno));
      if (n == 0) return text;
      text.append(piece.data(), static_cast<std::size_t>(n));
      if (text.size() > kMostOctets) fail(where, "an answer without end");
    }
  }

 private:
  int fd_ = -1;
};

std::string fetch_url(const std::string& where, std::chrono::seconds patience) {
  const Url url = parse(where);
  const Connection connection(where, url, patience);
  // HTTP/1.0: the answer is neither chunked nor kept open.
  if (!connection.send("GET " + url.path + " HTTP/1.0\r\nHost: " + url.host +
                       "\r\nAccept: text/plain\r\n\r\n")) {
    fail(where, std::strerror(errno));
  }
  const std::string answer = connection.receive(where);
  const auto end = answer.find("\r\n\r\n");
  if (!answer.starts_with("HTTP/1.") || end == answer.npos) fail(where, "no answer of HTTP");
  if (answer.compare(8, 5, " 200 ") != 0) fail(where, answer.substr(0, answer.find('\r')));
  return answer.substr(end + 4);
}

}  // namespace

std::string fetch_metrics(const std::string& where, std::chrono::seconds patience) {
  if (where.starts_with(kScheme)) return fetch_url(where, patience);
  if (where.starts_with("https://")) fail(where, "is not asked over TLS; curl it into a file");
  std::ifstream file(where == "-" ? "/dev/stdin" : where, std::ios::binary);
  if (!file) {
    const char* const why = std::strerror(errno);
    const bool is_address = where.find(':') != where.npos && where.find('/') == where.npos;
    fail(where,
         is_address ? fmt::format("{}; a service is asked as {}{}", why, kScheme, where) : why);
  }
  std::string text;
  std::array<char, 16384> piece;
  while (file.read(piece.data(), piece.size()) || file.gcount() > 0) {
    text.append(piece.data(), static_cast<std::size_t>(file.gcount()));
    if (text.size() > kMostOctets) fail(where, "too large for metrics");
  }
  if (file.bad()) fail(where, std::strerror(errno));
  return text;
}

}  // namespace mailglass::report
