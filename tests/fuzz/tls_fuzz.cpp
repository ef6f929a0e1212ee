// SPDX-License-Identifier: BSD-3-Clause
// libFuzzer target: TLS from the first octet and behind STARTTLS (dialogue_input.h), and the input
// itself as a hello and as a certificate message.
#include "report/certificate.h"
#include "report/client_hello.h"
#include "tests/fuzz/dialogue_input.h"
#include "tests/support/example_certificate.h"
#include "tests/support/tls_octets.h"

namespace {

using namespace mailglass::test;

const std::string kHello = client_hello();
const std::string kServerHello12 = server_hello(0x0303), kServerHello13 = server_hello(0x0304);
const std::string kChain = certificate_message({example_certificate(), "issuer"});

const std::string kClientTexts[] = {tls_record(22, kHello),
                                    tls_records(kHello, 7),
                                    tls_record(22, kHello.substr(0, 50)),
                                    tls_record(22, kHello.substr(50)),
                                    kHello,
                                    tls_record(22, tls_message(1, "")),
                                    tls_record(21, "\x02\x28"),
                                    tls_record(20, "\x01"),
                                    tls_record(23, "data"),
                                    std::string("\x16\x03\x01\xff\xff\x01\xff\xff\xff", 9),
                                    std::string("\x16\x03\x01\x00\x06\x01", 6),
                                    std::string(1, '\0'),
                                    "\xff",
                                    "EHLO c.example.com\r\n",
                                    "STARTTLS\r\n",
                                    "X-ANONYMOUSTLS\r\n"};

const std::string kServerTexts[] = {tls_record(22, kServerHello12),
                                    tls_record(22, kServerHello13),
                                    tls_record(22, kServerHello12 + kChain),
                                    tls_records(kServerHello12 + kChain, 9),
                                    tls_record(22, kChain),
                                    tls_record(22, kChain.substr(0, 300)),
                                    tls_record(22, kChain.substr(300)),
                                    kChain,
                                    tls_record(22, tls_message(0, "")),
                                    tls_record(22, tls_message(14, "")),
                                    tls_record(21, "\x01\x70"),
                                    tls_record(21, "\x02\x28"),
                                    tls_record(20, "\x01"),
                                    tls_record(23, "data"),
                                    std::string("\x16\x03\x03\x00\x04\x0b\xff\xff\xff", 9),
                                    std::string(1, '\0'),
                                    "\xff",
                                    "220 x ESMTP\r\n",
                                    "250-x\r\n250 STARTTLS\r\n",
                                    "220 go\r\n"};

template <std::size_t Count>
std::vector<std::string_view> views(const std::string (&texts)[Count]) {
  return {std::begin(texts), std::end(texts)};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto client = views(kClientTexts), server = views(kServerTexts);
  const std::string_view raw = mailglass::as_text({data, size});
  const auto hello = mailglass::report::ClientHello::parse(raw);
  static_cast<void>(mailglass::report::ja3_string(hello));
  static_cast<void>(mailglass::report::ja4(hello));
  mailglass::report::Certificate certificate;
  static_cast<void>(certificate.parse(raw));
  return fuzz_dialogue({465, client, server}, data, size);
}
