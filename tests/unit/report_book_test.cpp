// SPDX-License-Identifier: BSD-3-Clause
// What happens at the limits, and with records that do not fit together.
#include <gtest/gtest.h>
#include <rapidjson/document.h>

#include "tests/unit/report_script.h"

namespace mailglass::report {
namespace {

using tally::Outcome;
using tally::Pop3Verb;
using tally::Protocol;
using tally::SmtpVerb;
using testing::Script;

std::uint64_t refused(Script& s, Refused why) {
  return s.reporter().totals().refused[static_cast<std::size_t>(why)].get();
}

rapidjson::Document parsed(const std::string& line) {
  rapidjson::Document event;
  event.Parse(line.c_str());
  EXPECT_FALSE(event.HasParseError()) << line;
  return event;
}

TEST(Book, RefusesSessionsWhenFullAndCountsThem) {
  Script s(Protocol::smtp, {}, {.sessions = 2});
  s.session(1).open().session(2).open().session(3).open();
  EXPECT_EQ(refused(s, Refused::book_full), 1u);
  s.session(3).banner("lost on us");
  EXPECT_EQ(refused(s, Refused::unknown_session), 1u);
  s.session(1).close().session(3).open();  // room again
  EXPECT_EQ(refused(s, Refused::book_full), 1u);
  EXPECT_EQ(s.reporter().totals().sessions.get(), 2u);
}

TEST(Book, RendersWhatIsOpenAtTheEndInOrderOfOpening) {
  Script s(Protocol::smtp);
  for (std::uint64_t id : {7u, 3u, 900u, 1u}) s.session(id).open();
  std::vector<std::uint64_t> order;
  for (const std::string& line : s.events()) order.push_back(parsed(line)["flow_id"].GetUint64());
  EXPECT_EQ(order, (std::vector<std::uint64_t>{7, 3, 900, 1}));
  EXPECT_EQ(s.reporter().totals().sessions.get(), 0u);
  EXPECT_EQ(s.reporter().totals().kept_octets.get(), 0u);
}

TEST(Book, ASessionOpenedTwiceIsTwoSessions) {
  Script s(Protocol::smtp);
  s.open().command(SmtpVerb::HELO, "first").open().command(SmtpVerb::HELO, "second");
  const auto events = s.events();
  ASSERT_EQ(events.size(), 2u);
  EXPECT_STREQ(parsed(events[0])["smtp"]["helo"].GetString(), "first");
  EXPECT_STREQ(parsed(events[1])["smtp"]["helo"].GetString(), "second");
}

TEST(Book, SaysThatRecordsWereLost) {
  Script s(Protocol::smtp);
  s.open().lose(3).command(SmtpVerb::HELO, "x").close();
  const auto events = s.events();
  ASSERT_EQ(events.size(), 2u);
  EXPECT_TRUE(parsed(events[0])["smtp"]["truncated"].GetBool());
  EXPECT_TRUE(parsed(events[1])["flow"]["truncated"].GetBool());
  EXPECT_EQ(s.reporter().totals().lost.get(), 3u);
  EXPECT_NE(s.transcript().find("3 steps lost here"), std::string::npos);
}

TEST(Book, KeepsAtMostAThousandRecipients) {
  Script s(Protocol::smtp);
  s.open().command(SmtpVerb::MAIL, "FROM:<a@b>", 1).reply(250, "ok");
  for (std::uint16_t i = 1; i <= 1500; ++i) {
    s.command(SmtpVerb::RCPT, "TO:<r" + std::to_string(i) + "@x>", 1);
    s.reply(i % 2 == 0 ? 250 : 550, "said", {.recipient = i});
  }
  s.transaction(Outcome::accepted);
  const auto events = s.events();
  const auto is_smtp = [](const std::string& line) {
    return line.find("\"event_type\":\"smtp\"") != line.npos;  // so many raise alerts, too
  };
  ASSERT_EQ(std::count_if(events.begin(), events.end(), is_smtp), 1);
  const auto event = parsed(*std::find_if(events.begin(), events.end(), is_smtp));
  const auto& smtp = event["smtp"];
  ASSERT_EQ(smtp["recipients"].Size(), 1000u);
  EXPECT_TRUE(smtp["truncated"].GetBool());
  EXPECT_STREQ(smtp["recipients"][999]["address"].GetString(), "r1000@x");
  EXPECT_EQ(smtp["recipients"][999]["code"].GetInt(), 250);
  EXPECT_EQ(smtp["recipients"][998]["code"].GetInt(), 550);
}

TEST(Book, MemoryOfASessionIsBounded) {
  constexpr std::size_t kSession = 64 * 1024;
  Script s(Protocol::smtp, {}, {.session_octets = kSession});
  s.open().command(SmtpVerb::MAIL, "FROM:<a@b>", 1);
  for (int i = 0; i < 200; ++i) s.header("Received", std::string(4000, 'r'));
  EXPECT_LE(s.reporter().totals().kept_octets.get(), kSession);
  s.transaction(Outcome::incomplete);
  const auto event = parsed(s.events().at(0));
  EXPECT_TRUE(event["email"]["truncated"].GetBool());
  EXPECT_LT(event["email"]["received"].Size(), 20u);
}

TEST(Book, MemoryOfTheBookIsBounded) {
  constexpr std::size_t kBook = 128 * 1024;
  Script s(Protocol::smtp, {}, {.octets = kBook});
  for (std::uint64_t id = 1; id <= 50; ++id) {
    s.session(id).open().command(SmtpVerb::MAIL, "FROM:<a@b>", 1);
    for (int i = 0; i < 5; ++i) s.header("Received", std::string(4000, 'r'));
    EXPECT_LE(s.reporter().totals().kept_octets.get(), kBook);
  }
  for (std::uint64_t id = 1; id <= 50; ++id) s.session(id).close();
  EXPECT_EQ(s.reporter().totals().kept_octets.get(), 0u);
}

// Pipelining lets a session open the next transaction before the last one is decided.
TEST(Book, TransactionsOverlapWithoutMixing) {
  Script s(Protocol::smtp);
  s.open().command(SmtpVerb::MAIL, "FROM:<one@x>", 1).command(SmtpVerb::RCPT, "TO:<1@x>", 1);
  s.command(SmtpVerb::DATA, "", 1).header("Subject", "one");
  const std::uint32_t data = s.index();
  s.command(SmtpVerb::MAIL, "FROM:<two@x>", 2).command(SmtpVerb::RCPT, "TO:<2@x>", 2);
  tally::Reply late{.command = data,
                    .tx = 1,
                    .code = 250,
                    .phase = tally::Phase::content,
                    .verb = static_cast<std::uint8_t>(SmtpVerb::DATA)};
  s.emit(late, {"queued as 1AAA", ""});
  s.emit(tally::Transaction{.tx = 1, .outcome = Outcome::accepted});
  s.emit(late, {"queued as 9ZZZ", ""});  // for a transaction that is over: changes nothing
  s.emit(tally::Transaction{.tx = 2, .outcome = Outcome::reset}).close();
  const auto events = s.events();
  ASSERT_EQ(events.size(), 3u);
  const auto one = parsed(events[0]), two = parsed(events[1]);
  EXPECT_STREQ(one["smtp"]["mail_from"].GetString(), "<one@x>");
  EXPECT_STREQ(one["smtp"]["result"]["queue_id"].GetString(), "1AAA");
  EXPECT_STREQ(one["email"]["subject"].GetString(), "one");
  EXPECT_STREQ(two["smtp"]["mail_from"].GetString(), "<two@x>");
  EXPECT_STREQ(two["smtp"]["outcome"].GetString(), "reset");
  EXPECT_FALSE(two["smtp"].HasMember("result"));
  EXPECT_FALSE(two.HasMember("email"));
}

TEST(Book, ANestedMailChangesNothing) {
  Script s(Protocol::smtp);
  s.open().command(SmtpVerb::MAIL, "FROM:<one@x>", 1).reply(250, "ok");
  s.command(SmtpVerb::MAIL, "FROM:<two@x>", 1).reply(503, "nested");
  s.transaction(Outcome::reset);
  const auto event = parsed(s.events().at(0));
  EXPECT_STREQ(event["smtp"]["mail_from"].GetString(), "<one@x>");
  EXPECT_FALSE(event["smtp"].HasMember("result"));
}

TEST(Book, TheFirstBannerIsTheBanner) {
  Script s(Protocol::smtp);
  s.open().banner("mail.example.test ESMTP").banner("250 of nobody knows what", 250).close();
  const auto event = parsed(s.events().at(0));
  EXPECT_STREQ(event["smtp"]["banner"].GetString(), "mail.example.test ESMTP");
}

TEST(Book, ARefusedSenderIsTheResult) {
  Script s(Protocol::smtp);
  s.open().command(SmtpVerb::MAIL, "FROM:<one@x>", 1).reply(550, "no", {.enhanced = {5, 7, 1}});
  s.transaction(Outcome::rejected);
  const auto event = parsed(s.events().at(0));
  EXPECT_EQ(event["smtp"]["result"]["code"].GetInt(), 550);
  EXPECT_STREQ(event["smtp"]["result"]["enhanced"].GetString(), "5.7.1");
  EXPECT_STREQ(event["smtp"]["outcome"].GetString(), "rejected");
}

TEST(Book, LetsTheOldestOfTooManyTransactionsGo) {
  Script s(Protocol::smtp);
  s.open();
  for (std::uint32_t tx = 1; tx <= 100; ++tx) s.command(SmtpVerb::MAIL, "FROM:<a@b>", tx);
  EXPECT_EQ(s.reporter().totals().unfinished.get(), 100 - SmtpView::kOpenTransactions);
  const auto events = s.events();
  ASSERT_EQ(events.size(), 100u);
  EXPECT_EQ(parsed(events[0])["tx_id"].GetInt(), 0);
  EXPECT_EQ(parsed(events[99])["tx_id"].GetInt(), 99);
}

TEST(Book, LetsTheOldestOfTooManyPop3CommandsGo) {
  Script s(Protocol::pop3);
  s.open();
  for (int i = 0; i < 300; ++i) s.command(Pop3Verb::NOOP, "");
  EXPECT_EQ(s.reporter().totals().unfinished.get(), 300 - Pop3View::kPending);
  const auto events = s.events();
  ASSERT_EQ(events.size(), 300u);
  EXPECT_FALSE(parsed(events[0])["pop3"].HasMember("response"));
}

TEST(Book, PipelinedPop3AnswersFindTheirCommands) {
  Script s(Protocol::pop3);
  s.open().command(Pop3Verb::DELE, "1").command(Pop3Verb::DELE, "2").command(Pop3Verb::QUIT, "");
  for (std::uint32_t i = 1; i <= 3; ++i) {
    s.emit(tally::Reply{.command = i,
                        .code = static_cast<std::uint16_t>(i == 2 ? 2 : 1),
                        .phase = tally::Phase::command},
           {"said " + std::to_string(i), ""});
  }
  const auto events = s.events();
  ASSERT_EQ(events.size(), 3u);
  EXPECT_STREQ(parsed(events[1])["pop3"]["request"]["args"][0].GetString(), "2");
  EXPECT_FALSE(parsed(events[1])["pop3"]["response"]["success"].GetBool());
  EXPECT_STREQ(parsed(events[2])["pop3"]["response"]["header"].GetString(), "said 3");
}

TEST(Book, AnAuthDialogueIsOneCommand) {
  Script s(Protocol::pop3);
  s.open().command(Pop3Verb::AUTH, "PLAIN").reply(3, "").continuation("***").reply(1, "in");
  const auto events = s.events();
  ASSERT_EQ(events.size(), 1u);
  EXPECT_STREQ(parsed(events[0])["pop3"]["response"]["header"].GetString(), "in");
}

TEST(Book, LongAnswersAreCutAndSaySo) {
  Script s(Protocol::pop3);
  s.open().command(Pop3Verb::UIDL, "").reply(1, "", {.multi_line = true});
  for (int i = 1; i <= 5000; ++i) s.answer(std::to_string(i) + " id" + std::to_string(i) + "\r\n");
  s.answer_end(5000);
  const auto event = parsed(s.events().at(0));
  EXPECT_EQ(event["pop3"]["uidl"].Size(), 1000u);
  EXPECT_EQ(event["pop3"]["response"]["data"].Size(), 1000u);
  EXPECT_TRUE(event["pop3"]["truncated"].GetBool());
  EXPECT_NE(s.transcript().find("... and 4990 more"), std::string::npos);
}

TEST(Book, LinesOfAnAnswerThatWereLostAreCounted) {
  Script s(Protocol::pop3);
  s.open().command(Pop3Verb::UIDL, "").reply(1, "", {.multi_line = true});
  s.answer("1 a\n2 b").lose(1).answer_end(7).close();
  EXPECT_NE(s.transcript().find("... and 5 more"), std::string::npos);
}

TEST(Book, BodiesNeverReachAnEvent) {
  Script s(Protocol::smtp);
  s.open().command(SmtpVerb::MAIL, "FROM:<a@b>", 1).command(SmtpVerb::DATA, "", 1);
  s.emit(tally::BodyExcerpt{.tx = 1}, {"Merry Christmas!!!\r\n"}).message(20);
  s.transaction(Outcome::accepted).close();
  for (const std::string& line : s.events()) EXPECT_EQ(line.find("Christmas"), std::string::npos);
  EXPECT_NE(s.transcript().find("| Merry Christmas!!!"), std::string::npos);
}

TEST(Book, CapturesAreNamedBySession) {
  Script s(Protocol::smtp, {"first.pcap", "", ""});
  s.session(1).open();
  s.reporter().set_capture("second.pcap");
  s.session(2).open().session(1).close().session(2).close();
  const auto events = s.events();
  ASSERT_EQ(events.size(), 4u);
  EXPECT_STREQ(parsed(events[0])["pcap_filename"].GetString(), "first.pcap");
  EXPECT_STREQ(parsed(events[2])["pcap_filename"].GetString(), "second.pcap");
}

}  // namespace
}  // namespace mailglass::report
