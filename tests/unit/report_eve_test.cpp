// SPDX-License-Identifier: BSD-3-Clause
// Every event type, from hand-made records to its line. The lines are the contract: a change here
// is a change for whoever reads the log.
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

// What every event of the script's session begins with.
std::string head(std::string_view time, std::string_view type, std::string_view more = {},
                 std::string_view protocol = "smtp") {
  std::string text = R"({"timestamp":"2023-11-14T22:13:20.)";
  text.append(time).append(R"(+0000","flow_id":42,"pcap_filename":"case.pcap","event_type":")");
  text.append(type);
  text.append(R"(","src_ip":"192.0.2.10","src_port":49152,"dest_ip":"192.0.2.25","dest_port":25,)"
              R"("proto":"TCP","ip_v":4,"community_id":"1:o86AcY2iQ2FHK7hvyaVFf567Cmo=",)"
              R"("app_proto":")");
  text.append(protocol).append(R"(",)").append(more);
  text.append(R"("ether":{"src_mac":"02:00:00:00:00:01","dest_mac":"02:00:00:00:00:25"},)"
              R"("host":"sensor-1",)");
  return text;
}

void expect_json(const std::vector<std::string>& events) {
  for (const std::string& line : events) {
    rapidjson::Document event;
    event.Parse<rapidjson::kParseValidateEncodingFlag>(line.data(), line.size());
    EXPECT_FALSE(event.HasParseError()) << line;
    for (char c : line) EXPECT_TRUE(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f) << line;
  }
}

Script& one_mail(Script& s) {
  s.open().at(4600).banner("mail.example.test ESMTP");
  s.at(5300).command(SmtpVerb::EHLO, "client.example.test");
  s.reply(250, "mail.example.test\nPIPELINING\nSIZE 10240000\nSTARTTLS");
  s.at(7000).command(SmtpVerb::MAIL, "FROM:<a@b.test> SIZE=312 BODY=8BITMIME RET=HDRS ENVID=q+2B1",
                     1);
  s.reply(250, "2.1.0 Ok", {.enhanced = {2, 1, 0}});
  s.command(SmtpVerb::RCPT, "TO:<c@d.test> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;c+2B1@d.test", 1);
  s.reply(250, "2.1.5 Ok", {.enhanced = {2, 1, 5}, .recipient = 1});
  s.command(SmtpVerb::RCPT, "TO:<no@d.test>", 1);
  s.reply(550, "5.1.1 unknown\n5.1.1 user", {.enhanced = {5, 1, 1}, .recipient = 2});
  s.command(SmtpVerb::DATA, "", 1).reply(354, "go");
  s.header("From", " =?UTF-8?Q?J=C3=BCrgen?= <a@B.test>\r\n");
  s.header("To", "c@d.test,\r\n \"D, E\" <de@d.test>").header("Cc", "f@g.test");
  s.header("Subject", "Fr\xf6hlich").header("Date", "Tue, 14 Nov 2023 22:13:20 +0000");
  s.header("Message-ID", "<1@b.test>")
      .header("X-Mailer", "mail 1")
      .header("Received", "from x\r\n by y");
  s.header("Reply-To", "r@b.test")
      .header("In-Reply-To", "<0@b>")
      .header("References", "<0@b> <9@b>");
  s.header("User-Agent", "ua")
      .header("Content-Type", "text/plain")
      .header("DKIM-Signature", "d=b.test");
  s.at(8000).message(312);
  return s.reply(250, "2.0.0 Ok: queued as 4F2A91", {.enhanced = {2, 0, 0}, .content = true});
}

