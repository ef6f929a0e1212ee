// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <string_view>

namespace mailglass::report {

// A certificate (RFC 5280) as Suricata prints it. Strings are UTF-8; empty where OpenSSL cannot
// read the field.
struct Certificate {
  // Of the first entry of a Certificate message (RFC 5246 section 7.4.2). False when it is cut or
  // no certificate; the fingerprint is that of the octets and there whenever those are whole.
  bool parse(std::string_view message);

  std::string subject, issuer;        // "C=US, O=Example Mail, CN=mail.example.org"
  std::string serial;                 // "0A:1B"
  std::string fingerprint;            // SHA-1: "0a:1b"
  std::string not_before, not_after;  // "2026-01-01T00:00:00", UTC
};

}  // namespace mailglass::report
