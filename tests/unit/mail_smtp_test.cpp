// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include "tests/support/talk.h"

namespace mailglass::test {
namespace {

using tally::Count;

Talk delivery() {
  Talk talk;
  talk.handshake()
      .server("220 mail.example.org ESMTP Postfix\r\n")
      .client("EHLO client.example.com\r\n")
      .server("250-mail.example.org\r\n250-PIPELINING\r\n250-STARTTLS\r\n250 8BITMIME\r\n")
      .client("MAIL FROM:<a@example.com>\r\n")
      .server("250 2.1.0 Ok\r\n")
      .client("RCPT TO:<b@example.org>\r\n")
      .server("250 2.1.5 Ok\r\n")
      .client("DATA\r\n")
      .server("354 End data with <CR><LF>.<CR><LF>\r\n")
      .client("Subject: greetings\r\nFrom: A <a@example.com>\r\n\r\nMerry Christmas!!!\r\n.\r\n")
      .server("250 2.0.0 Ok: queued as 4XyZ\r\n")
      .client("QUIT\r\n")
      .server("221 2.0.0 Bye\r\n")
      .farewell();
  return talk;
}

TEST(Smtp, OneDeliveryIsOneTransactionEvent) {
  Inspection inspection;
  inspection.take(delivery().frames());
  inspection.finish();
  EXPECT_EQ(balance(inspection.counters()), "");
  EXPECT_EQ(inspection.count(Count::sessions_smtp), 1u);
  EXPECT_EQ(inspection.count(Count::smtp_transactions_accepted), 1u);
  EXPECT_EQ(inspection.count(Count::message_octets_data), 67u);
  for (const auto& line : inspection.eve()) std::puts(line.c_str());
  std::puts(inspection.transcript().c_str());
  ASSERT_EQ(inspection.eve_of_type("smtp").size(), 1u);
  EXPECT_EQ(inspection.eve_of_type("anomaly").size(), 0u);
}

}  // namespace
}  // namespace mailglass::test
