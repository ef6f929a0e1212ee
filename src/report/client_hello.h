// SPDX-License-Identifier: BSD-3-Clause
// What a ClientHello says (RFC 8446 section 4.1.2), and the two fingerprints people know clients
// by: JA3 (MD5 of five lists as they stand) and JA4 (FoxIO's specification; BSD licence). Both
// leave out the values that RFC 8701 reserves for noise (GREASE).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace mailglass::report {

struct ClientHello {
  // Of the body without its header. `whole` is false when it was cut, or its lengths contradict
  // each other: what was read before that is kept, and no fingerprint can be made.
  static ClientHello parse(std::string_view body);

  bool whole = false;
  std::uint16_t version = 0;  // the legacy field: at most TLS 1.2
  std::vector<std::uint16_t> ciphers, extensions;
  std::vector<std::uint16_t> versions;              // supported_versions
  std::vector<std::uint16_t> groups;                // supported_groups
  std::vector<std::uint16_t> signature_algorithms;  // not those of the other extensions
  std::vector<std::uint8_t> point_formats;
  std::vector<std::string> alpns;  // as sent
  std::string sni;                 // the host name, as sent
  bool has_sni = false;            // the extension, whatever is in it
};

// "771,4865-4866,0-11,29-23,0": version, ciphers, extensions, groups, point formats.
std::string ja3_string(const ClientHello&);
// "t13d1516h2_8daaf6152771_b186095e22b6". Empty where OpenSSL has no SHA-256.
std::string ja4(const ClientHello&);

}  // namespace mailglass::report
