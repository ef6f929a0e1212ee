// SPDX-License-Identifier: BSD-3-Clause
// libFuzzer target: one POP3 dialogue (dialogue_input.h).
#include "tests/fuzz/dialogue_input.h"

namespace {

constexpr std::string_view kClient[] = {"USER bob\r\n",
                                        "PASS secret\r\n",
                                        "APOP bob 0123456789abcdef0123456789abcdef\r\n",
                                        "AUTH\r\n",
                                        "AUTH PLAIN\r\n",
                                        "AUTH PLAIN AGJvYgBzZWNyZXQ=\r\n",
                                        "AUTH LOGIN\r\n",
                                        "AGJvYgBzZWNyZXQ=\r\n",
                                        "c2VjcmV0\r\n",
                                        "*\r\n",
                                        "STAT\r\n",
                                        "LIST\r\n",
                                        "LIST 1\r\n",
                                        "UIDL\r\n",
                                        "UIDL 1\r\n",
                                        "RETR 1\r\n",
                                        "RETR 2\r\n",
                                        "TOP 1 0\r\n",
                                        "DELE 1\r\n",
                                        "NOOP\r\n",
                                        "RSET\r\n",
                                        "LAST\r\n",
                                        "CAPA\r\n",
                                        "STLS\r\n",
                                        "UTF8\r\n",
                                        "LANG\r\n",
                                        "LANG en\r\n",
                                        "XTND XLST\r\n",
                                        "QUIT\r\n",
                                        "XYZZY 1\r\n",
                                        "\r\n",
                                        "\n",
                                        "\x16\x03\x01",
                                        "x",
                                        " ",
                                        "PROXY TCP4 198.51.100.7 192.0.2.9 56324 25\r\n",
                                        std::string_view("\r\n\r\n\0\r\nQUIT\n\x20\0\0\0", 16)};

constexpr std::string_view kServer[] = {
    "+OK ready\r\n",
    "+OK\r\n",
    "+OK 3 17395\r\n",
    "+OK 20 octets\r\n",
    "-ERR no\r\n",
    "-ERR [AUTH] no\r\n",
    "+ \r\n",
    "+ VXNlcm5hbWU6\r\n",
    "1 14417\r\n",
    "2 882\r\n",
    "1 id\r\n",
    "STLS\r\n",
    "SASL PLAIN\r\n",
    ".\r\n",
    "..\r\n",
    "\r\n.\r\n",
    "Subject: hi\r\n",
    "From: a@example.com\r\n",
    " folded\r\n",
    "\r\n",
    "\n",
    "\r",
    ".",
    "body",
    "a line longer than two of the blocks in which bodies are read",
    "+OK",
    "\x16\x03\x03",
    "no status\r\n",
    std::string_view("\0", 1),
    "\n.\n"};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return mailglass::test::fuzz_dialogue({110, kClient, kServer}, data, size);
}
