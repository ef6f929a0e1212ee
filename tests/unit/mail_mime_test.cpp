// SPDX-License-Identifier: BSD-3-Clause
// Bodies of many parts: where the parts are, what is attached, what the text links to.
#include "mail/mime.h"
#include "tests/unit/mail_dialogue.h"

namespace mailglass::test {
namespace {

Dialogue sending(std::string_view content, std::string_view mail_parameters = "") {
  Dialogue d;
  d.s("220 x ESMTP\r\n").c("EHLO x.example.com\r\n").s("250 hi\r\n");
  d.c("MAIL FROM:<a@example.com>" + std::string(mail_parameters) + "\r\n").s("250 ok\r\n");
  d.c("RCPT TO:<b@example.org>\r\n").s("250 ok\r\n").c("DATA\r\n").s("354 go\r\n");
  return d.c(content).c(".\r\n").s("250 2.0.0 Ok: queued as X\r\n");
}

// A message is lines here; each gets its CRLF.
std::string lines(std::initializer_list<std::string_view> lines) {
  std::string text;
  for (const std::string_view line : lines) text.append(line).append("\r\n");
  return text;
}

const std::string kReport = lines({
    "From: a@example.com",
    "Subject: report",
    "MIME-Version: 1.0",
    "Content-Type: multipart/mixed; boundary=\"=_b1\"",
    "",
    "This is a message in MIME format.",
    "--=_b1",
    "Content-Type: text/plain",
    "",
    "See http://example.com/a?b=c. And <https://example.org/>.",
    "--=_b1",
    "Content-Type: application/pdf; name=report.pdf",
    "Content-Transfer-Encoding: base64",
    "Content-Disposition: attachment; filename=\"report.pdf\"",
    "",
    "JVBERi0xLjQKaGVsbG8gd29ybGQ=",
    "--=_b1--",
    "epilogue",
});

TEST(Mime, AnAttachmentIsNamedTypedAndCounted) {
  const Reading r = sending(kReport).read();
  EXPECT_EQ(r.get("smtp", "/email/attachment"), R"(["report.pdf"])");
  EXPECT_EQ(r.get("smtp", "/email/url"), R"(["http://example.com/a?b=c","https://example.org/"])");
  EXPECT_EQ(r.get("smtp", "/email/parts"), "2");
  EXPECT_EQ(r.get("smtp", "/email/depth"), "1");
  EXPECT_EQ(r.get("fileinfo", "/fileinfo/filename"), "report.pdf");
  EXPECT_EQ(r.get("fileinfo", "/fileinfo/size"), "20");
  EXPECT_EQ(r.get("fileinfo", "/fileinfo/magic"), "PDF document, version 1.4");
  EXPECT_EQ(r.get("fileinfo", "/fileinfo/state"), "CLOSED");
  EXPECT_EQ(r.get("fileinfo", "/fileinfo/gaps"), "false");
  EXPECT_EQ(r.get("fileinfo", "/fileinfo/content_type"), "application/pdf");
  EXPECT_EQ(r.get("fileinfo", "/fileinfo/encoding"), "base64");
  EXPECT_EQ(r.get("fileinfo", "/tx_id"), "0");
  EXPECT_NE(r.transcript().find("attachment report.pdf application/pdf 20 octets"),
            std::string::npos);
  EXPECT_EQ(r.count(Count::attachments_base64), 1u);
  EXPECT_EQ(r.count(Count::attachment_octets), 20u);
  EXPECT_EQ(r.count(Count::message_parts), 2u);
  EXPECT_EQ(r.count(Count::message_urls_reported), 2u);
  EXPECT_EQ(r.anomalies(), "");
}

// Every cut in two, besides what `read` tries.
TEST(Mime, WhereverAMessageIsCutItIsTheSame) {
  const auto whole = sending(kReport).read_cut(60'000).normal_form();
  for (std::size_t first = 1; first < kReport.size(); ++first) {
    Dialogue d;
    d.s("220 x ESMTP\r\n").c("EHLO x.example.com\r\n").s("250 hi\r\n");
    d.c("MAIL FROM:<a@example.com>\r\n").s("250 ok\r\n");
    d.c("RCPT TO:<b@example.org>\r\n").s("250 ok\r\n").c("DATA\r\n").s("354 go\r\n");
    d.c(kReport.substr(0, first)).c(kReport.substr(first)).c(".\r\n");
    d.s("250 2.0.0 Ok: queued as X\r\n");
    ASSERT_EQ(d.read_cut(60'000).normal_form(), whole) << first;
  }
}

TEST(Mime, Pop3MessagesAreReadAlike) {
  const Reading r = Dialogue(110)
                        .s("+OK ready\r\n")
                        .c("RETR 1\r\n")
                        .s("+OK " + std::to_string(kReport.size()) + " octets\r\n")
                        .s(kReport)
                        .s(".\r\n")
                        .read();
  EXPECT_EQ(r.get("pop3", "/email/attachment"), R"(["report.pdf"])");
  EXPECT_EQ(r.get("fileinfo", "/fileinfo/size"), "20");
  EXPECT_EQ(r.get("fileinfo", "/tx_id"), "0");
  EXPECT_EQ(r.get("pop3", "/email/url"), R"(["http://example.com/a?b=c","https://example.org/"])");
}

struct Named {
  std::string_view fields;
  std::string_view name;
};

TEST(Mime, FileNamesInEveryForm) {
  static constexpr Named kNames[] = {
      {"Content-Disposition: attachment; filename=plain.txt", "plain.txt"},
      {"Content-Disposition: ATTACHMENT; FileName = \"with \\\"quotes\\\".txt\"",
       "with \"quotes\".txt"},
      {"Content-Disposition: attachment; filename=no quotes.txt", "no quotes.txt"},
      {"Content-Disposition: attachment;\r\n filename*=utf-8''na%C3%AFve.txt", "naïve.txt"},
      {"Content-Disposition: attachment;\r\n filename*=iso-8859-1'fr'na%EFve.txt", "naïve.txt"},
      {"Content-Disposition: attachment;\r\n filename*0*=utf-8''na%C3;\r\n"
       " filename*1*=%AFve;\r\n filename*2=\"%41.txt\"",
       "naïve%41.txt"},
      {"Content-Disposition: attachment; filename*1=second.txt; filename*0=first-",
       "first-second.txt"},
      {"Content-Disposition: attachment; filename=\"=?utf-8?q?na=C3=AFve.txt?=\"", "naïve.txt"},
      {"Content-Disposition: attachment; filename=old.txt; filename*=utf-8''new.txt", "new.txt"},
      {"Content-Type: image/png; name=\"x.png\"", "x.png"},
      {"Content-Type: image/png; name=x.png\r\nContent-Disposition: inline; filename=y.png",
       "y.png"},
      {"Content-Disposition: attachment; filename=\"never closed", "never closed"},
      {"Content-Disposition: attachment; filename=\"a;b=c.txt\"; size=3", "a;b=c.txt"},
  };
  for (const Named& n : kNames) {
    const Reading r = sending(
                          "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n"
                          "\r\n--b\r\n" +
                          std::string(n.fields) + "\r\n\r\nabc\r\n--b--\r\n")
                          .read_cut(1448);
    EXPECT_EQ(r.get("fileinfo", "/fileinfo/filename"), n.name) << n.fields;
    EXPECT_EQ(r.get("fileinfo", "/fileinfo/size"), "3") << n.fields;
  }
}

struct Body {
  std::string_view encoding;
  std::string_view body;
  std::string_view size;
  std::string_view anomalies;
};

TEST(Mime, SizesAreThoseOfTheDecodedOctets) {
  static constexpr Body kBodies[] = {
      {"7bit", "abc\r\ndef", "8", ""},
      {"7bit", "", "0", ""},
      {"binary", "\r\n", "2", ""},
      {"base64", "YWJj\r\nZGVm\r\n", "6", ""},
      {"base64", "YWJj ZA==", "4", ""},
      {"base64", "YQ", "1", "mime_invalid_base64"},
      {"base64", "YWJjZ", "3", "mime_invalid_base64"},
      {"base64", "YW!Jj", "3", "mime_invalid_base64"},
      {"base64", "YQ==YWJj", "1", "mime_invalid_base64"},
      {"base64", "", "0", ""},
      {"quoted-printable", "a=3Db=\r\nc=C3=A4", "6", ""},
      {"quoted-printable", "a=  \r\nb", "2", ""},
      {"quoted-printable", "a=zb", "4", "mime_invalid_qp"},
      {"quoted-printable", "a=3", "3", "mime_invalid_qp"},
      {"quoted-printable", "a=", "1", ""},
      {"x-uuencode", "begin 644 x\r\n#86)C\r\n\"9&4 \r\n`\r\nend", "5", ""},
      // Blanks at the ends of lines, which stand for zeros, have been cut off.
      {"x-uuencode", "text\r\n\r\nbegin 644 x\r\n\"9&4\r\n\r\n \r\nend\r\ntext", "2", ""},
      {"x-uuencode", "begin 644 x\r\n#86)C\r\n", "3", "mime_invalid_uuencode"},
      {"x-uuencode", "begin 644 x\r\n#86~C\r\n`\r\nend", "3", "mime_invalid_uuencode"},
      {"x-uuencode", "begin 644 x\r\n~86)C\r\n`\r\nend", "0", "mime_invalid_uuencode"},
      {"x-uuencode", "no file", "0", "mime_invalid_uuencode"},
      {"x-unheard-of", "abc", "3", ""},
  };
  for (const Body& b : kBodies) {
    const Reading r =
        sending(
            "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"
            "Content-Disposition: attachment; filename=x\r\nContent-Transfer-Encoding: " +
            std::string(b.encoding) + "\r\n\r\n" + std::string(b.body) + "\r\n--b--\r\n")
            .read();
    EXPECT_EQ(r.get("fileinfo", "/fileinfo/size"), b.size) << b.body;
    EXPECT_EQ(r.anomalies(), b.anomalies) << b.body;
  }
}

TEST(Mime, PartsInsidePartsAndMessagesInsideMessages) {
  const Reading r = sending(lines({
                                "Subject: outer",
                                "Content-Type: multipart/mixed; boundary=a",
                                "",
                                "--a",
                                "Content-Type: multipart/alternative; boundary=ab",
                                "",
                                "--ab",
                                "",
                                "text",
                                "--ab",
                                "Content-Type: text/html",
                                "",
                                "<a href='http://example.com/x'>x</a>",
                                "--ab--",
                                "--a",
                                "Content-Type: message/rfc822; name=forward.eml",
                                "",
                                "Subject: inner",
                                "Content-Type: multipart/mixed; boundary=c",
                                "",
                                "--c",
                                "Content-Disposition: attachment; filename=deep.bin",
                                "",
                                "deep",
                                "--a",  // the inner multipart is never closed
                                "Content-Disposition: attachment; filename=last.bin",
                                "",
                                "last",
                                "--a--",
                            }))
                        .read();
  EXPECT_EQ(r.get("smtp", "/email/subject"), "outer");
  EXPECT_EQ(r.get("smtp", "/email/attachment"), R"(["deep.bin","forward.eml","last.bin"])");
  EXPECT_EQ(r.all("fileinfo", "/fileinfo/size"), "4 124 4");
  EXPECT_EQ(r.get("smtp", "/email/parts"), "7");
  EXPECT_EQ(r.get("smtp", "/email/depth"), "3");
  EXPECT_EQ(r.get("smtp", "/email/url"), R"(["http://example.com/x"])");
  EXPECT_EQ(r.anomalies(), "");
}

TEST(Mime, WhatOnlyLooksLikeADelimiterIsContent) {
  const Reading r = sending(lines({
                                "Content-Type: multipart/mixed; boundary=\"bound\"",
                                "",
                                "--bound",
                                "Content-Disposition: attachment; filename=x",
                                "",
                                "-",
                                "--",
                                "--boun",
                                " --bound",
                                "x--bound",
                                "--nd",
                                "--bound--",
                            }))
                        .read();
  EXPECT_EQ(r.get("fileinfo", "/fileinfo/size"), std::to_string(3 + 4 + 8 + 10 + 10 + 4));
}

TEST(Mime, HeadersWithoutEndAndPartsWithoutHeader) {
  const Reading r = sending(lines({
                                "Content-Type: multipart/mixed; boundary=b",
                                "",
                                "--b",
                                "Content-Disposition: attachment; filename=none",
                                "--b",
                                "Content-Disposition: attachment; filename=text",
                                "no field",
                                "--b",
                                "",
                                "--b",
                                "--b--",
                            }))
                        .read();
  EXPECT_EQ(r.get("smtp", "/email/attachment"), R"(["none","text"])");
  EXPECT_EQ(r.all("fileinfo", "/fileinfo/size"), "0 8");
  EXPECT_EQ(r.get("smtp", "/email/parts"), "4");
}

TEST(Mime, AMessageThatIsItselfAFile) {
  const Reading r = sending(
                        "Content-Type: application/zip; name=x.zip\r\n"
                        "Content-Transfer-Encoding: base64\r\n\r\nUEsDBA==\r\n")
                        .read();
  EXPECT_EQ(r.get("smtp", "/email/attachment"), R"(["x.zip"])");
  EXPECT_EQ(r.get("fileinfo", "/fileinfo/size"), "4");
}

TEST(Mime, DigestsAreOfTheDecodedOctets) {
  pipelines::MailLimits limits = small_limits();
  limits.mail.digests = {.md5 = true, .sha1 = true, .sha256 = true};
  limits.mail.digest_slots = 1;
  const auto abc = [](std::string_view body, std::string_view encoding) {
    return "Content-Type: application/x-abc; name=abc\r\nContent-Transfer-Encoding: " +
           std::string(encoding) + "\r\n\r\n" + std::string(body) + "\r\n";
  };
  for (const std::string& content :
       {abc("YWJj", "base64"), abc("=61b=\r\nc=", "quoted-printable")}) {
    const Reading r = sending(content).limits(limits).read();
    EXPECT_EQ(r.get("fileinfo", "/fileinfo/md5"), "900150983cd24fb0d6963f7d28e17f72");
    EXPECT_EQ(r.get("fileinfo", "/fileinfo/sha1"), "a9993e364706816aba3e25717850c26c9cd0d89d");
    EXPECT_EQ(r.get("fileinfo", "/fileinfo/sha256"),
              "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(r.count(Count::mime_refused_digests), 0u);
  }
  limits.mail.digests = {.md5 = false, .sha1 = true, .sha256 = false};
  const Reading one = sending(abc("YWJj", "base64")).limits(limits).read();
  EXPECT_EQ(one.get("fileinfo", "/fileinfo/md5"), "");
  EXPECT_EQ(one.get("fileinfo", "/fileinfo/sha1"), "a9993e364706816aba3e25717850c26c9cd0d89d");
  // The place is given back also where the end is not seen.
  const Reading cut = sending(abc("YWJj", "base64") + "x").limits(limits).cut_off().read();
  EXPECT_EQ(cut.count(Count::mime_refused_digests), 0u);
}

TEST(Mime, LostOctetsAreSaid) {
  const std::string front = kReport.substr(0, kReport.find("aGVsbG8"));
  const std::string back = kReport.substr(kReport.find("d29ybGQ"));
  Dialogue d;
  d.s("220 x ESMTP\r\n").c("EHLO x.example.com\r\n").s("250 hi\r\n");
  d.c("MAIL FROM:<a@example.com>\r\n").s("250 ok\r\n");
  d.c("RCPT TO:<b@example.org>\r\n").s("250 ok\r\n").c("DATA\r\n").s("354 go\r\n");
  d.c(front).lost_c("aGVsbG8g").c(back).c(".\r\n").s("250 2.0.0 Ok: queued as X\r\n");
  const Reading r = d.read_cut(1448);
  EXPECT_EQ(r.get("fileinfo", "/fileinfo/gaps"), "true");
  EXPECT_EQ(r.get("fileinfo", "/fileinfo/state"), "TRUNCATED");
  EXPECT_EQ(r.get("smtp", "/email/attachment"), R"(["report.pdf"])");
  EXPECT_EQ(r.anomalies(), "");
}

TEST(Mime, ASessionCutOffLeavesATruncatedFile) {
  Dialogue d;
  d.s("220 x ESMTP\r\n").c("EHLO x.example.com\r\n").s("250 hi\r\n");
  d.c("MAIL FROM:<a@example.com>\r\n").s("250 ok\r\n");
  d.c("RCPT TO:<b@example.org>\r\n").s("250 ok\r\n").c("DATA\r\n").s("354 go\r\n");
  const Reading r = d.c(kReport.substr(0, kReport.find("d29ybGQ"))).cut_off().read();
  EXPECT_EQ(r.get("fileinfo", "/fileinfo/state"), "TRUNCATED");
  EXPECT_EQ(r.get("fileinfo", "/fileinfo/gaps"), "false");
}

std::string nested(int depth) {
  std::string text;
  for (int i = 0; i < depth; ++i) {
    const std::string b = "b" + std::to_string(i) + "-";
    text += "Content-Type: multipart/mixed; boundary=" + b + "\r\n\r\n--" + b + "\r\n";
  }
  return text + "Content-Disposition: attachment; filename=x\r\n\r\nabc\r\n";
}

TEST(Mime, DepthPartsAndBoundariesHaveTheirLimits) {
  EXPECT_EQ(sending(nested(8)).read().anomalies(), "");
  const Reading deep = sending(nested(9)).read();
  EXPECT_EQ(deep.anomalies(), "mime_too_deep");
  EXPECT_EQ(deep.get("smtp", "/email/depth"), "8");
  EXPECT_EQ(deep.get("smtp", "/email/attachment"), "");

  std::string many = "Content-Type: multipart/mixed; boundary=b\r\n\r\n";
  for (int i = 0; i < 12; ++i) {
    many += "--b\r\nContent-Disposition: attachment; filename=x\r\n\r\nabc\r\n";
  }
  pipelines::MailLimits limits = small_limits();
  limits.mail.mime_parts = 10;
  const Reading r = sending(many).limits(limits).read();
  EXPECT_EQ(r.anomalies(), "mime_too_many_parts");
  EXPECT_EQ(r.of_type("fileinfo").size(), 10u);
  EXPECT_EQ(r.get("smtp", "/email/parts"), "12");

  for (const std::size_t length : {70u, 71u, 127u, 128u, 300u, 3000u}) {
    const std::string b(length, 'b');
    const Reading one = sending("Content-Type: multipart/mixed; boundary=" + b + "\r\n\r\n--" + b +
                                "\r\nContent-Disposition: attachment; filename=x\r\n\r\nabc\r\n")
                            .read();
    EXPECT_EQ(one.anomalies(), length > 1000 ? "message_line_too_long mime_boundary_too_long"
                               : length > 70 ? "mime_boundary_too_long"
                                             : "")
        << length;
    EXPECT_EQ(one.get("fileinfo", "/fileinfo/size"), "5") << length;  // never closed: its end is
  }
}

TEST(Mime, WithoutBlocksBodiesAreNotReadAndCounted) {
  pipelines::MailLimits limits = small_limits();
  limits.mail.blocks = 1;
  const Reading r = sending(kReport).limits(limits).read_cut(1448);
  EXPECT_EQ(r.get("smtp", "/email/subject"), "report");
  limits.mail.mime_depth = 0;
  const Reading off = sending(kReport).limits(limits).read_cut(1448);
  EXPECT_EQ(off.of_type("fileinfo").size(), 0u);
  EXPECT_EQ(off.count(Count::mime_refused_blocks), 0u);
}

TEST(Mime, EightBitOctetsNeedADeclaration) {
  const std::string content =
      "Subject: x\r\n\r\ngr\xc3\xbc\xc3\x9f" + std::string(40, 'e') + "\r\n";
  EXPECT_EQ(sending(content).read().anomalies(), "smtp_8bit_undeclared");
  EXPECT_EQ(sending(content, " SIZE=400 BODY=8BITMIME").read().anomalies(), "");
  EXPECT_EQ(sending(content, " body=binarymime").read().anomalies(), "smtp_binarymime_by_data");
  EXPECT_EQ(sending(content, " SMTPUTF8").read().anomalies(), "");
  EXPECT_EQ(sending("Subject: x\r\n\r\nplain\r\n").read().anomalies(), "");
}

}  // namespace
}  // namespace mailglass::test
