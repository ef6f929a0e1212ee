// SPDX-License-Identifier: BSD-3-Clause
// The `tls` object, in Suricata's order.
#include "report/eve.h"

namespace mailglass::report {

void EveLog::tls(const Dialogue& dialogue, Tick time) {
  const TlsView& tls = dialogue.tls;
  begin(EventType::tls, dialogue, time);
  json_.open("tls");
  json_.known("subject", tls.subject);
  json_.known("issuerdn", tls.issuer);
  json_.known("serial", tls.serial);
  json_.known("fingerprint", tls.fingerprint);
  json_.known("sni", tls.sni);
  json_.known("version", tls.version);
  json_.known("notbefore", tls.not_before);
  json_.known("notafter", tls.not_after);
  if (!tls.ja3_hash.empty()) {
    json_.open("ja3");
    json_.text("hash", tls.ja3_hash);
    json_.known("string", tls.ja3);
    json_.close();
  }
  json_.known("ja4", tls.ja4);
  json_.list("client_alpns", tls.alpns);
  json_.text("from_proto", dialogue.is_pop3() ? "pop3" : "smtp");
  if (tls.kept.truncated || dialogue.lost > 0) json_.flag("truncated", true);
  json_.close();
  end(EventType::tls);
}

}  // namespace mailglass::report
