// SPDX-License-Identifier: BSD-3-Clause
// BDAT (RFC 3030): messages in chunks whose sizes are declared.
#include "tests/unit/mail_dialogue.h"

namespace mailglass::test {
namespace {

Dialogue greeted(unsigned port = 25) {
  return Dialogue(port)
      .s("220 mail.example.org ESMTP Postfix\r\n")
      .c("EHLO client.example.com\r\n")
      .s("250-mail.example.org\r\n250-PIPELINING\r\n250-CHUNKING\r\n250 8BITMIME\r\n");
}

Dialogue& quit(Dialogue& d) { return d.c("QUIT\r\n").s("221 2.0.0 Bye\r\n"); }

Dialogue ready_for_chunks() {
  return greeted()
      .c("MAIL FROM:<a@example.com> BODY=BINARYMIME\r\n")
      .s("250 ok\r\n")
      .c("RCPT TO:<b@example.org>\r\n")
      .s("250 ok\r\n");
}

TEST(Bdat, ChunksMakeOneMessage) {
  Dialogue d = ready_for_chunks()
                   .c("BDAT 12\r\nSubject: hi\n")
                   .s("250 2.0.0 12 octets\r\n")
                   .c("BDAT 4\r\n\r\n.\r")
                   .s("250 2.0.0 4 octets\r\n")
                   .c(std::string_view("BDAT 6 LAST\r\n\nQUIT\0", 19))
                   .s("250 2.0.0 queued as B1\r\n");
  const Reading r = quit(d).read();
  EXPECT_EQ(r.get("smtp", "/smtp/transfer"), "BDAT");
  EXPECT_EQ(r.get("smtp", "/smtp/octets"), "22");
  EXPECT_EQ(r.get("smtp", "/smtp/chunks"), "3");
  EXPECT_EQ(r.get("smtp", "/smtp/outcome"), "accepted");
  EXPECT_EQ(r.get("smtp", "/email/subject"), "hi");
  EXPECT_EQ(r.count(Count::smtp_QUIT), 1u);
  EXPECT_EQ(r.anomalies(), "");
}

TEST(Bdat, AnEmptyLastChunkEndsTheMessage) {
  Dialogue d = ready_for_chunks()
                   .c("BDAT 5\r\na: b\n")
                   .s("250 ok\r\n")
                   .c("BDAT 0 LAST\r\n")
                   .s("250 2.0.0 queued\r\n");
  const Reading r = quit(d).read();
  EXPECT_EQ(r.get("smtp", "/smtp/octets"), "5");
  EXPECT_EQ(r.get("smtp", "/smtp/outcome"), "accepted");
}

TEST(Bdat, AMalformedSizeIsNamedAndSkipsNothing) {
  for (const char* size : {"", "x", "-1", "5 FIRST", "99999999999999999999", "5LAST"}) {
    Dialogue d = ready_for_chunks().c(std::string("BDAT ") + size + "\r\n").s("501 5.5.4 no\r\n");
    const Reading r = quit(d).read();
    EXPECT_EQ(r.anomalies(), "smtp_bdat_malformed") << size;
    EXPECT_EQ(r.count(Count::smtp_QUIT), 1u) << size;
  }
}

TEST(Bdat, OctetsOfARefusedChunkAreNoCommands) {
  Dialogue d = ready_for_chunks()
                   .c("BDAT 12\r\n")
                   .s("552 5.3.4 too big\r\n")
                   .c("MAIL FROM:<x")
                   .c("RSET\r\n")
                   .s("250 ok\r\n")
                   .c("MAIL FROM:<next@example.com>\r\n")
                   .s("250 ok\r\n");
  const Reading r = quit(d).read();
  EXPECT_EQ(r.count(Count::smtp_MAIL), 2u);
  EXPECT_EQ(r.all("smtp", "/smtp/outcome"), "rejected aborted");
  EXPECT_EQ(r.anomalies(), "");
}

TEST(Bdat, ResetBetweenChunksResetsTheTransaction) {
  Dialogue d =
      ready_for_chunks().c("BDAT 5\r\na: b\n").s("250 ok\r\n").c("RSET\r\n").s("250 ok\r\n");
  const Reading r = quit(d).read();
  EXPECT_EQ(r.all("smtp", "/smtp/outcome"), "reset");
  EXPECT_EQ(r.count(Count::messages_bdat), 1u);
}

TEST(Bdat, DataBehindAChunkLosesNoMemory) {
  Dialogue d = ready_for_chunks()
                   .c("BDAT 9\r\nSubject: ")
                   .s("250 ok\r\n")
                   .c("DATA\r\n")
                   .s("503 5.5.1 BDAT in use\r\n")
                   .c("DATA\r\n")
                   .s("354 go on then\r\n")
                   .c("Subject: two\r\n\r\n.\r\n")
                   .s("250 ok\r\n");
  const Reading r = quit(d).read();
  EXPECT_EQ(r.count(Count::messages_bdat), 1u);
}

}  // namespace
}  // namespace mailglass::test
