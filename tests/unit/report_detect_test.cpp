// SPDX-License-Identifier: BSD-3-Clause
// The detectors, from hand-made records to their alerts.
#include <gtest/gtest.h>
#include <rapidjson/document.h>

#include <limits>

#include "report/detect/detectors.h"
#include "tests/unit/report_script.h"

namespace mailglass::report {
namespace {

using tally::LoginOutcome;
using tally::Outcome;
using tally::Pop3Verb;
using tally::Protocol;
using tally::SmtpVerb;
using testing::Script;

constexpr std::int64_t kSecond = 1'000'000;

DetectSettings settings() {
  DetectSettings s;
  s.login_failures_source = {5, 60};
  s.login_failures_user = {5, 60};
  s.password_spray = {4, 600};
  s.login_after_failures = {3, 60};
  s.user_enumeration = {4, 60};
  s.recipient_flood = {6, 60};
  s.message_burst = {3, 60};
  s.mailbox_drain = {10, 60};
  EXPECT_TRUE(s.own_domains.parse("own.test"));
  EXPECT_TRUE(s.own_networks.parse("192.0.2.0/28"));
  return s;
}

DetectSettings only(AlertLimit DetectSettings::*alert) {
  DetectSettings on = settings(), off = on;
#define ALERT(id, ...) off.id.threshold = 0;
#include "report/detect/alerts.def"
  off.*alert = on.*alert;
  return off;
}

class Case : public Script {
 public:
  explicit Case(Protocol protocol, DetectSettings detect = settings())
      : Script(protocol, {"case.pcap", "", "sensor-1"}, {}, false, detect) {}

  static tally::Opened flow_from(std::uint8_t last, std::uint16_t port) {
    tally::Opened flow = Script::flow();
    const std::uint8_t client[] = {203, 0, 113, last};
    flow.client = Address::v4(client);
    flow.client_port = port;
    return flow;
  }
  Case& at(std::int64_t us) { return Script::at(us), *this; }
  // A session of its own that tries one password.
  Case& attempt(std::string_view user, LoginOutcome outcome, std::uint8_t source = 9,
                std::uint16_t code = 0, std::string_view text = {}) {
    session(++next_);
    open(flow_from(source, static_cast<std::uint16_t>(next_)));
    tally::Login login;
    login.outcome = outcome;
    login.code = code != 0 ? code : outcome == LoginOutcome::failure ? 535 : 235;
    emit(login, {"PLAIN", user, "", "", text, "", ""});
    close();
    return *this;
  }
  // The alerts among the events, as "signature_id state subject count".
  std::vector<std::string> alerts() {
    std::vector<std::string> found;
    for (const std::string& line : events()) {
      rapidjson::Document event;
      event.Parse(line.data(), line.size());
      EXPECT_FALSE(event.HasParseError()) << line;
      if (std::string_view(event["event_type"].GetString()) != "alert") continue;
      lines_.push_back(line);
      const auto& evidence = event["evidence"];
      const auto id = static_cast<std::size_t>(event["alert"]["signature_id"].GetInt() - 9465001);
      std::string text = std::string(evidence["alert"].GetString()) + " " +
                         evidence["state"].GetString() + " " +
                         evidence[std::string(kAlerts[id].subject).c_str()].GetString();
      for (const char* number : {"count", "followed"}) {
        if (evidence.HasMember(number)) {
          text += std::string(" ") + number + " " + std::to_string(evidence[number].GetInt());
        }
      }
      found.push_back(text);
    }
    return found;
  }
  const std::vector<std::string>& lines() const { return lines_; }

