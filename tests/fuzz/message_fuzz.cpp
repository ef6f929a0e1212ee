// SPDX-License-Identifier: BSD-3-Clause
// libFuzzer target: one message behind DATA, RETR or BDAT, and where it is cut.
//
//   octet 0   bits 0-1 the transfer, bit 2 digests, bit 3 a gap in the middle, bits 4-7 limits
//   then a word of the vocabulary for each octet below 192, else as many octets as it is above 191
//
// Whole, in segments of one octet and of five the events are the same.
#include "tests/fuzz/outcome.h"
#include "tests/support/normal_form.h"
#include "tests/support/talk.h"

namespace mailglass::test {
namespace {

constexpr std::string_view kWords[] = {
    "\r\n",
    "\r\n\r\n",
    "\n",
    "\r",
    "--",
    "-",
    "--a",
    "--b",
    "--ab",
    "--a--",
    "--b--",
    "\r\n--a",
    "\r\n--b\r\n",
    "\r\n--a\r\n",
    "\r\n--a--\r\n",
    " ",
    "\t",
    ";",
    "\"",
    "\\",
    "=",
    "==",
    "'",
    "%41",
    "Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\n",
    "Content-Type: multipart/digest; boundary=\"ab\"\r\n\r\n--ab\r\n",
    "Content-Type: multipart/x; boundary=b\r\n",
    "Content-Type: text/html\r\n",
    "Content-Type: message/rfc822; name=m\r\n",
    "Content-Type: a/b; name*0*=utf-8''%C3;",
    " name*1=\"x\"\r\n",
    "Content-Type: multipart/mixed; boundary=",
    "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbb",
    "Content-Disposition: attachment; filename=f\r\n",
    "Content-Disposition: inline\r\n",
    "Content-Transfer-Encoding: base64\r\n",
    "Content-Transfer-Encoding: quoted-printable\r\n",
    "Content-Transfer-Encoding: x-uue\r\n",
    "Content-Transfer-Encoding: binary\r\n",
    "begin 644 x\r\n",
    "#86)C\r\n",
    "`\r\nend\r\n",
    "YWJj",
    "YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4",
    "=3D",
    "=C3=A4",
    "=\r\n",
    "= \r\n",
    "http://",
    "HTTPS://x.example/",
    "ftp://f ",
    "://",
    "<a href='",
    "text without end",
    "Subject: s\r\n",
    " folded\r\n",
    "no field\r\n",
    "\xc3\xa4",
    "\xff",
    ".",
    ".."};

std::string text_of(Input input) {
  std::string text;
  while (!input.empty()) {
    const unsigned octet = input.octet();
    if (octet < 192) {
      text += kWords[octet % std::size(kWords)];
    } else {
      text += as_text(input.octets(octet - 191));
    }
  }
  return text;
}

std::vector<TimedFrame> frames(unsigned choice, const std::string& text, std::size_t segment) {
  const unsigned way = choice & 3u;
  Talk talk(way == 3 ? 110 : 25);
  talk.segment_size(segment).handshake();
  std::string stuffed;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool line = i == 0 || (i >= 2 && text[i - 1] == '\n' && text[i - 2] == '\r');
    if (line && text[i] == '.') stuffed += '.';
    stuffed += text[i];
  }
  stuffed += "\r\n.\r\n";
  const bool gap = (choice & 8u) != 0;
  const std::string front = gap ? stuffed.substr(0, stuffed.size() / 2) : stuffed;
  if (way == 3) {
    talk.server("+OK x\r\n").client("RETR 1\r\n").server("+OK\r\n").server(front);
    if (gap) talk.lose_server("lost").server(stuffed.substr(front.size()));
    return talk.client("QUIT\r\n").server("+OK\r\n").farewell().frames();
  }
  talk.server("220 x ESMTP\r\n").client("EHLO c\r\n").server("250 x\r\n");
  talk.client("MAIL FROM:<a@b>\r\n").server("250 x\r\n").client("RCPT TO:<c@d>\r\n");
  talk.server("250 x\r\n");
  if (way == 2) {
    talk.client("BDAT " + std::to_string(text.size()) + " LAST\r\n").client(text);
  } else {
    talk.client("DATA\r\n").server("354 x\r\n").client(front);
    if (gap) talk.lose_client("lost").client(stuffed.substr(front.size()));
  }
  return talk.server("250 x\r\n").client("QUIT\r\n").server("221 x\r\n").farewell().frames();
}

std::vector<std::string> inspect(unsigned choice, const std::string& text, std::size_t segment) {
  Inspection::Options options;
  options.limits = tiny_limits();
  options.limits.mail.mime_depth = choice >> 4 & 7u;
  options.limits.mail.mime_parts = 1 + (choice >> 5);
  options.limits.mail.urls = choice >> 6;
  options.limits.mail.digests = {.md5 = (choice & 4u) != 0, .sha1 = false, .sha256 = false};
  options.limits.mail.digest_slots = 1;
  Inspection inspection(options);
  inspection.take(frames(choice, text, segment));
  inspection.finish();
  check_outcome(inspection);
  return normal_form(inspection.eve(), Forget::packets);
}

}  // namespace
}  // namespace mailglass::test

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace mailglass::test;
  if (size < 2 || size > 2048) return 0;
  const unsigned choice = data[0];
  const std::string text = text_of({data + 1, size - 1});
  const auto whole = inspect(choice, text, 60'000);
  // How long a hole is waited for is counted in segments.
  if ((choice & 8u) != 0 || text.size() > 2000) return 0;
  for (const std::size_t segment : {std::size_t{5}, std::size_t{1}}) {
    const auto cut = inspect(choice, text, segment);
    if (whole == cut) continue;
    for (const auto& line : whole) std::fprintf(stderr, "whole: %s\n", line.c_str());
    for (const auto& line : cut) std::fprintf(stderr, "cut:   %s\n", line.c_str());
    broken("smaller segments give other events");
  }
  return 0;
}
