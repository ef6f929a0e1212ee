// SPDX-License-Identifier: BSD-3-Clause
// The handshake of one session as its records tell it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "report/allowance.h"
#include "tally/event.h"

namespace mailglass::report {

class TlsView {
 public:
  static constexpr std::size_t kAlpns = 32;

  explicit TlsView(Allowance& allowance) : allowance_(allowance) {}

  void message(const tally::TlsMessage&, std::string_view body);
  void end(const tally::TlsEnd&);
  bool seen() const { return seen_; }  // a hello of either side

  // How the session came to it, if it did: from its first octet on, or by STARTTLS or STLS.
  bool implicit = false, upgraded = false;

  std::string sni, version, ja3, ja3_hash, ja4;
  std::vector<std::string> alpns;
  std::string subject, issuer, serial, fingerprint, not_before, not_after;
  Kept kept;

 private:
  void client_hello(std::string_view body);
  void certificate(std::string_view body);
  void keep(std::string& to, std::string&& text) {
    allowance_.keep_text(kept, to, std::move(text));
  }

  Allowance& allowance_;
  bool seen_ = false;
};

// "TLS 1.3", "TLSv1" as Suricata has it; "" for 0: unknown.
std::string tls_version(std::uint16_t version);

}  // namespace mailglass::report