TEST(Eve, WhatMailSaysOfItsMessage) {
  Script s(Protocol::smtp);
  s.open().command(SmtpVerb::MAIL, "FROM:<a@b.test> REQUIRETLS smtputf8 BODY=BINARYMIME", 1);
  s.reply(250, "2.1.0 Ok").transaction(Outcome::aborted);
  const auto events = s.events();
  ASSERT_EQ(events.size(), 1u);
  EXPECT_NE(events[0].find(R"("esmtp":{"body":"BINARYMIME","smtputf8":true,"requiretls":true})"),
            std::string::npos)
      << events[0];
}

TEST(Eve, AFromThatIsNotTheSenders) {
  for (const std::string_view from :
       {"x@other.test", "a@b.test.other.test", "a@b.test, x@o.test"}) {
    Script s(Protocol::smtp);
    s.open().command(SmtpVerb::MAIL, "FROM:<a@B.test>", 1).reply(250, "2.1.0 Ok");
    s.command(SmtpVerb::DATA, "", 1).reply(354, "go").header("From", from).message(30);
    s.reply(250, "2.0.0 Ok", {.content = true}).transaction(Outcome::accepted);
    const auto events = s.events();
    ASSERT_EQ(events.size(), 1u);
    EXPECT_NE(events[0].find(R"("from_domain_matches_envelope":false)"), std::string::npos)
        << events[0];
  }
}

TEST(Eve, SmtpTransaction) {
  Script s(Protocol::smtp);
  one_mail(s).transaction(Outcome::accepted);
  const auto events = s.events();
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(
      events[0],
      head("008000", "smtp", R"("tx_id":0,)") +
          R"("smtp":{"helo":"client.example.test","mail_from":"<a@b.test>",)"
          R"("rcpt_to":["<c@d.test>","<no@d.test>"],"greeting":"EHLO",)"
          R"("banner":"mail.example.test ESMTP",)"
          R"("extensions":["PIPELINING","SIZE 10240000","STARTTLS"],"tls":false,)"
          R"("esmtp":{"size_declared":312,"body":"8BITMIME","ret":"HDRS","envid":"q+1"},)"
          R"("recipients":[{"address":"c@d.test","code":250,"enhanced":"2.1.5","text":"Ok",)"
          R"("notify":"SUCCESS,DELAY","orcpt":"rfc822;c+1@d.test"},)"
          R"({"address":"no@d.test","code":550,"enhanced":"5.1.1","text":"unknown\nuser"}],)"
          R"("result":{"code":250,"enhanced":"2.0.0","text":"Ok: queued as 4F2A91",)"
          R"("queue_id":"4F2A91"},"transfer":"DATA","octets":312,"pipelined":false,)"
          R"("outcome":"accepted","latency_ms":{"banner":4.511,"greeting":0.25,"mail":0.25,)"
          R"("rcpt":0.25,"data":0.25,"end_of_data":0.25},)"
          R"("starttls":{"offered":true,"requested":false,"accepted":false}},)"
          R"("email":{"from":"Jürgen <a@B.test>","to":["c@d.test","\"D, E\" <de@d.test>"],)"
          R"("cc":["f@g.test"],"subject":"Fröhlich","date":"Tue, 14 Nov 2023 22:13:20 +0000",)"
          R"("message_id":"<1@b.test>","x_mailer":"mail 1","received":["from x by y"],)"
          R"("reply_to":"r@b.test","in_reply_to":"<0@b>","references":["<0@b>","<9@b>"],)"
          R"("user_agent":"ua","content_type":"text/plain","dkim_domains":["b.test"],)"
          R"("from_domain_matches_envelope":true}})");
  expect_json(events);
}

TEST(Eve, SessionWithoutATransaction) {
  Script s(Protocol::smtp);
  s.open().banner("hello").command(SmtpVerb::EHLO, "x").reply(250, "y\nSTARTTLS");
  s.command(SmtpVerb::STARTTLS, "").reply(220, "go").emit(tally::Encrypted{});
  s.at(9000).close(tally::CloseReason::rst);
  const auto events = s.events();
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[0], head("009000", "smtp") +
                           R"("smtp":{"helo":"x","greeting":"EHLO","banner":"hello",)"
                           R"("extensions":["STARTTLS"],"tls":true,)"
                           R"("latency_ms":{"banner":4.511,"greeting":0.25},)"
                           R"("starttls":{"offered":true,"requested":true,"accepted":true}}})");
  expect_json(events);
}

