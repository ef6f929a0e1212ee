// SPDX-License-Identifier: BSD-3-Clause
// The small readers: address lists, envelope arguments, reply texts, header fields.
#include <gtest/gtest.h>

#include <vector>

#include "report/address_list.h"
#include "report/email.h"
#include "report/envelope.h"
#include "report/reply_text.h"

namespace mailglass::report {
namespace {

using Texts = std::vector<std::string>;

Texts addresses(std::string_view list) {
  Texts all;
  while (!list.empty()) all.emplace_back(next_address(list));
  return all;
}

TEST(AddressList, SeparatesAtCommasThatSeparate) {
  EXPECT_EQ(addresses("a@b, Bob <c@d>"), (Texts{"a@b", "Bob <c@d>"}));
  EXPECT_EQ(addresses("\"Doe, John\" <j@d>,x@y"), (Texts{"\"Doe, John\" <j@d>", "x@y"}));
  EXPECT_EQ(addresses("a (one, (two, three)) <a@b>, c@d"),
            (Texts{"a (one, (two, three)) <a@b>", "c@d"}));
  EXPECT_EQ(addresses("team: a@b, c@d;, e@f"), (Texts{"team: a@b, c@d;", "e@f"}));
  EXPECT_EQ(addresses("\"quote \\\", not the end\" <a@b>, c@d"),
            (Texts{"\"quote \\\", not the end\" <a@b>", "c@d"}));
  EXPECT_EQ(addresses("\"never closed, a@b"), (Texts{"\"never closed, a@b"}));
  EXPECT_EQ(addresses("a\\"), (Texts{"a\\"}));
  EXPECT_EQ(addresses("undisclosed-recipients:;"), (Texts{"undisclosed-recipients:;"}));
}

TEST(AddressList, FindsDomains) {
  EXPECT_EQ(domain_of("Bob <bob@b.example>"), "b.example");
  EXPECT_EQ(domain_of("bob@b.example (Bob)"), "b.example");
  EXPECT_EQ(domain_of("\"a@b\" <c@d>"), "d");
  EXPECT_EQ(domain_of("nobody"), "");
  EXPECT_EQ(domain_of(""), "");
  EXPECT_TRUE(same_domain("B.Example", "b.example"));
  EXPECT_FALSE(same_domain("b.example", "b.examples"));
}

std::string path_of(std::string_view argument) {
  return std::string(EnvelopeArgument(argument).path());
}

TEST(Envelope, ReadsPaths) {
  EXPECT_EQ(path_of("FROM:<a@b> SIZE=10"), "a@b");
  EXPECT_EQ(path_of("from: <a@b>"), "a@b");
  EXPECT_EQ(path_of("FROM:<>"), "");
  EXPECT_EQ(path_of("TO:a@b NOTIFY=NEVER"), "a@b");
  EXPECT_EQ(path_of("TO:<\"odd > local\"@b>"), "\"odd > local\"@b");
  EXPECT_EQ(path_of("TO:<never closed"), "never closed");
  EXPECT_EQ(path_of("TO:<"), "");
  EXPECT_EQ(path_of(""), "");
}

TEST(Envelope, ReadsParameters) {
  EnvelopeArgument argument("FROM:<a@b>  SIZE=10 SMTPUTF8 ENVID=x=y\tRET=");
  Texts seen;
  EsmtpParameter p;
  while (argument.next(p)) seen.push_back(std::string(p.keyword) + "|" + std::string(p.value));
  EXPECT_EQ(seen, (Texts{"SIZE|10", "SMTPUTF8|", "ENVID|x=y", "RET|"}));
}

TEST(Envelope, DecodesXtext) {
  EXPECT_EQ(decode_xtext("rfc822;a+2Bb+3Dc"), "rfc822;a+b=c");
  EXPECT_EQ(decode_xtext("+2b"), "+2b");  // RFC 3461 asks for upper case
  EXPECT_EQ(decode_xtext("+4"), "+4");
  EXPECT_EQ(decode_xtext("+"), "+");
}

TEST(ReplyText, SplitsLines) {
  Texts seen;
  std::string_view line;
  for (Lines lines("one\r\ntwo\n\nfour\n"); lines.next(line);) seen.emplace_back(line);
  EXPECT_EQ(seen, (Texts{"one", "two", "", "four"}));
  EXPECT_FALSE(Lines("").next(line));
}

TEST(ReplyText, DropsCodesAndRepeatedEnhancedCodes) {
  std::string out;
  append_reply(out, "5.7.1 no\n5.7.1 never", 550, {{5, 7, 1}});
  EXPECT_EQ(out, "no\nnever");
  out.clear();
  append_reply(out, "550-5.7.1 no\r\n550 5.7.1 never", 550, {{5, 7, 1}});
  EXPECT_EQ(out, "no\nnever");
  EXPECT_EQ(without_code("250", 250), "");
  EXPECT_EQ(without_code("2500 things", 250), "2500 things");
  EXPECT_EQ(without_code("+OK 3 2", 1), "3 2");
  EXPECT_EQ(without_code("-ERR [AUTH] no", 2), "[AUTH] no");
  EXPECT_EQ(without_code("3 2", 1), "3 2");
}

TEST(ReplyText, FindsTheQueueIdOfWellKnownServers) {
  EXPECT_EQ(queue_id("2.0.0 Ok: queued as 4F2A91"), "4F2A91");                      // Postfix
  EXPECT_EQ(queue_id("OK id=1r2x3Y-0004Zt-2a"), "1r2x3Y-0004Zt-2a");                // Exim
  EXPECT_EQ(queue_id("ok 1700000000 qp 12345"), "12345");                           // qmail
  EXPECT_EQ(queue_id("2.0.0 3AEMDK5v Message accepted for delivery"), "3AEMDK5v");  // Sendmail
  EXPECT_EQ(queue_id("2.0.0 9f8e7d6c Message accepted for delivery"), "9f8e7d6c");  // OpenSMTPD
  EXPECT_EQ(queue_id("2.0.0 <bob@b> cAbFFjQ5VGVZ1QAA Saved"), "cAbFFjQ5VGVZ1QAA");  // Dovecot
  EXPECT_EQ(queue_id("2.6.0 <x@y> [InternalId=4711000, Hostname=h] Queued mail"), "4711000");
  EXPECT_EQ(queue_id("2.0.0 Ok: queued as 4F2A91."), "4F2A91");
}

TEST(ReplyText, InventsNoQueueId) {
  for (std::string_view text : {"", "Ok", "Message accepted for delivery", "queued as ",
                                "2.0.0 your Message accepted for delivery", "id=", " saved"}) {
    EXPECT_EQ(queue_id(text), "") << text;
  }
}

class EmailFields : public testing::Test {
 protected:
  void take(std::string_view name, std::string_view value) {
    email_.take(name, value, charsets_, allowance_, kept_);
  }
  Budget book_{1 << 20};
  Allowance allowance_{book_, 64 * 1024};
  Charsets charsets_;
  Email email_;
  Kept kept_;
};

TEST_F(EmailFields, AreUnfoldedDecodedAndToldApartWithoutCase) {
  take("SUBJECT", " =?utf-8?q?=C3=A4?=\r\n =?utf-8?q?=C3=B6?=\r\n");
  take("to", "\"=?utf-8?q?A,_B?=\" <a@b>, c@d");
  take("To", "e@f");
  take("References", "<1@x>\r\n <2@x>, <3@x>,<4,5@x> , 6@x,<7@x");
  EXPECT_EQ(email_.subject, "\u00e4\u00f6");
  EXPECT_EQ(email_.to, (Texts{"\"A, B\" <a@b>", "c@d", "e@f"}));
  EXPECT_EQ(email_.references, (Texts{"<1@x>", "<2@x>", "<3@x>", "<4,5@x>", "6@x", "<7@x"}));
}

TEST_F(EmailFields, TheFirstOfAUniqueFieldWins) {
  take("Subject", "one");
  take("Subject", "two");
  EXPECT_EQ(email_.subject, "one");
}

TEST_F(EmailFields, SignaturesGiveTheirDomains) {
  take("DKIM-Signature", "v=1; a=rsa-sha256; d=b.example; s=mail;\r\n bh=d=no; b=xx");
  take("DKIM-Signature", "v=1;\r\n d = Second.example ; s=x");
  take("DKIM-Signature", "d=B.EXAMPLE");
  take("DKIM-Signature", "v=1; a=b");
  EXPECT_EQ(email_.dkim_domains, (Texts{"b.example", "Second.example"}));
}

TEST_F(EmailFields, StopAtTheAllowanceAndSaySo) {
  for (int i = 0; i < 100; ++i) take("Received", std::string(4000, 'x'));
  EXPECT_TRUE(kept_.truncated);
  EXPECT_LE(kept_.octets, 64u * 1024);
  EXPECT_EQ(book_.used, kept_.octets);
  allowance_.give_back(kept_);
  EXPECT_EQ(book_.used, 0u);
}

}  // namespace
}  // namespace mailglass::report
