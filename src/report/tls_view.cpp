// SPDX-License-Identifier: BSD-3-Clause
#include "report/tls_view.h"

#include <fmt/format.h>

#include <utility>

#include "report/certificate.h"
#include "report/client_hello.h"
#include "report/digest.h"

namespace mailglass::report {
namespace {

constexpr std::uint8_t kClientHello = 1, kServerHello = 2, kCertificate = 11;

}  // namespace

std::string tls_version(std::uint16_t version) {
  switch (version) {
    case 0:
      return {};
    case 0x0300:
      return "SSLv3";
    case 0x0301:
      return "TLSv1";
    case 0x0302:
      return "TLS 1.1";
    case 0x0303:
      return "TLS 1.2";
    case 0x0304:
      return "TLS 1.3";
    default:
      break;
  }
  if (version >> 8 == 0x7f) return fmt::format("TLS 1.3 draft-{:02}", version & 255);
  return fmt::format("0x{:04x}", version);
}

void TlsView::message(const tally::TlsMessage& message, std::string_view body) {
  if (message.truncated) kept.truncated = true;
  if (message.type == kClientHello) client_hello(body);
  if (message.type == kCertificate) certificate(body);
  seen_ = seen_ || message.type == kClientHello || message.type == kServerHello;
}

void TlsView::client_hello(std::string_view body) {
  const ClientHello hello = ClientHello::parse(body);
  allowance_.keep(kept, sni, hello.sni);
  for (const std::string& name : hello.alpns) {
    if (alpns.size() >= kAlpns || !allowance_.take(kept, sizeof(std::string))) {
      kept.truncated = true;
      break;
    }
    allowance_.keep(kept, alpns.emplace_back(), name);
  }
  if (!hello.whole) {
    kept.truncated = true;
    return;
  }
  keep(ja4, report::ja4(hello));
  std::string string = ja3_string(hello);
  keep(ja3_hash, hex(digest("MD5", string)));
  keep(ja3, std::move(string));
}

void TlsView::certificate(std::string_view body) {
  Certificate leaf;
  if (!leaf.parse(body)) kept.truncated = true;
  allowance_.keep(kept, subject, leaf.subject);
  allowance_.keep(kept, issuer, leaf.issuer);
  keep(serial, std::move(leaf.serial));
  keep(fingerprint, std::move(leaf.fingerprint));
  keep(not_before, std::move(leaf.not_before));
  keep(not_after, std::move(leaf.not_after));
}

void TlsView::end(const tally::TlsEnd& end) { version = tls_version(end.version); }

}  // namespace mailglass::report