TEST(Eve, ALmtpReplyForEachRecipient) {
  Script s(Protocol::lmtp);
  s.open().command(SmtpVerb::LHLO, "x").reply(250, "y");
  s.command(SmtpVerb::MAIL, "FROM:<>", 1).reply(250, "ok");
  s.command(SmtpVerb::RCPT, "TO:<a@x>", 1).reply(250, "ok", {.recipient = 1});
  s.command(SmtpVerb::RCPT, "TO:<b@x>", 1).reply(250, "ok", {.recipient = 2});
  s.command(SmtpVerb::DATA, "", 1).reply(354, "go").message(5);
  s.reply(250, "delivered", {.recipient = 1, .content = true});
  s.reply(452, "4.2.2 full", {.enhanced = {4, 2, 2}, .recipient = 2, .content = true});
  s.transaction(Outcome::accepted);
  const auto events = s.events();
  ASSERT_EQ(events.size(), 1u);
  EXPECT_NE(events[0].find(R"("event_type":"smtp")"), std::string::npos);
  EXPECT_NE(events[0].find(R"("app_proto":"lmtp")"), std::string::npos);
  EXPECT_NE(events[0].find(R"("mail_from":"<>")"), std::string::npos);
  EXPECT_NE(events[0].find(R"("recipients":[{"address":"a@x","code":250,"text":"delivered"},)"
                           R"({"address":"b@x","code":452,"enhanced":"4.2.2","text":"full"}])"),
            std::string::npos)
      << events[0];
}

TEST(Eve, Pop3Commands) {
  Script s(Protocol::pop3);
  s.open().banner("+OK ready", 1);
  s.command(Pop3Verb::STAT, "").reply(1, "3 17395");
  s.command(Pop3Verb::LIST, "").reply(1, "3 messages", {.multi_line = true});
  s.answer("1 14417\r\n2 882\r\n").answer("3 2096\r\n").answer_end(3);
  s.command(Pop3Verb::UIDL, "2").reply(1, "2 000002");
  s.command(Pop3Verb::RETR, "2").reply(1, "882 octets", {.multi_line = true});
  s.header("Subject", "hi").message(880, tally::Transfer::retr);
  s.command(Pop3Verb::PASS, "with a space").reply(2, "[AUTH] no");
  const auto events = s.events();
  ASSERT_EQ(events.size(), 5u);
  const auto expect = [&](std::size_t i, std::string_view body) {
    const std::string more = "\"tx_id\":" + std::to_string(i) + ",";
    EXPECT_EQ(events[i], head("000000", "pop3", more, "pop3") + std::string(body));
  };
  expect(0, R"("pop3":{"request":{"command":"STAT"},)"
            R"("response":{"success":true,"status":"OK","header":"3 17395"},"latency_ms":0.25,)"
            R"("stat":{"messages":3,"octets":17395}}})");
  expect(1, R"("pop3":{"request":{"command":"LIST"},"response":{"success":true,"status":"OK",)"
            R"("header":"3 messages","data":["1 14417","2 882","3 2096"]},"latency_ms":0.25,)"
            R"("list":[{"number":1,"octets":14417},{"number":2,"octets":882},)"
            R"({"number":3,"octets":2096}]}})");
  expect(2, R"("pop3":{"request":{"command":"UIDL","args":["2"]},"response":{"success":true,)"
            R"("status":"OK","header":"2 000002"},"latency_ms":0.25,)"
            R"("uidl":[{"number":2,"id":"000002"}]}})");
  expect(3, R"("pop3":{"request":{"command":"RETR","args":["2"]},"response":{"success":true,)"
            R"("status":"OK","header":"882 octets"},"latency_ms":0.25,)"
            R"("retr":{"number":2,"octets_declared":882,"octets":880}},"email":{"subject":"hi"}})");
  expect(4, R"("pop3":{"request":{"command":"PASS","args":["with a space"]},)"
            R"("response":{"success":false,"status":"ERR","header":"[AUTH] no"},)"
            R"("latency_ms":0.25,"code":"AUTH"}})");
  expect_json(events);
}

