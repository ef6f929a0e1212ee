// SPDX-License-Identifier: BSD-3-Clause
#include "report/client_hello.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "base/cursor.h"
#include "report/digest.h"

namespace mailglass::report {
namespace {

// ExtensionType, RFC 8446 section 4.2.
constexpr std::uint16_t kServerName = 0;
constexpr std::uint16_t kGroups = 10;
constexpr std::uint16_t kPointFormats = 11;
constexpr std::uint16_t kSignatureAlgorithms = 13;
constexpr std::uint16_t kAlpn = 16;
constexpr std::uint16_t kVersions = 43;

using Numbers = std::vector<std::uint16_t>;

// RFC 8701: 0x0a0a, 0x1a1a, ... 0xfafa.
bool is_grease(std::uint16_t value) {
  return (value & 0x0f0f) == 0x0a0a && value >> 8 == (value & 255);
}

bool read_list(Bytes octets, Numbers& list) {
  Cursor cursor(octets);
  while (!cursor.empty()) list.push_back(cursor.u16());
  return cursor.ok();
}

// RFC 6066 section 3: a list of names, of which only host names (type 0) exist.
bool read_name(Bytes body, std::string& name) {
  Cursor cursor(body);
  Cursor list(cursor.vector16());
  while (!list.empty()) {
    const std::uint8_t type = list.u8();
    const Bytes text = list.vector16();
    if (type == 0 && name.empty()) name = as_text(text);
  }
  return cursor.ok() && list.ok();
}

// RFC 7301 section 3.1.
bool read_alpns(Bytes body, std::vector<std::string>& names) {
  Cursor cursor(body);
  Cursor list(cursor.vector16());
  while (!list.empty()) names.emplace_back(as_text(list.vector8()));
  return cursor.ok() && list.ok();
}

bool read_extension(std::uint16_t type, Bytes body, ClientHello& hello) {
  Cursor cursor(body);
  switch (type) {
    case kServerName:
      hello.has_sni = true;
      return read_name(body, hello.sni);
    case kGroups:
      return read_list(cursor.vector16(), hello.groups) && cursor.ok();
    case kPointFormats: {
      const Bytes formats = cursor.vector8();
      hello.point_formats.assign(formats.begin(), formats.end());
      return cursor.ok();
    }
    case kSignatureAlgorithms:
      return read_list(cursor.vector16(), hello.signature_algorithms) && cursor.ok();
    case kAlpn:
      return read_alpns(body, hello.alpns);
    case kVersions:
      return read_list(cursor.vector8(), hello.versions) && cursor.ok();
    default:
      return true;
  }
}

Numbers without_grease(Numbers numbers) {
  std::erase_if(numbers, is_grease);
  return numbers;
}

template <typename List>
std::string joined(const List& numbers, const char* format, char between) {
  std::string text;
  for (const auto number : numbers) {
    if (!text.empty()) text.push_back(between);
    fmt::format_to(std::back_inserter(text), fmt::runtime(format), number);
  }
  return text;
}

std::string hex_list(const Numbers& numbers) { return joined(numbers, "{:04x}", ','); }

std::string_view ja4_version(const ClientHello& hello) {
  const Numbers offered = without_grease(hello.versions);
  const auto highest = std::max_element(offered.begin(), offered.end());
  switch (highest != offered.end() ? *highest : hello.version) {
    case 0x0304:
      return "13";
    case 0x0303:
      return "12";
    case 0x0302:
      return "11";
    case 0x0301:
      return "10";
    case 0x0300:
      return "s3";
    case 0x0002:
      return "s2";
    default:
      return "00";
  }
}

bool is_alphanumeric(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

// The ends of the first name; of its hexadecimal form, unless both are letters or digits.
std::string ja4_alpn(const ClientHello& hello) {
  if (hello.alpns.empty() || hello.alpns.front().empty()) return "00";
  const std::string& name = hello.alpns.front();
  if (is_alphanumeric(name.front()) && is_alphanumeric(name.back())) {
    return {name.front(), name.back()};
  }
  const auto nibble = [](int value) { return "0123456789abcdef"[value & 15]; };
  return {nibble(name.front() >> 4), nibble(name.back())};
}

// Twelve digits of the SHA-256; zeros say that there was nothing to hash.
std::string ja4_hash(const std::string& text, bool any) {
  if (!any) return "000000000000";
  return hex(digest("SHA256", text)).substr(0, 12);
}

}  // namespace

ClientHello ClientHello::parse(std::string_view body) {
  ClientHello hello;
  Cursor cursor(as_bytes(body));
  hello.version = cursor.u16();
  cursor.take(32);   // random
  cursor.vector8();  // session id
  bool sound = read_list(cursor.vector16(), hello.ciphers);
  cursor.vector8();  // compression methods
  // Before RFC 3546 there were no extensions.
  Cursor extensions(cursor.empty() ? Bytes{} : cursor.vector16());
  while (!extensions.empty()) {
    const std::uint16_t type = extensions.u16();
    const Bytes content = extensions.vector16();
    if (!extensions.ok()) break;
    hello.extensions.push_back(type);
    sound = read_extension(type, content, hello) && sound;
  }
  hello.whole = sound && cursor.ok() && extensions.ok();
  return hello;
}

std::string ja3_string(const ClientHello& hello) {
  const auto list = [](const Numbers& numbers) {
    return joined(without_grease(numbers), "{}", '-');
  };
  return fmt::format("{},{},{},{},{}", hello.version, list(hello.ciphers), list(hello.extensions),
                     list(hello.groups), joined(hello.point_formats, "{}", '-'));
}

std::string ja4(const ClientHello& hello) {
  Numbers ciphers = without_grease(hello.ciphers);
  Numbers extensions = without_grease(hello.extensions);
  const auto two_digits = [](std::size_t count) { return std::min<std::size_t>(count, 99); };
  const std::string front =
      fmt::format("t{}{}{:02}{:02}{}", ja4_version(hello), hello.has_sni ? 'd' : 'i',
                  two_digits(ciphers.size()), two_digits(extensions.size()), ja4_alpn(hello));
  std::sort(ciphers.begin(), ciphers.end());
  std::sort(extensions.begin(), extensions.end());
  std::erase_if(extensions, [](std::uint16_t e) { return e == kServerName || e == kAlpn; });
  std::string wants = hex_list(extensions);
  const Numbers algorithms = without_grease(hello.signature_algorithms);  // in the client's order
  if (!algorithms.empty()) wants.append("_").append(hex_list(algorithms));
  const std::string b = ja4_hash(hex_list(ciphers), !ciphers.empty());
  const std::string c = ja4_hash(wants, !extensions.empty());
  return b.empty() || c.empty() ? std::string() : fmt::format("{}_{}_{}", front, b, c);
}

}  // namespace mailglass::report
