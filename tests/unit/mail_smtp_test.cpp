// SPDX-License-Identifier: BSD-3-Clause
// SMTP and LMTP dialogues: commands, replies, transactions.
#include "tests/unit/mail_dialogue.h"

namespace mailglass::test {
namespace {

Dialogue greeted(unsigned port = 25) {
  return Dialogue(port)
      .s("220 mail.example.org ESMTP Postfix\r\n")
      .c("EHLO client.example.com\r\n")
      .s("250-mail.example.org\r\n250-PIPELINING\r\n250-CHUNKING\r\n250 8BITMIME\r\n");
}

Dialogue asked_for_data() {
  return greeted()
      .c("MAIL FROM:<a@example.com>\r\n")
      .s("250 2.1.0 Ok\r\n")
      .c("RCPT TO:<b@example.org>\r\n")
      .s("250 2.1.5 Ok\r\n")
      .c("DATA\r\n")
      .s("354 go ahead\r\n");
}

Dialogue& quit(Dialogue& d) { return d.c("QUIT\r\n").s("221 2.0.0 Bye\r\n"); }

TEST(Smtp, OneDeliveryIsOneTransactionEvent) {
  Dialogue d = asked_for_data()
                   .c("Subject: greetings\r\nFrom: A <a@example.com>\r\n\r\nMerry "
                      "Christmas!!!\r\n.\r\n")
                   .s("250 2.0.0 Ok: queued as 4XyZ\r\n");
  const Reading r = quit(d).read();
  EXPECT_EQ(r.count(Count::sessions_smtp), 1u);
  EXPECT_EQ(r.count(Count::smtp_transactions_accepted), 1u);
  EXPECT_EQ(r.count(Count::message_octets_data), 67u);
  EXPECT_EQ(r.of_type("smtp").size(), 1u);
  EXPECT_EQ(r.get("smtp", "/smtp/helo"), "client.example.com");
  EXPECT_EQ(r.get("smtp", "/smtp/mail_from"), "<a@example.com>");
  EXPECT_EQ(r.get("smtp", "/smtp/rcpt_to"), R"(["<b@example.org>"])");
  EXPECT_EQ(r.get("smtp", "/smtp/outcome"), "accepted");
  EXPECT_EQ(r.get("smtp", "/smtp/result/enhanced"), "2.0.0");
  EXPECT_EQ(r.get("smtp", "/email/subject"), "greetings");
  EXPECT_EQ(r.anomalies(), "");
  EXPECT_EQ(r.get("flow", "/flow/gap"), "false");
}

TEST(Smtp, EveryVerbIsCountedByName) {
  static constexpr std::pair<std::string_view, Count> kVerbs[] = {
      {"HELO c.example.com", Count::smtp_HELO},
      {"ehlo c.example.com", Count::smtp_EHLO},
      {"RSET", Count::smtp_RSET},
      {"noop hello", Count::smtp_NOOP},
      {"VRFY someone", Count::smtp_VRFY},
      {"EXPN list", Count::smtp_EXPN},
      {"HELP MAIL", Count::smtp_HELP},
      {"ETRN example.org", Count::smtp_ETRN},
      {"TURN", Count::smtp_TURN},
      {"ATRN example.org", Count::smtp_ATRN},
      {"XCLIENT ADDR=192.0.2.1", Count::smtp_XCLIENT},
      {"XFORWARD NAME=x", Count::smtp_XFORWARD},
      {"MAIL FROM:<a@example.com>", Count::smtp_MAIL},
      {"RCPT TO:<b@example.org>", Count::smtp_RCPT},
      {"QUIT", Count::smtp_QUIT},
  };
  for (const auto& [line, verb] : kVerbs) {
    Dialogue d = greeted();
    const Reading r = d.c(std::string(line) + "\r\n").s("502 5.5.1 no\r\n").read();
    EXPECT_EQ(r.count(verb), verb == Count::smtp_EHLO ? 2u : 1u) << line;
    EXPECT_EQ(r.count(Count::smtp_unknown), 0u) << line;
    EXPECT_EQ(r.anomalies(), verb == Count::smtp_RCPT ? "smtp_bad_sequence" : "") << line;
  }
}

TEST(Smtp, UnknownVerbsAndGarbageAreCountedAndSurvived) {
  Dialogue d = greeted()
                   .c("XYZZY one two\r\n")
                   .s("500 5.5.1 unknown\r\n")
                   .c(std::string_view("\0\xff\x01 \x80\r\n", 7))
                   .s("500 what\r\n")
                   .c("\r\n")
                   .s("500 empty\r\n")
                   .c("DATABASE\r\n")
                   .s("500 not DATA\r\n")
                   .c("MAIL FROM:<a@example.com>\r\n")
                   .s("250 2.1.0 Ok\r\n");
  const Reading r = quit(d).read();
  EXPECT_EQ(r.count(Count::smtp_unknown), 4u);
  EXPECT_EQ(r.count(Count::smtp_replies_5xx), 4u);
  EXPECT_EQ(r.count(Count::smtp_MAIL), 1u);
  EXPECT_EQ(r.count(Count::smtp_QUIT), 1u);
  EXPECT_EQ(r.get("smtp", "/smtp/mail_from"), "<a@example.com>");
}

TEST(Smtp, RepliesOfAnyCodeAnswerTheirCommand) {
  for (const char* code : {"999", "000", "199", "250", "299", "451", "600"}) {
    Dialogue d = greeted().c("NOOP\r\n").s(std::string(code) + " hm\r\n");
    const Reading r = quit(d).read();
    EXPECT_EQ(r.anomalies(), "") << code;
    EXPECT_EQ(r.count(Count::smtp_QUIT), 1u) << code;
  }
}

TEST(Smtp, AReplyWithoutTextIsAReply) {
  Dialogue d = greeted()
                   .c("NOOP\r\n")
                   .s("250\r\n")
                   .c("NOOP\r\n")
                   .s("250 \r\n")
                   .c("NOOP\r\n")
                   .s("250-\r\n250\r\n");
  const Reading r = quit(d).read();
  EXPECT_EQ(r.count(Count::smtp_replies_2xx), 6u);
  EXPECT_EQ(r.anomalies(), "");
}

TEST(Smtp, LinesThatAreNoRepliesAreNamed) {
  Dialogue d = greeted().c("NOOP\r\n").s("2500 four digits\r\n250 2.0.0 fine\r\n");
  const Reading r = quit(d).read();
  EXPECT_EQ(r.anomalies(), "smtp_invalid_reply");
  EXPECT_EQ(r.count(Count::smtp_replies_other), 1u);
  EXPECT_EQ(r.count(Count::smtp_replies_2xx), 4u);
}

TEST(Smtp, ATextBrokenWithoutACodeStaysOneReply) {
  Dialogue d = greeted().c("HELP\r\n").s("214-first\r\nsecond without code\r\n214 third\r\n");
  const Reading r = quit(d).read();
  EXPECT_EQ(r.anomalies(), "");
  EXPECT_NE(r.transcript().find("second without code"), std::string::npos);
}

TEST(Smtp, ExtensionsOfAGreetingAreListed) {
  Dialogue d = Dialogue()
                   .s("220-mail.example.org ESMTP\r\n220 and welcome\r\n")
                   .c("EHLO x.example.com\r\n")
                   .s("250-mail.example.org\r\n250-SIZE 1000\r\n250-STARTTLS\r\n250 XYZ\r\n")
                   .c("MAIL FROM:<a@example.com> SIZE=12 BODY=8BITMIME\r\n")
                   .s("250 ok\r\n");
  const Reading r = quit(d).read();
  EXPECT_EQ(r.get("smtp", "/smtp/extensions"), R"(["SIZE 1000","STARTTLS","XYZ"])");
  EXPECT_EQ(r.get("smtp", "/smtp/starttls/offered"), "true");
  EXPECT_EQ(r.get("smtp", "/smtp/esmtp/size_declared"), "12");
  EXPECT_EQ(r.get("smtp", "/smtp/outcome"), "aborted");
}

TEST(Smtp, StarttlsIsSeenHoweverManyExtensionsStandBeforeIt) {
  std::string many = "250-mail.example.org\r\n";
  for (int i = 0; i < 200; ++i) many += "250-XEXTENSION" + std::to_string(i) + "\r\n";
  Dialogue d =
      Dialogue().s("220 x ESMTP\r\n").c("EHLO y.example.com\r\n").s(many + "250 STARTTLS\r\n");
  const Reading r = quit(d).read();
  EXPECT_EQ(r.count(Count::smtp_starttls_offered), 1u);
}

// RFC 2920: commands in one segment, replies in another, each finds its own.
TEST(Smtp, PipelinedRepliesFindTheirCommands) {
  Dialogue d = greeted()
                   .c("MAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.org>\r\n"
                      "RCPT TO:<no@example.org>\r\nRCPT TO:<c@example.org>\r\nDATA\r\n")
                   .s("250 2.1.0 Ok\r\n250 2.1.5 Ok\r\n550 5.1.1 unknown\r\n"
                      "451 4.3.0 later\r\n354 go\r\n")
                   .c("Subject: x\r\n\r\nbody\r\n.\r\n")
                   .s("250 2.0.0 Ok\r\n");
  const Reading r = quit(d).read();
  EXPECT_EQ(r.anomalies(), "");
  EXPECT_EQ(r.get("smtp", "/smtp/outcome"), "accepted");
  EXPECT_EQ(r.get("smtp", "/smtp/pipelined"), "true");
  EXPECT_EQ(r.get("smtp", "/smtp/recipients/0/code"), "250");
  EXPECT_EQ(r.get("smtp", "/smtp/recipients/1/code"), "550");
  EXPECT_EQ(r.get("smtp", "/smtp/recipients/2/code"), "451");
  EXPECT_EQ(r.count(Count::smtp_recipients_accepted), 1u);
  EXPECT_EQ(r.count(Count::smtp_recipients_rejected), 1u);
  EXPECT_EQ(r.count(Count::smtp_recipients_deferred), 1u);
}

TEST(Smtp, DataRefusedAfterAllRecipientsWere) {
  for (const char* next : {"QUIT\r\n", "RSET\r\n"}) {
    const Reading r = greeted()
                          .c("MAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n")
                          .s("250 2.1.0 Ok\r\n550 5.1.1 no\r\n554 5.5.1 no valid recipients\r\n")
                          .c(next)
                          .s("250 2.0.0 Ok\r\n")
                          .read();
    EXPECT_EQ(r.anomalies(), "");
    EXPECT_EQ(r.get("smtp", "/smtp/outcome"), "rejected");
    EXPECT_EQ(r.of_type("smtp").size(), 1u);
    EXPECT_EQ(r.count(Count::messages_data), 0u);
    EXPECT_EQ(r.count(Count::smtp_unknown), 0u);
  }
}

TEST(Smtp, TransactionsPipelinedBehindTheEndOfDataStaySeparate) {
  Dialogue d =
      asked_for_data()
          .c("Subject: first\r\n\r\none\r\n.\r\n"
             "MAIL FROM:<second@example.com>\r\nRCPT TO:<d@example.org>\r\nDATA\r\n")
          .s("250 2.0.0 queued as A1\r\n250 2.1.0 Ok\r\n550 5.1.1 no\r\n"
             "554 5.5.1 no recipients\r\n")
          .c("RSET\r\nMAIL FROM:<third@example.com>\r\nRCPT TO:<e@example.org>\r\nDATA\r\n")
          .s("250 2.0.0 Ok\r\n250 2.1.0 Ok\r\n250 2.1.5 Ok\r\n354 go\r\n")
          .c("Subject: third\r\n\r\nthree\r\n.\r\nQUIT\r\n")
          .s("250 2.0.0 queued as A3\r\n221 2.0.0 Bye\r\n");
  const Reading r = d.read();
  EXPECT_EQ(r.all("smtp", "/smtp/outcome"), "accepted rejected accepted");
  EXPECT_EQ(r.all("smtp", "/smtp/mail_from"),
            "<a@example.com> <second@example.com> <third@example.com>");
  EXPECT_EQ(r.get("smtp", "/email/subject", 0), "first");
  EXPECT_EQ(r.get("smtp", "/email/subject", 2), "third");
  EXPECT_EQ(r.anomalies(), "");
}

TEST(Smtp, ResetAndTheNextMailInOneSegment) {
  Dialogue d = greeted()
                   .c("MAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.org>\r\nRSET\r\n"
                      "MAIL FROM:<c@example.com>\r\nRCPT TO:<d@example.org>\r\n")
                   .s("250 ok\r\n250 ok\r\n250 reset\r\n250 ok\r\n250 ok\r\n");
  const Reading r = quit(d).read();
  EXPECT_EQ(r.all("smtp", "/smtp/outcome"), "reset aborted");
  EXPECT_EQ(r.all("smtp", "/smtp/mail_from"), "<a@example.com> <c@example.com>");
  EXPECT_EQ(r.all("smtp", "/smtp/rcpt_to"), R"(["<b@example.org>"] ["<d@example.org>"])");
}

TEST(Smtp, AGreetingInsideATransactionResetsIt) {
  Dialogue d = greeted()
                   .c("MAIL FROM:<a@example.com>\r\n")
                   .s("250 ok\r\n")
                   .c("EHLO again.example.com\r\n")
                   .s("250 hello\r\n")
                   .c("MAIL FROM:<b@example.com>\r\n")
                   .s("250 ok\r\n");
  const Reading r = quit(d).read();
  EXPECT_EQ(r.all("smtp", "/smtp/outcome"), "reset aborted");
}

TEST(Smtp, ANestedMailBelongsToTheSameTransaction) {
  Dialogue d = greeted()
                   .c("MAIL FROM:<a@example.com>\r\n")
                   .s("250 ok\r\n")
                   .c("RCPT TO:<b@example.org>\r\n")
                   .s("250 ok\r\n")
                   .c("MAIL FROM:<x@example.com>\r\n")
                   .s("503 5.5.1 nested MAIL\r\n")
                   .c("DATA\r\n")
                   .s("354 go\r\n")
                   .c("\r\nhi\r\n.\r\n")
                   .s("250 2.0.0 Ok\r\n");
  const Reading r = quit(d).read();
  EXPECT_EQ(r.all("smtp", "/smtp/outcome"), "accepted");
}

// Postfix and Exim keep the transaction when they refuse a second MAIL, or DATA for want of a
// recipient (RFC 5321 section 4.1.1.4).
TEST(Smtp, ATransactionOutlivesANestedMailBeforeItsRecipients) {
  Dialogue d = greeted()
                   .c("MAIL FROM:<a@example.com>\r\n")
                   .s("250 ok\r\n")
                   .c("MAIL FROM:<x@example.com>\r\n")
                   .s("503 5.5.1 nested MAIL\r\n")
                   .c("RCPT TO:<b@example.org>\r\n")
                   .s("250 ok\r\n");
  const Reading r = quit(d).read();
  EXPECT_EQ(r.all("smtp", "/smtp/mail_from"), "<a@example.com>");
  EXPECT_EQ(r.all("smtp", "/smtp/rcpt_to/0"), "<b@example.org>");
  EXPECT_EQ(r.anomalies(), "smtp_nested_mail");
}

Dialogue refused_for_want_of_a_recipient(std::string_view reply) {
  return greeted()
      .c("MAIL FROM:<a@example.com>\r\n")
      .s("250 ok\r\n")
      .c("DATA\r\n")
      .s(reply)
      .c("MAIL FROM:<x@example.com>\r\n");
}

TEST(Smtp, ATransactionOutlivesRefusedData) {
  for (const std::string_view reply : {"503 no RCPT\r\n", "554 5.5.1 no valid recipients\r\n"}) {
    Dialogue d = refused_for_want_of_a_recipient(reply)
                     .s("503 5.5.1 nested MAIL\r\n")
                     .c("RCPT TO:<b@example.org>\r\n")
                     .s("250 ok\r\n")
                     .c("DATA\r\n")
                     .s("354 go\r\n")
                     .c("\r\nhi\r\n.\r\n")
                     .s("250 2.0.0 Ok\r\n");
    const Reading r = quit(d).read();
    EXPECT_EQ(r.all("smtp", "/smtp/mail_from"), "<x@example.com> <a@example.com>");
    EXPECT_EQ(r.all("smtp", "/smtp/outcome"), "rejected accepted");
    EXPECT_EQ(r.all("smtp", "/smtp/rcpt_to/0"), " <b@example.org>");
  }
}

// Others have forgotten it, and take the next MAIL.
TEST(Smtp, ATransactionEndsWithRefusedDataWhereTheNextMailIsTaken) {
  Dialogue d = refused_for_want_of_a_recipient("503 RCPT first\r\n")
                   .s("250 ok\r\n")
                   .c("RCPT TO:<b@example.org>\r\n")
                   .s("250 ok\r\n")
                   .c("DATA\r\n")
                   .s("354 go\r\n")
                   .c("\r\nhi\r\n.\r\n")
                   .s("250 2.0.0 Ok\r\n");
  const Reading r = quit(d).read();
  EXPECT_EQ(r.all("smtp", "/smtp/mail_from"), "<a@example.com> <x@example.com>");
  EXPECT_EQ(r.all("smtp", "/smtp/outcome"), "rejected accepted");
}

TEST(Smtp, RefusedDataIsARejectionWhateverTheClientDoesThen) {
  Dialogue d = greeted()
                   .c("MAIL FROM:<a@example.com>\r\n")
                   .s("250 ok\r\n")
                   .c("DATA\r\n")
                   .s("503 no RCPT\r\n")
                   .c("RSET\r\n")
                   .s("250 ok\r\n");
  const Reading r = quit(d).read();
  EXPECT_EQ(r.all("smtp", "/smtp/outcome"), "rejected");
}

TEST(Smtp, AMessageRefusedBeforeItsEndIsReadToItsEnd) {
  Dialogue d = asked_for_data()
                   .c("Subject: big\r\n\r\nMAIL FROM:<not@a.command>\r\n")
                   .s("552 5.3.4 too big\r\n")
                   .c("RCPT TO:<not@a.command>\r\nmore\r\n.\r\n");
  const Reading r = quit(d).read();
  EXPECT_EQ(r.count(Count::smtp_MAIL), 1u);
  EXPECT_EQ(r.count(Count::smtp_RCPT), 1u);
  EXPECT_EQ(r.count(Count::smtp_unknown), 0u);
  EXPECT_EQ(r.get("smtp", "/smtp/outcome"), "rejected");
  EXPECT_EQ(r.get("smtp", "/smtp/result/code"), "552");
  EXPECT_EQ(r.get("smtp", "/email/subject"), "big");
  EXPECT_EQ(r.anomalies(), "");
}

// What a server that takes <LF>.<LF> for the end of data makes of it.
TEST(Smtp, AReplyInsideDataShowsThatTheServerReadsAnEnd) {
  Dialogue d = asked_for_data()
                   .c("Subject: smuggler\r\n\r\nhi\n.\n")
                   .s("250 2.0.0 queued as ONE\r\n")
                   .c("MAIL FROM:<evil@example.com>\r\n")
                   .s("250 2.1.0 Ok\r\n")
                   .c("RCPT TO:<victim@example.org>\r\n")
                   .s("250 2.1.5 Ok\r\n");
  const Reading r = quit(d).read();
  EXPECT_EQ(r.anomalies(), "smtp_bare_lf_end_of_data");
  EXPECT_EQ(r.all("smtp", "/smtp/mail_from"), "<a@example.com> <evil@example.com>");
}

TEST(Smtp, DataAcceptedWithoutARecipientIsNamed) {
  Dialogue d = greeted()
                   .c("MAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n")
                   .s("250 ok\r\n550 no\r\n354 go\r\n")
                   .c(".\r\n")
                   .s("554 5.5.1 no recipients\r\n");
  const Reading r = quit(d).read();
  EXPECT_EQ(r.anomalies(), "smtp_data_without_recipient");
  EXPECT_EQ(r.get("smtp", "/smtp/outcome"), "rejected");
}

TEST(Smtp, OctetsBehindDataBeforeItsAnswerAreNamed) {
  Dialogue d = greeted()
                   .c("MAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n"
                      "Subject: eager\r\n\r\nhi\r\n.\r\n")
                   .s("250 ok\r\n250 ok\r\n354 go\r\n250 2.0.0 queued\r\n");
  const Reading r = quit(d).read();
  EXPECT_EQ(r.anomalies(), "smtp_pipelined_after_data");
  EXPECT_EQ(r.get("smtp", "/smtp/outcome"), "accepted");
  EXPECT_EQ(r.get("smtp", "/email/subject"), "eager");
}

TEST(Smtp, ACommandBeforeTheBannerDoesNotShiftReplies) {
  Dialogue d(25);
  d.c("EHLO early.example.com\r\n")
      .s("220 mail.example.org ESMTP\r\n250 hello\r\n")
      .c("MAIL FROM:<a@example.com>\r\n")
      .s("550 5.7.1 go away\r\n");
  const Reading r = quit(d).read();
  EXPECT_EQ(r.anomalies(), "smtp_command_before_banner");
  EXPECT_EQ(r.get("smtp", "/smtp/banner"), "mail.example.org ESMTP");
  EXPECT_EQ(r.get("smtp", "/smtp/outcome"), "rejected");
  EXPECT_EQ(r.get("smtp", "/smtp/result/code"), "550");
}

TEST(Smtp, AnUnsolicited421IsNoAnomalyAndAnyOtherIs) {
  const Reading closing = greeted().s("421 4.4.2 timeout\r\n").read();
  EXPECT_EQ(closing.anomalies(), "");
  const Reading odd = greeted().s("250 2.0.0 surprise\r\n").read();
  EXPECT_EQ(odd.anomalies(), "smtp_reply_without_command");
}

TEST(Smtp, BareLineFeedsAreReadAndNamedOnceASide) {
  Dialogue d = Dialogue()
                   .s("220 mail.example.org ESMTP\n")
                   .c("EHLO x.example.com\n")
                   .s("250-mail.example.org\n250 PIPELINING\n")
                   .c("RSET\nQUIT\n")
                   .s("250 ok\n221 bye\n");
  const Reading r = d.read();
  EXPECT_EQ(r.anomalies(), "line_bare_lf line_bare_lf");
  EXPECT_EQ(r.count(Count::smtp_QUIT), 1u);
  EXPECT_EQ(r.count(Count::smtp_replies_2xx), 4u);
}

TEST(Smtp, AConnectionResetInsideDataIsIncomplete) {
  Talk talk;
  talk.handshake().server("220 x ESMTP\r\n").client("EHLO y.example.com\r\n").server("250 hi\r\n");
  talk.client("MAIL FROM:<a@example.com>\r\n").server("250 ok\r\n");
  talk.client("RCPT TO:<b@example.com>\r\n").server("250 ok\r\n");
  talk.client("DATA\r\n").server("354 go\r\n").client("Subject: half").client_reset();
  auto inspection = std::make_shared<Inspection>();
  inspection->take(talk.frames());
  inspection->finish();
  Dialogue::check(*inspection);
  const Reading r(inspection);
  EXPECT_EQ(r.get("smtp", "/smtp/outcome"), "incomplete");
  EXPECT_EQ(r.get("smtp", "/email/subject"), "half");
}

// RFC 2645: the customer fetches its mail by letting the provider be the client.
TEST(Smtp, BehindTurnAndAtrnTheServerIsReadAsTheClient) {
  for (const std::string verb : {"TURN", "ATRN example.org"}) {
    const Reading r = Dialogue()
                          .s("220 provider.example.com ESMTP\r\n")
                          .c("EHLO customer.example.org\r\n")
                          .s("250-provider.example.com\r\n250 ATRN\r\n")
                          .c(verb + "\r\n")
                          .s("250 now reversing\r\n")
                          .c("220 customer.example.org ready\r\n")
                          .s("EHLO provider.example.com\r\n")
                          .c("250 customer.example.org\r\n")
                          .s("MAIL FROM:<a@example.com>\r\n")
                          .c("250 ok\r\n")
                          .s("RCPT TO:<b@example.org>\r\n")
                          .c("250 ok\r\n")
                          .s("DATA\r\n")
                          .c("354 go\r\n")
                          .s("Subject: turned\r\n\r\nx\r\n.\r\n")
                          .c("250 2.0.0 Ok: queued as 4XyZ\r\n")
                          .s("QUIT\r\n")
                          .c("221 bye\r\n")
                          .read();
    EXPECT_EQ(r.anomalies(), "smtp_turned");
    EXPECT_EQ(r.get("smtp", "/src_ip"), "198.51.100.25");
    EXPECT_EQ(r.get("smtp", "/src_port"), "25");
    EXPECT_EQ(r.get("smtp", "/smtp/helo"), "provider.example.com");
    EXPECT_EQ(r.get("smtp", "/smtp/banner"), "customer.example.org ready");
    EXPECT_EQ(r.get("smtp", "/email/subject"), "turned");
    EXPECT_EQ(r.get("flow", "/src_port"), "40000");
    EXPECT_EQ(r.count(Count::smtp_transactions_accepted), 1u);
    EXPECT_EQ(r.count(Count::smtp_EHLO), 2u);
  }
}

// In one segment with the reply, as nobody should send it.
TEST(Smtp, WhatAServerSaysBehindItsAnswerToTurnIsTheClients) {
  const Reading r = Dialogue()
                        .s("220 provider.example.com ESMTP\r\n")
                        .c("EHLO c.example.org\r\n")
                        .s("250 ok\r\n")
                        .c("TURN\r\n")
                        .s("250 turned\r\nEHLO provider.example.com\r\n")
                        .c("220 c.example.org\r\n250 hello\r\n")
                        .s("TURN\r\n")
                        .c("250 back again\r\n")
                        .s("220 provider.example.com\r\n")
                        .c("NOOP\r\n")
                        .s("250 ok\r\n")
                        .read();
  EXPECT_EQ(r.anomalies(), "smtp_turned smtp_command_before_banner smtp_turned");
  EXPECT_EQ(r.count(Count::smtp_NOOP), 1u);
  EXPECT_EQ(r.count(Count::smtp_replies_other), 0u);
}

TEST(Smtp, ARefusedTurnTurnsNothing) {
  const Reading r = Dialogue()
                        .s("220 mail.example.org ESMTP\r\n")
                        .c("TURN\r\n")
                        .s("502 5.5.1 no\r\n")
                        .c("NOOP\r\n")
                        .s("250 ok\r\n")
                        .read();
  EXPECT_EQ(r.count(Count::smtp_NOOP), 1u);
  EXPECT_EQ(r.anomalies(), "");
}

}  // namespace
}  // namespace mailglass::test
