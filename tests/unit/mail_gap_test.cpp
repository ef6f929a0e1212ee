// SPDX-License-Identifier: BSD-3-Clause
// Octets that were never captured: what is lost is said, what follows is read, nothing is mixed up.
#include "tests/unit/mail_dialogue.h"

namespace mailglass::test {
namespace {

Dialogue greeted() {
  return Dialogue()
      .s("220 mail.example.org ESMTP\r\n")
      .c("EHLO x.example.com\r\n")
      .s("250-mail.example.org\r\n250 PIPELINING\r\n");
}

Dialogue& deliver(Dialogue& d, const std::string& name) {
  return d.c("MAIL FROM:<" + name + "@example.com>\r\n")
      .s("250 2.1.0 Ok\r\n")
      .c("RCPT TO:<b@example.org>\r\n")
      .s("250 2.1.5 Ok\r\n")
      .c("DATA\r\n")
      .s("354 go\r\n")
      .c("Subject: " + name + "\r\n\r\nbody of " + name + "\r\n.\r\n")
      .s("250 2.0.0 Ok: queued as " + name + "\r\n");
}

// The delivery behind the gap is read as if nothing had happened.
void expect_whole(const Reading& r, const std::string& name, const char* what) {
  const auto last = r.of_type("smtp").size() - 1;
  EXPECT_EQ(r.get("smtp", "/smtp/mail_from", last), "<" + name + "@example.com>") << what;
  EXPECT_EQ(r.get("smtp", "/smtp/outcome", last), "accepted") << what;
  EXPECT_EQ(r.get("smtp", "/email/subject", last), name) << what;
  EXPECT_EQ(r.get("smtp", "/smtp/result/text", last), "Ok: queued as " + name) << what;
  EXPECT_EQ(r.get("flow", "/flow/gap"), "true") << what;
  EXPECT_EQ(r.count(Count::anomaly_smtp_reply_without_command), 0u) << what;
}

TEST(Gap, EachPartOfADeliveryMayBeLost) {
  // Each step of the first delivery in turn is not captured; the second one is whole.
  const std::vector<std::pair<bool, std::string>> steps = {
      {true, "MAIL FROM:<one@example.com>\r\n"},
      {false, "250 2.1.0 Ok\r\n"},
      {true, "RCPT TO:<b@example.org>\r\n"},
      {false, "250 2.1.5 Ok\r\n"},
      {true, "DATA\r\n"},
      {false, "354 go\r\n"},
      {true, "Subject: one\r\n\r\nfirst half "},
      {true, "second half\r\nstill one\r\n"},
      {true, ".\r\n"},
      {false, "250 2.0.0 Ok: queued as one\r\n"},
  };
  for (std::size_t lost = 0; lost < steps.size(); ++lost) {
    Dialogue d = greeted();
    for (std::size_t i = 0; i < steps.size(); ++i) {
      const auto& [client, octets] = steps[i];
      if (i == lost) {
        client ? d.lost_c(octets) : d.lost_s(octets);
      } else {
        client ? d.c(octets) : d.s(octets);
      }
    }
    const Reading r = deliver(d, "two").read();
    expect_whole(r, "two", steps[lost].second.c_str());
    EXPECT_EQ(r.count(Count::smtp_unknown), 0u) << steps[lost].second;
    EXPECT_EQ(r.eve().find("still one"), std::string::npos);
  }
}

TEST(Gap, AcrossTheEndOfDataAndTheNextCommands) {
  Dialogue d = greeted()
                   .c("MAIL FROM:<one@example.com>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n")
                   .s("250 ok\r\n250 ok\r\n354 go\r\n")
                   .c("Subject: one\r\n\r\nbegin ")
                   .lost_c("end\r\n.\r\nMAIL FROM:<lost@exam")
                   .s("250 2.0.0 queued as one\r\n250 2.1.0 Ok\r\n")
                   .c("ple.com>\r\nRSET\r\n")
                   .s("250 2.0.0 Ok\r\n");
  const Reading r = deliver(d, "two").read();
  expect_whole(r, "two", "end of data");
  EXPECT_EQ(r.get("smtp", "/email/subject", 0), "one");
}

TEST(Gap, InTheMiddleOfAReply) {
  Dialogue d = Dialogue()
                   .s("220 mail.example.org ESMTP\r\n")
                   .c("EHLO x.example.com\r\n")
                   .s("250-mail.exa")
                   .lost_s("mple.org\r\n250-SI")
                   .s("ZE 1000\r\n250 PIPELINING\r\n");
  const Reading r = deliver(d, "two").read();
  expect_whole(r, "two", "reply");
  EXPECT_EQ(r.get("flow", "/flow/bytes_missing"), "16");
}

TEST(Gap, BeforeTheProtocolIsKnown) {
  Dialogue d = Dialogue()
                   .lost_s("220 mail.exam")
                   .s("ple.org ESMTP\r\n")
                   .c("EHLO x.example.com\r\n")
                   .s("250 hello\r\n");
  const Reading r = deliver(d, "two").read();
  expect_whole(r, "two", "banner");
  EXPECT_EQ(r.count(Count::smtp_EHLO), 1u);
}

TEST(Gap, InsideAHeaderLosesOnlyTheFieldsItTouches) {
  const Reading r = greeted()
                        .c("MAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n")
                        .s("250 ok\r\n250 ok\r\n354 go\r\n")
                        .c("From: a@example.com\r\nSubject: one ")
                        .lost_c("two\r\n three ")
                        .c("four\r\n five\r\nMessage-ID: <x@example.com>\r\n\r\nbody\r\n.\r\n")
                        .s("250 2.0.0 queued\r\n")
                        .read();
  EXPECT_EQ(r.get("smtp", "/email/from"), "a@example.com");
  EXPECT_EQ(r.get("smtp", "/email/message_id"), "<x@example.com>");
  EXPECT_EQ(r.get("smtp", "/smtp/outcome"), "accepted");
}

TEST(Gap, InsideAChunkTheSizeSaysWhereItEnds) {
  Dialogue d = greeted()
                   .c("MAIL FROM:<one@example.com>\r\nRCPT TO:<b@example.org>\r\n")
                   .s("250 ok\r\n250 ok\r\n")
                   .c("BDAT 20 LAST\r\na: b")
                   .lost_c("cdefghij")
                   .c("QUIT\r\nDA")
                   .s("250 2.0.0 queued as one\r\n");
  const Reading r = deliver(d, "two").read();
  expect_whole(r, "two", "chunk");
  EXPECT_EQ(r.count(Count::smtp_QUIT), 0u);
}

// What was passed over before the banner loses no refusal of DATA: what follows it is the message.
TEST(Gap, OfTheClientAloneMakesNoCommandsOfAMessage) {
  const Reading r =
      Dialogue()
          .c(std::string(3000, 'x') + "\r\n")
          .s("220 mx ESMTP\r\n500 what\r\n")
          .c("HELO x\r\nMAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n"
             "RSET\r\nQUIT\r\n.\r\n")
          .s("250 mx\r\n250 ok\r\n250 ok\r\n354 go\r\n250 queued\r\n")
          .read();
  EXPECT_EQ(r.count(Count::smtp_RSET), 0u);
  EXPECT_EQ(r.count(Count::smtp_QUIT), 0u);
}

TEST(OneSided, TheClientsSideAlone) {
  Dialogue d = greeted();
  deliver(d, "one");
  deliver(d, "two").c("RSET\r\n").s("250 ok\r\n").c("QUIT\r\n").s("221 bye\r\n");
  const Reading r = d.only(Direction::to_server).read();
  EXPECT_EQ(r.all("smtp", "/smtp/mail_from"), "<one@example.com> <two@example.com>");
  EXPECT_EQ(r.all("smtp", "/email/subject"), "one two");
  EXPECT_EQ(r.all("smtp", "/smtp/outcome"), "incomplete incomplete");
  EXPECT_EQ(r.get("flow", "/flow/oneside"), "to_server");
  EXPECT_EQ(r.anomalies(), "");
}

TEST(OneSided, TheServersSideAlone) {
  Dialogue d = greeted();
  deliver(d, "one").c("QUIT\r\n").s("221 bye\r\n");
  const Reading r = d.only(Direction::to_client).read();
  EXPECT_EQ(r.count(Count::smtp_replies_2xx), 6u);
  EXPECT_EQ(r.count(Count::smtp_replies_3xx), 1u);
  EXPECT_EQ(r.get("flow", "/flow/oneside"), "to_client");
  EXPECT_EQ(r.anomalies(), "");
}

TEST(Midstream, PickedUpAtAnyPointOfADelivery) {
  const std::vector<std::pair<bool, std::string>> steps = {
      {true, "RCPT TO:<b@example.org>\r\n"},
      {false, "250 2.1.5 Ok\r\n"},
      {true, "DATA\r\n"},
      {false, "354 go\r\n"},
      {true, "Subject: one\r\n\r\nfirst\r\n"},
      {true, "second half\r\n.\r\n"},
      {false, "250 2.0.0 Ok: queued as one\r\n"},
  };
  for (std::size_t from = 0; from < steps.size(); ++from) {
    Dialogue d = Dialogue().midstream();
    for (std::size_t i = from; i < steps.size(); ++i) {
      steps[i].first ? d.c(steps[i].second) : d.s(steps[i].second);
    }
    const Reading r = deliver(d, "two").read_cut(1448);
    const auto last = r.of_type("smtp").size() - 1;
    EXPECT_EQ(r.get("smtp", "/smtp/mail_from", last), "<two@example.com>") << steps[from].second;
    EXPECT_EQ(r.get("smtp", "/smtp/outcome", last), "accepted") << steps[from].second;
    EXPECT_EQ(r.get("flow", "/flow/midstream"), "true");
    EXPECT_EQ(r.count(Count::smtp_unknown), 0u) << steps[from].second;
    EXPECT_EQ(r.anomalies(), "") << steps[from].second;
  }
}

Dialogue mailbox() {
  return Dialogue(110)
      .s("+OK ready\r\n")
      .c("USER bob\r\n")
      .s("+OK\r\n")
      .c("PASS secret\r\n")
      .s("+OK Logged in.\r\n");
}

Dialogue& fetch(Dialogue& d, const std::string& name) {
  return d.c("RETR 2\r\n").s("+OK\r\nSubject: " + name + "\r\n\r\nbody\r\n.\r\n");
}

void expect_fetched(const Reading& r, const std::string& name, const char* what) {
  EXPECT_EQ(r.get("pop3", "/email/subject", r.of_type("pop3").size() - 2), name) << what;
  EXPECT_EQ(r.get("pop3", "/pop3/request/command", r.of_type("pop3").size() - 1), "QUIT") << what;
  EXPECT_EQ(r.count(Count::anomaly_pop3_invalid_reply), 0u) << what;
  EXPECT_EQ(r.count(Count::anomaly_pop3_reply_without_command), 0u) << what;
  EXPECT_EQ(r.get("flow", "/flow/gap"), "true") << what;
}

TEST(Pop3Gap, EachPartOfARetrievalMayBeLost) {
  const std::vector<std::pair<bool, std::string>> steps = {
      {true, "RETR 1\r\n"},
      {false, "+OK 60 octets\r\nSubject: one\r\n"},
      {false, "Date: today\r\n\r\nfirst\r\n"},
      {false, "second\r\n"},
      {false, "third\r\n.\r\n"},
      {true, "LIST\r\n"},
      {false, "+OK\r\n1 60\r\n"},
      {false, "2 70\r\n.\r\n"},
  };
  for (std::size_t lost = 0; lost < steps.size(); ++lost) {
    Dialogue d = mailbox();
    for (std::size_t i = 0; i < steps.size(); ++i) {
      const auto& [client, octets] = steps[i];
      if (i == lost) {
        client ? d.lost_c(octets) : d.lost_s(octets);
      } else {
        client ? d.c(octets) : d.s(octets);
      }
    }
    fetch(d, "two").c("QUIT\r\n").s("+OK bye\r\n");
    const Reading r = d.read();
    EXPECT_EQ(r.count(Count::pop3_QUIT), 1u) << steps[lost].second;
    if (steps[lost].first) continue;  // the answer to a lost command is anything
    expect_fetched(r, "two", steps[lost].second.c_str());
  }
}

TEST(Pop3OneSided, TheServersSideAlone) {
  Dialogue d = mailbox();
  d.c("LIST\r\n").s("+OK 2 messages:\r\n1 10\r\n2 20\r\n.\r\n");
  d.c("RETR 1\r\n").s("+OK 34 octets\r\nSubject: seen\r\n\r\n+OK in the body\r\n.\r\n");
  fetch(d, "private").c("QUIT\r\n").s("+OK bye\r\n");
  const Reading r = d.only(Direction::to_client).read();
  EXPECT_EQ(r.count(Count::messages_retr), 1u);
  EXPECT_EQ(r.count(Count::pop3_replies_ok), 7u);
  EXPECT_EQ(r.get("flow", "/flow/oneside"), "to_client");
  EXPECT_FALSE(r.says("private"));
  EXPECT_EQ(r.anomalies(), "");
}

TEST(Pop3OneSided, TheClientsSideAlone) {
  Dialogue d = mailbox();
  d.c("STAT\r\n").s("+OK 1 1\r\n").c("RETR 1\r\n").s("+OK\r\n\r\n.\r\n").c("QUIT\r\n").s("+OK\r\n");
  const Reading r = d.only(Direction::to_server).read();
  EXPECT_EQ(r.all("pop3", "/pop3/request/command"), "USER PASS STAT RETR QUIT");
  EXPECT_EQ(r.get("login", "/login/user"), "bob");
  EXPECT_EQ(r.get("login", "/login/success"), "");
  EXPECT_EQ(r.anomalies(), "");
}

TEST(Pop3Midstream, PickedUpInsideAMessage) {
  Dialogue d = Dialogue(110).midstream().s("the middle of a message\r\nSubject: body\r\n.\r\n");
  fetch(d, "two").c("QUIT\r\n").s("+OK bye\r\n");
  const Reading r = d.read_cut(1448);
  EXPECT_EQ(r.get("pop3", "/email/subject", r.of_type("pop3").size() - 2), "two");
  EXPECT_EQ(r.get("flow", "/flow/midstream"), "true");
}

// However many octets are lost, wherever: nothing of one message is reported with the next.
TEST(Gap, TwoMessagesNeverMix) {
  const std::string first = "Subject: one\r\nFrom: one@example.com\r\n\r\none\r\n.\r\n";
  for (std::size_t begin = 0; begin < first.size(); begin += 3) {
    for (std::size_t length : {std::size_t{1}, std::size_t{7}, first.size() - begin}) {
      length = std::min(length, first.size() - begin);
      Dialogue d = greeted()
                       .c("MAIL FROM:<one@example.com>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n")
                       .s("250 ok\r\n250 ok\r\n354 go\r\n");
      d.c(first.substr(0, begin)).lost_c(first.substr(begin, length));
      d.c(first.substr(begin + length)).s("250 2.0.0 Ok: queued as one\r\n");
      const Reading r = deliver(d, "two").read_cut(1448);
      expect_whole(r, "two", "mix");
      for (std::size_t i = 0; i < r.of_type("smtp").size(); ++i) {
        const std::string text = json_text(*r.of_type("smtp")[i]);
        EXPECT_TRUE(text.find("one@") == text.npos || text.find("two@") == text.npos)
            << begin << "+" << length << ": " << text;
      }
    }
  }
}

}  // namespace
}  // namespace mailglass::test
