// SPDX-License-Identifier: BSD-3-Clause
#include "report/detect/subject.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cstring>
#include <random>
#include <string>

#include "base/bytes.h"
#include "base/siphash.h"
#include "report/utf8.h"

namespace mailglass::report {
namespace {

std::string text_of(const Address& address) {
  char text[INET6_ADDRSTRLEN] = "";
  const std::uint8_t* octets = address.octet.data();
  const bool v4 = is_v4(address);
  inet_ntop(v4 ? AF_INET : AF_INET6, v4 ? octets + 12 : octets, text, sizeof text);
  return text;
}

}  // namespace

ShortName::ShortName(std::string_view octets) {
  std::string text;
  append_text(text, octets.substr(0, 2 * kOctets));
  const std::string_view front = clip(text, kOctets);
  std::copy(front.begin(), front.end(), text_.begin());
  size_ = static_cast<std::uint8_t>(front.size());
}

Subjects::Subjects() {
  std::random_device random;
  for (std::uint8_t& octet : key_) octet = static_cast<std::uint8_t>(random());
}

std::uint64_t Subjects::id(std::string_view octets) const {
  const auto hash = siphash128(key_, as_bytes(octets));
  std::uint64_t id = 0;
  std::memcpy(&id, hash.data(), sizeof id);
  return id == 0 ? 1 : id;
}

Subject Subjects::source(const Address& address) const {
  if (is_v4(address)) return host(address);
  Address network = address;
  std::fill(network.octet.begin() + 8, network.octet.end(), std::uint8_t{0});
  const std::string_view octets(reinterpret_cast<const char*>(network.octet.data()), 8);
  return {id(octets), ShortName(text_of(network) + "/64")};
}

Subject Subjects::host(const Address& address) const {
  const std::string_view octets(reinterpret_cast<const char*>(address.octet.data()),
                                address.octet.size());
  return {id(octets), ShortName(text_of(address))};
}

Subject Subjects::word(std::string_view octets) const {
  if (octets.empty()) return {};
  std::string text(octets);
  for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return {id(text), ShortName(text)};
}

}  // namespace mailglass::report
