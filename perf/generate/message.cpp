// SPDX-License-Identifier: BSD-3-Clause
#include "message.h"

#include <algorithm>
#include <array>
#include <ctime>

#include "base64.h"

namespace mailglass::generate {

namespace {

struct FileKind {
  std::string_view extension;
  std::string_view type;
  std::string_view magic;  // what such a file begins with
};
constexpr std::array<FileKind, 4> kFileKinds{{
    {"pdf", "application/pdf", "%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"},
    {"zip", "application/zip", "PK\x03\x04\x14"},
    {"png", "image/png", "\x89PNG\r\n\x1a\n"},
    {"docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
     "PK\x03\x04\x14"},
}};
constexpr std::array<std::string_view, 5> kFileNames{"invoice", "report", "scan", "minutes",
                                                     "contract"};
constexpr std::array<std::string_view, 3> kMailers{
    "Mozilla Thunderbird", "Apple Mail (2.3774.300.61.1.2)", "Evolution 3.46.4-2"};

std::string hexadecimal(std::uint64_t value) {
  std::string out;
  for (int i = 0; i < 12; ++i, value >>= 4U) out += "0123456789abcdef"[value & 15U];
  return out;
}

std::string some_octets(Random& random, std::string_view magic, std::size_t length) {
  std::string out(magic.substr(0, length));
  while (out.size() < length) out += static_cast<char>(random.below(256));
  return out;
}

// The header without the MIME fields.
std::string header(const MessageWish& wish, const Subject& subject, const std::string& message_id,
                   Random& random) {
  std::string text = wish.trace;
  text += "Message-ID: <" + message_id + ">\r\n";
  text += "Date: " + date_time(wish.time_us) + "\r\n";
  text += "From: " + wish.from.name + " <" + wish.from.mailbox + ">\r\n";
  text += "To: ";
  for (std::size_t i = 0; i < wish.to.size(); ++i) {
    if (i > 0) text += ",\r\n ";  // folded, one address a line
    text += wish.to[i];
  }
  text += "\r\nSubject: " + subject.wire + "\r\n";
  text += "User-Agent: " + std::string(random.pick(kMailers)) + "\r\n";
  text += "MIME-Version: 1.0\r\n";
  return text;
}

// RFC 2045 section 6.8: full lines, the first with the file's magic, the last one short and padded.
void add_attachment(Message& message, std::string_view magic, std::size_t octets,
                    const Corpus& corpus, Random& random) {
  message.wire.add(base64(some_octets(random, magic, 57)) + "\r\n");
  corpus.add_base64(message.wire, random, octets);
  message.wire.add(base64(some_octets(random, {}, random.between(1, 56))) + "\r\n");
}

}  // namespace

std::string date_time(std::uint64_t time_us) {
  const auto seconds = static_cast<std::time_t>(time_us / 1'000'000);
  std::tm fields{};
  gmtime_r(&seconds, &fields);
  std::array<char, 64> text{};
  const std::size_t length =
      std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S +0000", &fields);
  return {text.data(), length};
}

Message write_message(const MessageWish& wish, const Corpus& corpus, Random& random) {
  static constexpr std::string_view kText =
      "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 7bit\r\n\r\n";
  Message message;
  const Subject subject = any_subject(random);
  message.record.subject = subject.text;
  // One draw a statement, here and everywhere: C++ leaves the order within one open.
  message.record.message_id = hexadecimal(random.next()) + ".";
  message.record.message_id += std::to_string(random.below(100'000)) + "@" + wish.from.domain();
  const auto body =
      static_cast<std::size_t>(random.bounded_lognormal(static_cast<double>(wish.mean_body)));
  message.wire.add(header(wish, subject, message.record.message_id, random));

  std::size_t dots = 0;
  if (!random.chance(wish.attachments)) {
    message.wire.add(std::string(kText));
    dots = corpus.add_text(message.wire, random, body);
  } else {
    // A short text, and the rest of the body is the file.
    const FileKind& kind = random.pick(kFileKinds);
    std::string name(random.pick(kFileNames));
    name += "-" + std::to_string(random.below(10'000)) + "." + std::string(kind.extension);
    const std::string boundary = "------------" + hexadecimal(random.next());
    const std::size_t text = std::min<std::size_t>(body / 4, random.between(200, 2000));
    message.record.attachment = name;
    message.wire.add("Content-Type: multipart/mixed; boundary=\"" + boundary +
                     "\"\r\n\r\nThis is a multi-part message in MIME format.\r\n--" + boundary +
                     "\r\n" + std::string(kText));
    dots = corpus.add_text(message.wire, random, text);
    message.wire.add("\r\n--" + boundary + "\r\nContent-Type: " + std::string(kind.type) +
                     ";\r\n name=\"" + name +
                     "\"\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment;"
                     "\r\n filename=\"" +
                     name + "\"\r\n\r\n");
    add_attachment(message, kind.magic, body - text, corpus, random);
    message.wire.add("--" + boundary + "--\r\n");
  }
  message.record.octets = message.wire.size() - dots;
  return message;
}

}  // namespace mailglass::generate