 private:
  std::uint64_t next_ = 100;
  std::vector<std::string> lines_;
};

using Texts = std::vector<std::string>;

TEST(Detect, AnAlertInFull) {
  Case c(Protocol::smtp, only(&DetectSettings::login_failures_source));
  for (int i = 0; i < 5; ++i) {
    c.at(i * kSecond).attempt(i % 2 == 0 ? "Bob" : "eve\"\x01", LoginOutcome::failure);
  }
  ASSERT_EQ(c.alerts(), Texts{"login_failures_source raised 203.0.113.9 count 5"});
  const std::string& line = c.lines()[0];
  const std::size_t at = line.find(R"("alert":{)");
  ASSERT_NE(at, line.npos);
  EXPECT_EQ(line.substr(at),
            R"("alert":{"action":"allowed","gid":9465,"signature_id":9465001,"rev":1,)"
            R"("signature":"many failed logins from one source",)"
            R"("category":"Attempted User Privilege Gain","severity":2},)"
            R"("evidence":{"alert":"login_failures_source","state":"raised",)"
            R"("source":"203.0.113.9","count":5,"threshold":5,"unit":"failures",)"
            R"("window_seconds":60,"total":5,"first":"2023-11-14T22:13:20.000000+0000",)"
            R"("last":"2023-11-14T22:13:24.000000+0000","users":["bob","eve\"\u0001"]}})");
  EXPECT_NE(line.find(R"("src_ip":"203.0.113.9","src_port":105,)"), line.npos);
  EXPECT_NE(c.transcript().find("alert login_failures_source: many failed logins from one source"),
            std::string::npos);
}

TEST(Detect, AWindowSlides) {
  for (const auto& [gap, alerts] : {std::pair{11, 1u}, std::pair{16, 0u}}) {
    Case c(Protocol::smtp, only(&DetectSettings::login_failures_source));
    for (int i = 0; i < 30; ++i) c.at(i * gap * kSecond).attempt("bob", LoginOutcome::failure);
    const Texts seen = c.alerts();
    EXPECT_EQ(!seen.empty(), alerts == 1) << gap;
  }
}

TEST(Detect, OneAlertStandsForWhatFollows) {
  Case c(Protocol::smtp, only(&DetectSettings::login_failures_source));
  for (int i = 0; i < 20; ++i) c.at(i * kSecond).attempt("bob", LoginOutcome::failure);
  // The window is over, and it goes on: the second alert tells what followed the first.
  for (int i = 0; i < 20; ++i) c.at((60 + i) * kSecond).attempt("bob", LoginOutcome::failure);
  EXPECT_EQ(c.alerts(), (Texts{"login_failures_source raised 203.0.113.9 count 5",
                               "login_failures_source raised 203.0.113.9 count 18 followed 19",
                               "login_failures_source ended 203.0.113.9 followed 15"}));
  const auto kind = static_cast<std::size_t>(Alert::login_failures_source);
  EXPECT_EQ(c.reporter().totals().alerts[kind].get(), 2u);
  EXPECT_EQ(c.reporter().totals().suppressed[kind].get(), 34u);
  EXPECT_EQ(c.reporter().totals().watched[kind].get(), 0u);
}

TEST(Detect, OnlyWhatTheServerRefusesForItsSecretIsAFailure) {
  struct Row {
    Protocol protocol;
    std::uint16_t code;
    const char* text;
    bool counts;
  };
  for (const Row& row :
       {Row{Protocol::smtp, 535, "5.7.8 bad", true}, Row{Protocol::smtp, 550, "no", true},
        Row{Protocol::smtp, 454, "4.7.0 later", false},
        Row{Protocol::smtp, 501, "cancelled", false},
        Row{Protocol::smtp, 504, "no such mechanism", false},
        Row{Protocol::smtp, 538, "encrypt first", false},
        Row{Protocol::pop3, 2, "[AUTH] Authentication failed.", true},
        Row{Protocol::pop3, 2, "no", true}, Row{Protocol::pop3, 2, "[IN-USE] locked", false},
        Row{Protocol::pop3, 2, "[LOGIN-DELAY] wait", false},
        Row{Protocol::pop3, 2, "[SYS/TEMP] wait", false}}) {
    Case c(row.protocol, only(&DetectSettings::login_failures_source));
    for (int i = 0; i < 5; ++i) c.attempt("bob", LoginOutcome::failure, 9, row.code, row.text);
    EXPECT_EQ(c.alerts().size(), row.counts ? 1u : 0u) << row.code << " " << row.text;
  }
}

TEST(Detect, AUserIsGuessedFromManySources) {
  Case c(Protocol::smtp, only(&DetectSettings::login_failures_user));
  for (std::uint8_t i = 0; i < 5; ++i) {
    c.at(i).attempt(i % 2 == 0 ? "Bob@own.test" : "bob@OWN.test", LoginOutcome::failure, i);
  }
  EXPECT_EQ(c.alerts(), Texts{"login_failures_user raised bob@own.test count 5"});
  EXPECT_NE(c.lines()[0].find(R"("sources":["203.0.113.0","203.0.113.1")"), std::string::npos);
}