TEST(Eve, Login) {
  Script s(Protocol::smtp);
  s.open().at(1);
  tally::Login login{.latency_us = 1500,
                     .code = 535,
                     .outcome = tally::LoginOutcome::failure,
                     .exposed = true,
                     .tls_offered = true};
  s.emit(login, {"LOGIN",
                 "b\xf6"
                 "b",
                 "root", "", "5.7.8 no"});
  login = {.hashed = true};
  s.emit(login, {"PLAIN", "", "", "siphash:00ff", ""});
  login = {.outcome = tally::LoginOutcome::success};
  s.emit(login, {"PLAIN", "u", "", "hunter2", ""});
  const auto events = s.events();
  ASSERT_EQ(events.size(), 4u);  // and the session itself, which held no transaction
  EXPECT_EQ(events[0], head("000001", "login") +
                           R"("login":{"mechanism":"LOGIN","user":"böb","authzid":"root",)"
                           R"("success":false,"code":535,"text":"5.7.8 no","exposed":true,)"
                           R"("tls_offered":true,"latency_ms":1.5}})");
  EXPECT_EQ(events[1], head("000001", "login") +
                           R"("login":{"mechanism":"PLAIN","exposed":false,)"
                           R"("secret_hash":"siphash:00ff","tls_offered":false}})");
  EXPECT_EQ(events[2], head("000001", "login") +
                           R"("login":{"mechanism":"PLAIN","user":"u","success":true,)"
                           R"("exposed":false,"secret":"hunter2","tls_offered":false}})");
  expect_json(events);
}

TEST(Eve, Anomaly) {
  Script s(Protocol::smtp);
  s.open();
  s.emit(tally::AnomalySeen{.event = tally::Anomaly::smtp_invalid_reply, .tx = 2},
         {"x\x7f\xc2\x9b"});
  s.emit(tally::AnomalySeen{.event = tally::Anomaly::tcp_overlap_conflict});
  const auto events = s.events();
  ASSERT_EQ(events.size(), 3u);
  EXPECT_EQ(events[0],
            head("000000", "anomaly", R"("tx_id":1,)") +
                R"("anomaly":{"type":"applayer","event":"smtp_invalid_reply",)"
                R"("layer":"proto_parser","detail":"a server line that is not a reply of RFC 5321 )"
                R"(section 4.2: x\u007f\u009b"}})");
  EXPECT_EQ(events[1], head("000000", "anomaly") +
                           R"("anomaly":{"type":"stream","event":"tcp_overlap_conflict",)"
                           R"("detail":"a retransmission carried other bytes than the first copy; )"
                           R"(a receiver that prefers the later copy reads other octets"}})");
  expect_json(events);
}

