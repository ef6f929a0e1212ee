// SPDX-License-Identifier: BSD-3-Clause
// libFuzzer target: one authentication exchange of SMTP or POP3. The input's first octet chooses
// the mechanism, the protocol and the policy; then come responses, a length and octets each, sent
// in base64. And NTLM's message by itself: no name lies outside of it.
#include <iterator>

#include "mail/ntlm.h"
#include "tests/fuzz/outcome.h"
#include "tests/support/talk.h"

namespace mailglass::test {
namespace {

constexpr std::string_view kMechanisms[] = {"PLAIN",    "LOGIN",   "CRAM-MD5",      "DIGEST-MD5",
                                            "NTLM",     "XOAUTH2", "SCRAM-SHA-256", "OAUTHBEARER",
                                            "EXTERNAL", "GSSAPI",  "XYZZY"};

std::string base64(Bytes octets) {
  static constexpr char kDigits[] =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i < octets.size(); i += 3) {
    unsigned group = 0;
    for (std::size_t j = 0; j < 3; ++j) {
      group = group << 8 | (i + j < octets.size() ? octets[i + j] : 0u);
    }
    for (std::size_t j = 0; j < 4; ++j) {
      out += i + j <= octets.size() ? kDigits[group >> (18 - 6 * j) & 63] : '=';
    }
  }
  return out;
}

void check_ntlm(Bytes message) {
  const auto names = mail::read_ntlm_authenticate(message);
  if (!names) return;
  for (const Bytes name : {names->domain, names->user, names->workstation}) {
    if (name.empty()) continue;
    if (name.data() < message.data() || name.size() > message.size() ||
        name.data() + name.size() > message.data() + message.size()) {
      broken("a name outside of the message");
    }
    char text[64];
    if (mail::ntlm_text(name, names->utf16, text).size() > sizeof text) broken("too long a name");
  }
}

void exchange(Input input) {
  const unsigned choice = input.octet();
  const bool pop3 = (choice & 0x10u) != 0;
  Inspection::Options options;
  options.limits = tiny_limits();
  options.credentials.policy = static_cast<mail::CredentialPolicy>((choice >> 5 & 3u) % 3);
  Talk talk(pop3 ? 110 : 587);
  talk.handshake().server(pop3 ? "+OK ready\r\n" : "220 x ESMTP\r\n");
  if (!pop3) talk.client("EHLO x.example.com\r\n").server("250 AUTH PLAIN\r\n");
  std::string line("AUTH ");
  line += kMechanisms[(choice & 15u) % std::size(kMechanisms)];
  while (!input.empty()) {
    const unsigned control = input.octet();
    const Bytes octets = input.octets(control & 0x7fu);
    if ((control & 0x80u) != 0) {  // as it is
      line.append(as_text(octets));
    } else {
      if (line.starts_with("AUTH")) line += ' ';
      line += base64(octets);
    }
    talk.client(line + "\r\n").server(pop3 ? "+ \r\n" : "334 \r\n");
    line.clear();
  }
  talk.client("*\r\n").server(pop3 ? "-ERR no\r\n" : "535 5.7.8 no\r\n").farewell();
  Inspection inspection(options);
  inspection.take(talk.frames());
  inspection.finish();
  check_outcome(inspection);
}

}  // namespace
}  // namespace mailglass::test

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 2048) return 0;
  mailglass::test::check_ntlm({data, size});
  mailglass::test::exchange({data, size});
  return 0;
}