TEST(Detect, ManyUsersWithFewTriesAreASpray) {
  const auto run = [](int users, int tries) {
    Case c(Protocol::pop3, only(&DetectSettings::password_spray));
    for (int user = 0; user < users; ++user) {
      for (int i = 0; i < tries; ++i) {
        c.at(user * kSecond).attempt("u" + std::to_string(user), LoginOutcome::failure, 9, 2);
      }
    }
    return c.alerts();
  };
  EXPECT_EQ(run(4, 1), Texts{"password_spray raised 203.0.113.9 count 4"});
  EXPECT_EQ(run(4, 3).size(), 1u + 1) << "raised by the fourth's first try, and two followed";
  EXPECT_EQ(run(3, 9), Texts{});
  EXPECT_EQ(run(5, 9), Texts{}) << "that many tries are no spray";
  EXPECT_EQ(run(300, 1)[0], "password_spray raised 203.0.113.9 count 4");
}

TEST(Detect, ALoginAfterFailures) {
  Case c(Protocol::smtp, only(&DetectSettings::login_after_failures));
  c.attempt("bob", LoginOutcome::failure).attempt("bob", LoginOutcome::failure);
  c.attempt("bob", LoginOutcome::success);  // two are not enough
  c.attempt("eve", LoginOutcome::failure).attempt("eve", LoginOutcome::success, 8);
  c.attempt("eve", LoginOutcome::success);
  EXPECT_EQ(c.alerts(), Texts{"login_after_failures raised 203.0.113.9 count 3"});
}

TEST(Detect, WhoAsksWhichUsersExist) {
  Case c(Protocol::smtp, only(&DetectSettings::user_enumeration));
  c.open(Case::flow_from(9, 1)).command(SmtpVerb::VRFY, "root").reply(252, "maybe");
  c.command(SmtpVerb::EXPN, "staff").reply(502, "no");
  c.command(SmtpVerb::MAIL, "FROM:<>", 1).reply(250, "ok");
  c.command(SmtpVerb::RCPT, "TO:<a@own.test>", 1).reply(250, "ok");
  c.command(SmtpVerb::RCPT, "TO:<b@own.test>", 1).reply(450, "greylisted");
  c.command(SmtpVerb::RCPT, "TO:<c@other.test>", 1);
  c.reply(554, "5.7.1 relaying denied", {.enhanced = {5, 7, 1}});
  c.command(SmtpVerb::RCPT, "TO:<d@own.test>", 1);
  c.reply(550, "5.1.1 unknown", {.enhanced = {5, 1, 1}});
  c.command(SmtpVerb::RCPT, "TO:<E@own.test>", 1).reply(550, "unknown");
  EXPECT_EQ(c.alerts(), Texts{"user_enumeration raised 203.0.113.9 count 4"});
  EXPECT_NE(c.lines()[0].find(R"("names":["root","staff","d@own.test","e@own.test"])"),
            std::string::npos)
      << c.lines()[0];
}

TEST(Detect, APop3ServerThatTellsUsersApart) {
  Case c(Protocol::pop3, only(&DetectSettings::user_enumeration));
  c.open(Case::flow_from(9, 1));
  for (const char* user : {"a", "b", "c", "d"}) {
    c.command(Pop3Verb::USER, user).reply(2, "no such mailbox");
  }
  EXPECT_EQ(c.alerts(), Texts{"user_enumeration raised 203.0.113.9 count 4"});
}

TEST(Detect, ManyRecipients) {
  Case c(Protocol::smtp, only(&DetectSettings::recipient_flood));
  c.open(Case::flow_from(9, 1)).command(SmtpVerb::MAIL, "FROM:<x@y.test>", 1).reply(250, "ok");
  for (int i = 0; i < 6; ++i) {
    c.command(SmtpVerb::RCPT, "TO:<r" + std::to_string(i) + "@own.test>", 1).reply(250, "ok");
  }
  EXPECT_EQ(c.alerts(), Texts{"recipient_flood raised 203.0.113.9 count 6"});
}