TEST(Eve, Flow) {
  Script s(Protocol::pop3);
  tally::Opened flow = Script::flow();
  flow.midstream = true;
  flow.handshake_us = 0;
  s.open(flow).at(2'500'000);
  tally::Closed closed{.end = {Script::kStart + 2'400'000},
                       .octets = {100, 200},
                       .segments = {1, 2},
                       .bytes_missing = {7, 0},
                       .retransmitted = 3,
                       .out_of_order = 4,
                       .commands = 5,
                       .reason = tally::CloseReason::evicted,
                       .established = true,
                       .oneside_to_server = true};
  s.emit(closed);
  const auto events = s.events();
  ASSERT_EQ(events.size(), 1u);
  std::string begin = head("500000", "flow", {}, "pop3");
  begin.replace(begin.find("20.500000"), 9, "22.500000");
  EXPECT_EQ(events[0],
            begin + R"("flow":{"pkts_toserver":1,"pkts_toclient":2,"bytes_toserver":100,)"
                    R"("bytes_toclient":200,"start":"2023-11-14T22:13:20.000000+0000",)"
                    R"("end":"2023-11-14T22:13:22.400000+0000","age":2,"state":"established",)"
                    R"("reason":"forced","tx_cnt":5,"retransmitted":3,"out_of_order":4,)"
                    R"("bytes_missing":7,"gap":true,"midstream":true,"oneside":"to_server"}})");
  expect_json(events);
}

TEST(Eve, Stats) {
  Script s(Protocol::smtp);
  tally::Counters one, two;
  one.add(tally::Count::frames, 3);
  two.add(tally::Count::frames, 4);
  two.drop(tally::Drop::udp);
  one.set(tally::Level::flows_used, 9);
  const tally::Counters* const workers[] = {&one, &two};
  s.reporter().stats(workers, Tick{Script::kStart});
  const auto events = s.events();
  ASSERT_EQ(events.size(), 1u);
  expect_json(events);
  rapidjson::Document event;
  event.Parse(events[0].c_str());
  EXPECT_STREQ(event["event_type"].GetString(), "stats");
  const auto& stats = event["stats"];
  EXPECT_EQ(stats["frames"].GetUint64(), 7u);
  EXPECT_EQ(stats["drops"]["udp"].GetUint64(), 1u);
  EXPECT_EQ(stats["pool_used"]["flows"].GetUint64(), 9u);
  EXPECT_EQ(stats["eve"]["written"].GetUint64(), 0u);
  // Every counter has its place: a family that appeared twice would hide one of its halves.
  std::size_t rows = 0;
  for (const auto& family : stats.GetObject()) {
    EXPECT_EQ(std::count_if(stats.MemberBegin(), stats.MemberEnd(),
                            [&](const auto& other) { return other.name == family.name; }),
              1)
        << family.name.GetString();
    rows += family.value.IsObject() ? family.value.MemberCount() : 1;
  }
  // The six counters of a mechanism are one figure here.
  constexpr auto kMechanisms = static_cast<std::size_t>(tally::Mechanism::other) + 1;
  EXPECT_EQ(rows, tally::kCounts - 5 * kMechanisms + tally::kLevels + kEventTypes.size() + 2 +
                      kAlertKinds);
}

TEST(Eve, VlanInterfaceAndIpv6) {
  Script s(Protocol::smtp, {"", "eth0", ""});
  tally::Opened flow = Script::flow();
  const std::uint8_t six[16] = {0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
  flow.client = flow.server = Address::v6(six);
  flow.ipv6 = true;
  flow.has_ether = false;
  flow.vlans = 2;
  flow.vlan[0] = 100;
  flow.vlan[1] = 7;
  s.open(flow).at(5).close();
  const auto events = s.events();
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[1].substr(0, events[1].find("\"community_id\"")),
            R"({"timestamp":"2023-11-14T22:13:20.000005+0000","flow_id":42,"in_iface":"eth0",)"
            R"("event_type":"flow","vlan":[100,7],"src_ip":"2001:db8::1","src_port":49152,)"
            R"("dest_ip":"2001:db8::1","dest_port":25,"proto":"TCP","ip_v":6,)");
  EXPECT_EQ(events[1].find("ether"), std::string::npos);
  EXPECT_EQ(events[1].find("host"), std::string::npos);
}

TEST(Eve, IsTheSameEveryTime) {
  Script first(Protocol::smtp), second(Protocol::smtp);
  EXPECT_EQ(one_mail(first).close().events(), one_mail(second).close().events());
}

}  // namespace
}  // namespace mailglass::report
