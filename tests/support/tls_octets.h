// SPDX-License-Identifier: BSD-3-Clause
// TLS handshakes written by hand, in the presentation language of RFC 8446 section 3.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace mailglass::test {

inline std::string u8(unsigned n) { return {static_cast<char>(n)}; }
inline std::string u16(unsigned n) { return u8(n >> 8) + u8(n & 255); }
inline std::string u24(unsigned n) { return u8(n >> 16) + u16(n & 0xffff); }

template <typename Text>
unsigned length(const Text& text) {
  return static_cast<unsigned>(text.size());
}
inline std::string vector8(const std::string& s) { return u8(length(s)) + s; }
inline std::string vector16(const std::string& s) { return u16(length(s)) + s; }
inline std::string vector24(const std::string& s) { return u24(length(s)) + s; }
inline std::string numbers(const std::vector<unsigned>& list) {
  std::string all;
  for (const unsigned n : list) all += u16(n);
  return all;
}

// One record, and what it carries cut into records of at most `size` octets.
inline std::string tls_record(unsigned type, const std::string& content) {
  return u8(type) + u16(0x0303) + vector16(content);
}
inline std::string tls_records(const std::string& content, std::size_t size) {
  std::string all;
  for (std::size_t at = 0; at < content.size(); at += size) {
    all += tls_record(22, content.substr(at, size));
  }
  return all;
}
inline std::string tls_message(unsigned type, const std::string& body) {
  return u8(type) + vector24(body);
}
inline std::string tls_extension(unsigned type, const std::string& body) {
  return u16(type) + vector16(body);
}

struct HelloText {
  std::vector<unsigned> ciphers = {0x1301, 0xc02f};
  std::string extensions = tls_extension(0, vector16(u8(0) + vector16("mail.example.org"))) +
                           tls_extension(10, vector16(numbers({29, 23}))) +
                           tls_extension(11, vector8(u8(0))) +
                           tls_extension(13, vector16(numbers({0x0403, 0x0804}))) +
                           tls_extension(16, vector16(vector8("smtp") + vector8("h2"))) +
                           tls_extension(43, vector8(numbers({0x0304, 0x0303})));
  unsigned version = 0x0303;

  std::string body() const {
    return u16(version) + std::string(32, 'r') + vector8("session") + vector16(numbers(ciphers)) +
           vector8(u8(0)) + vector16(extensions);
  }
};

inline std::string client_hello(const HelloText& hello = {}) {
  return tls_message(1, hello.body());
}

// `extra` stands in front of the extension that names 1.3.
inline std::string server_hello(unsigned version, const std::string& extra = {}) {
  const bool new_style = version >= 0x0304;
  const std::string extensions =
      extra + (new_style ? tls_extension(43, u16(version)) : tls_extension(0xff01, u8(0)));
  return tls_message(2, u16(new_style ? 0x0303 : version) + std::string(32, 's') + vector8("") +
                            u16(0xc02f) + u8(0) + vector16(extensions));
}

inline std::string certificate_message(std::initializer_list<std::string> chain) {
  std::string list;
  for (const std::string& der : chain) list += vector24(der);
  return tls_message(11, vector24(list));
}

}  // namespace mailglass::test