Texts relay(const char* recipient, std::uint16_t code, std::uint8_t client = 0, bool login = false,
            DetectSettings detect = only(&DetectSettings::open_relay)) {
  Case c(Protocol::smtp, detect);
  tally::Opened flow = Case::flow_from(9, 1);
  if (client != 0) flow.client.octet = Script::flow().client.octet;  // 192.0.2.10: our own
  c.open(flow);
  if (login) {
    tally::Login accepted;
    accepted.outcome = LoginOutcome::success;
    c.emit(accepted, {"PLAIN", "bob", "", "", "", "", ""});
  }
  c.command(SmtpVerb::MAIL, "FROM:<x@y.test>", 1).reply(250, "ok");
  c.command(SmtpVerb::RCPT, std::string("TO:<") + recipient + ">", 1).reply(code, "answer");
  return c.alerts();
}

TEST(Detect, AnOpenRelay) {
  EXPECT_EQ(relay("a@far.test", 250), Texts{"open_relay raised 192.0.2.25 count 1"});
  EXPECT_EQ(relay("a%far.test@own.test", 251), Texts{"open_relay raised 192.0.2.25 count 1"});
  EXPECT_EQ(relay("a@far.test", 554), Texts{});
  EXPECT_EQ(relay("a@far.test", 450), Texts{});
  EXPECT_EQ(relay("a@own.test", 250), Texts{});
  EXPECT_EQ(relay("a@mx.own.test", 250), Texts{});
  EXPECT_EQ(relay("postmaster", 250), Texts{});
  EXPECT_EQ(relay("a@far.test", 250, 10), Texts{}) << "our own client";
  EXPECT_EQ(relay("a@far.test", 250, 0, true), Texts{}) << "it has logged in";
  DetectSettings nobody = only(&DetectSettings::open_relay);
  nobody.own_domains = {};
  EXPECT_EQ(relay("a@far.test", 250, 0, false, nobody), Texts{}) << "nothing is foreign";
}

// What a client says behind a PROXY header that names another, sent from an address of ours.
Texts relay_behind_proxy(const char* balancers) {
  DetectSettings detect = only(&DetectSettings::open_relay);
  EXPECT_TRUE(detect.proxy_networks.parse(balancers));
  Case c(Protocol::smtp, detect);
  c.open();
  tally::Proxied proxied;
  proxied.source = Case::flow_from(77, 1).client;
  proxied.version = 1;
  c.emit(proxied);
  c.command(SmtpVerb::MAIL, "FROM:<x@y.test>", 1).reply(250, "ok");
  c.command(SmtpVerb::RCPT, "TO:<a@far.test>", 1).reply(250, "ok");
  return c.alerts();
}

TEST(Detect, TheClientIsTheOneThatABalancersPROXYHeaderNames) {
  EXPECT_EQ(relay_behind_proxy("192.0.2.0/24"), Texts{"open_relay raised 192.0.2.25 count 1"});
  EXPECT_EQ(relay_behind_proxy("198.51.100.0/24"), Texts{}) << "no balancer: it is what it is";
  EXPECT_EQ(relay_behind_proxy(""), Texts{});
}

TEST(Detect, NobodyEscapesByNamingAnother) {
  DetectSettings detect = settings();
  EXPECT_TRUE(detect.ignored_networks.parse("198.51.100.0/24"));
  Case c(Protocol::smtp, detect);
  for (std::uint8_t i = 0; i < 200; ++i) {
    c.session(i + 1u);
    c.open(Case::flow_from(9, i));
    const std::uint8_t claimed[] = {198, 51, 100, i};
    tally::Proxied proxied;
    proxied.source = Address::v4(claimed);
    proxied.version = 1;
    c.emit(proxied);
    tally::Login login;
    login.outcome = LoginOutcome::failure;
    login.code = 535;
    c.emit(login, {"PLAIN", "bob", "", "", "", "", ""});
    c.close();
  }
  const Texts alerts = c.alerts();
  ASSERT_FALSE(alerts.empty());
  EXPECT_NE(alerts[0].find("203.0.113.9"), std::string::npos) << alerts[0];
}

Texts burst(Protocol protocol, const char* sender, bool login, Outcome outcome) {
  Case c(protocol, only(&DetectSettings::message_burst));
  c.open(Case::flow_from(9, 1));
  if (login) {
    tally::Login accepted;
    accepted.outcome = LoginOutcome::success;
    c.emit(accepted, {"PLAIN", "Bob", "", "", "", "", ""});
  }
  for (std::uint32_t tx = 1; tx <= 3; ++tx) {
    c.command(SmtpVerb::MAIL, std::string("FROM:<") + sender + ">", tx).reply(250, "ok");
    c.message(100).transaction(outcome);
  }
  return c.alerts();
}

TEST(Detect, ManyMessagesOfOneSender) {
  EXPECT_EQ(burst(Protocol::smtp, "X@y.test", false, Outcome::accepted),
            Texts{"message_burst raised x@y.test count 3"});
  EXPECT_EQ(burst(Protocol::smtp, "x@y.test", true, Outcome::accepted),
            Texts{"message_burst raised bob count 3"});
  EXPECT_EQ(burst(Protocol::smtp, "", false, Outcome::accepted),
            Texts{"message_burst raised 203.0.113.9 count 3"});
  EXPECT_EQ(burst(Protocol::smtp, "x@y.test", false, Outcome::rejected), Texts{});
  EXPECT_EQ(burst(Protocol::lmtp, "x@y.test", false, Outcome::accepted), Texts{}) << "seen before";
}

TEST(Detect, ALargeMailboxIsDrained) {
  for (const auto& [messages, drained, alert] :
       {std::tuple{12u, true, true}, {9u, true, false}, {12u, false, false}}) {
    Case c(Protocol::pop3, only(&DetectSettings::mailbox_drain));
    c.open(Case::flow_from(9, 1));
    tally::Login login;
    login.outcome = LoginOutcome::success;
    c.emit(login, {"USER/PASS", "bob", "", "", "", "", ""});
    tally::Mailbox mailbox;
    mailbox.messages = messages;
    mailbox.drained = drained;
    c.emit(mailbox);
    EXPECT_EQ(c.alerts(), alert ? Texts{"mailbox_drain raised bob count 12"} : Texts{});
  }
}

TEST(Detect, AreSilentWhenSwitchedOffOrTold) {
  DetectSettings off;
#define ALERT(id, ...) off.id.threshold = 0;
#include "report/detect/alerts.def"
  Case none(Protocol::smtp, off);
  for (int i = 0; i < 500; ++i) none.attempt("bob", LoginOutcome::failure);
  EXPECT_EQ(none.alerts(), Texts{});
  EXPECT_EQ(Detectors::memory(off), 0u);

  DetectSettings ignoring = settings();
  EXPECT_TRUE(ignoring.ignored_networks.parse("203.0.113.0/24"));
  Case ignored(Protocol::smtp, ignoring);
  for (int i = 0; i < 500; ++i) ignored.attempt("bob", LoginOutcome::failure);
  EXPECT_EQ(ignored.alerts(), Texts{});
}

TEST(Detect, AnIpv6SourceIsItsNetwork) {
  Case c(Protocol::smtp, only(&DetectSettings::login_failures_source));
  for (std::uint8_t i = 0; i < 5; ++i) {
    tally::Opened flow = Script::flow();
    flow.ipv6 = true;
    flow.client.octet = {0x20, 1, 0x0d, 0xb8, 0, 0, 0, 7, 1, 2, 3, 4, 5, 6, 7, i};
    c.session(i + 1).open(flow);
    tally::Login login;
    login.outcome = LoginOutcome::failure;
    login.code = 535;
    c.emit(login, {"PLAIN", "bob", "", "", "", "", ""}).close();
  }
  EXPECT_EQ(c.alerts(), Texts{"login_failures_source raised 2001:db8:0:7::/64 count 5"});
}

// Nobody can make the tables grow: the oldest gives way, and it is counted.
TEST(Detect, AFullTableLetsTheOldestGo) {
  DetectSettings small = only(&DetectSettings::login_failures_user);
  small.suspects = 16;
  Case c(Protocol::smtp, small);
  for (int i = 0; i < 1000; ++i) {
    c.at(i).attempt("u" + std::to_string(i), LoginOutcome::failure);
    // One that goes on all the time is never the oldest.
    if (i % 10 == 0 && i < 50) c.attempt("victim", LoginOutcome::failure);
  }
  EXPECT_EQ(c.alerts(), Texts{"login_failures_user raised victim count 5"});
  const auto kind = static_cast<std::size_t>(Alert::login_failures_user);
  EXPECT_EQ(c.reporter().totals().gave_way[kind].get(), 1001u - 16u);
}

TEST(Detect, ATimeThatStepsBackBeginsAnew) {
  Case c(Protocol::smtp, only(&DetectSettings::login_failures_source));
  c.at(7200 * kSecond);
  for (int i = 0; i < 4; ++i) c.attempt("bob", LoginOutcome::failure);
  c.at(0).attempt("bob", LoginOutcome::failure);  // another capture, of an earlier time
  // Whatever a capture says the time is.
  c.at(std::numeric_limits<std::int64_t>::min()).attempt("bob", LoginOutcome::failure);
  EXPECT_EQ(c.alerts(), Texts{});
  EXPECT_EQ(c.reporter().totals().clock_set_back.get(), 2u);
  // A moment out of order is not that.
  Case d(Protocol::smtp, only(&DetectSettings::login_failures_source));
  d.at(30 * kSecond);
  for (int i = 0; i < 4; ++i) d.attempt("bob", LoginOutcome::failure);
  d.at(0).attempt("bob", LoginOutcome::failure);
  EXPECT_EQ(d.alerts().size(), 1u);
}

// ---- an offer of STARTTLS that is missing -------------------------------------------------------

std::vector<std::string> stripped(Script& s) {
  std::vector<std::string> found;
  for (const std::string& line : s.events()) {
    if (line.find(R"("event":"starttls_stripped")") != line.npos) found.push_back(line);
  }
  return found;
}

TEST(Starttls, AServerThatOfferedItBefore) {
  Script s(Protocol::smtp);
  s.session(1).open().command(SmtpVerb::EHLO, "a").reply(250, "mx\nstarttls\nSIZE 1").close();
  s.at(5 * kSecond).session(2).open().command(SmtpVerb::HELO, "a").reply(250, "mx").close();
  s.session(3).open().command(SmtpVerb::EHLO, "a").reply(250, "mx\nSIZE 1");
  s.command(SmtpVerb::EHLO, "a").reply(250, "mx\nSIZE 1").close();
  tally::Opened other = Script::flow();
  other.server_port = 587;
  s.session(4).open(other).command(SmtpVerb::EHLO, "a").reply(250, "mx\nSIZE 1").close();
  const auto found = stripped(s);
  ASSERT_EQ(found.size(), 1u) << "once a session, and not of a server that never offered it";
  EXPECT_NE(found[0].find("last offered at 2023-11-14T22:13:20.000000+0000"), std::string::npos)
      << found[0];
  EXPECT_EQ(s.reporter().totals().starttls_stripped.get(), 1u);
}

TEST(Starttls, NeitherInTlsNorAfterALogin) {
  Script s(Protocol::smtp);
  s.session(1).open().command(SmtpVerb::EHLO, "a").reply(250, "mx\nSTARTTLS").close();
  s.session(2).open().emit(tally::Encrypted{}).command(SmtpVerb::EHLO, "a").reply(250, "mx\nX");
  tally::Login login;
  login.outcome = LoginOutcome::success;
  s.session(3).open().emit(login, {"PLAIN", "bob", "", "", "", "", ""});
  s.command(SmtpVerb::EHLO, "a").reply(250, "mx\nX");
  EXPECT_TRUE(stripped(s).empty());
}

TEST(Starttls, OfPop3) {
  Script s(Protocol::pop3);
  s.session(1).open().command(Pop3Verb::CAPA, "").reply(1, "", {.multi_line = true});
  s.answer("TOP\nSTLS\nUIDL").answer_end(3).close();
  s.session(2).open().command(Pop3Verb::CAPA, "").reply(1, "", {.multi_line = true});
  s.answer("TOP\nUIDL").answer_end(2).close();
  EXPECT_EQ(stripped(s).size(), 1u);
}

TEST(Starttls, RemembersSoManyServers) {
  DetectSettings few;
  few.starttls_servers = 16;
  Script s(Protocol::smtp, {}, {}, false, few);
  for (std::uint16_t i = 0; i < 20; ++i) {
    tally::Opened flow = Script::flow();
    flow.server_port = static_cast<std::uint16_t>(1000 + i);
    s.session(i).open(flow).command(SmtpVerb::EHLO, "a").reply(250, "mx\nSTARTTLS").close();
  }
  for (std::uint16_t i = 0; i < 20; ++i) {
    tally::Opened flow = Script::flow();
    flow.server_port = static_cast<std::uint16_t>(1000 + i);
    s.session(i).open(flow).command(SmtpVerb::EHLO, "a").reply(250, "mx\nX").close();
  }
  EXPECT_EQ(stripped(s).size(), 16u);
  EXPECT_EQ(s.reporter().totals().offers_gave_way.get(), 4u);
}

}  // namespace
}  // namespace mailglass::report
