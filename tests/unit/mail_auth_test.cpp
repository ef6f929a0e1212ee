// SPDX-License-Identifier: BSD-3-Clause
// Authentication: what is learnt from it, and what must never be shown of it.
#include "mail/base64.h"
#include "tests/unit/mail_dialogue.h"

namespace mailglass::test {
namespace {

using mail::CredentialPolicy;

std::string base64(std::string_view text) {
  static constexpr char kDigits[] =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i < text.size(); i += 3) {
    unsigned group = 0;
    for (std::size_t j = 0; j < 3; ++j) {
      group = group << 8 | (i + j < text.size() ? static_cast<std::uint8_t>(text[i + j]) : 0u);
    }
    for (std::size_t j = 0; j < 4; ++j) {
      out += i + j <= text.size() ? kDigits[group >> (18 - 6 * j) & 63] : '=';
    }
  }
  return out;
}

// Every secret below holds this, and no other text of a dialogue does.
constexpr std::string_view kSecret = "hunter2-S3cr3t";

std::string plain(std::string_view user = "bob", std::string_view secret = kSecret) {
  std::string message(1, '\0');
  return base64(message.append(user).append(1, '\0').append(secret));
}

const std::string kDespiteTls = "login_without_offered_tls";

Dialogue smtp() {
  return Dialogue(587)
      .s("220 mail.example.org ESMTP\r\n")
      .c("EHLO x.example.com\r\n")
      .s("250-mail.example.org\r\n250-STARTTLS\r\n250 AUTH PLAIN LOGIN CRAM-MD5\r\n");
}
Dialogue pop3() { return Dialogue(110).s("+OK POP3 <1896.697170952@mail.example.org>\r\n"); }

// [MS-NLMP] section 2.2.1.3, with responses that must not be shown.
std::string ntlm_authenticate(std::u16string_view domain, std::u16string_view user,
                              std::u16string_view workstation) {
  std::string fields, payload;
  const auto le = [](std::size_t value, int octets) {
    std::string out;
    for (int i = 0; i < octets; ++i) out += static_cast<char>(value >> (8 * i) & 0xff);
    return out;
  };
  const auto add = [&](const std::string& octets) {
    fields += le(octets.size(), 2) + le(octets.size(), 2) + le(64 + payload.size(), 4);
    payload += octets;
  };
  const auto utf16 = [&](std::u16string_view text) {
    std::string out;
    for (const char16_t c : text) out += le(c, 2);
    return out;
  };
  add("");                    // LM
  add(std::string(kSecret));  // NT
  add(utf16(domain));
  add(utf16(user));
  add(utf16(workstation));
  add("");  // session key
  return std::string("NTLMSSP\0\3\0\0\0", 12) + fields + le(1, 4) + payload;
}

struct Exchange {
  std::string name;
  Dialogue dialogue;
  std::string mechanism, user;
  bool exposed;
};

// One successful attempt in each way the protocols know.
std::vector<Exchange> exchanges() {
  const std::string digest = "0123456789abcdef0123456789abcdef";
  const std::string token = "auth=Bearer " + std::string(kSecret) + "\x01\x01";
  return {
      {"LOGIN",
       smtp()
           .c("AUTH LOGIN\r\n")
           .s("334 VXNlcm5hbWU6\r\n")
           .c(base64("bob") + "\r\n")
           .s("334 UGFzc3dvcmQ6\r\n")
           .c(base64(kSecret) + "\r\n")
           .s("235 2.7.0 welcome\r\n"),
       "LOGIN", "bob", true},
      {"LOGIN, initial response",
       smtp()
           .c("AUTH LOGIN " + base64("bob") + "\r\n")
           .s("334 UGFzc3dvcmQ6\r\n")
           .c(base64(kSecret) + "\r\n")
           .s("235 2.7.0 welcome\r\n"),
       "LOGIN", "bob", true},
      {"LOGIN, not waiting",
       smtp()
           .c("AUTH LOGIN\r\n" + base64("bob") + "\r\n" + base64(kSecret) + "\r\n")
           .s("334 VXNlcm5hbWU6\r\n334 UGFzc3dvcmQ6\r\n235 2.7.0 welcome\r\n"),
       "LOGIN", "bob", true},
      {"LOGIN, the password asked for first",
       smtp()
           .c("AUTH LOGIN\r\n")
           .s("334 UGFzc3dvcmQ6\r\n")
           .c(base64(kSecret) + "\r\n")
           .s("334 VXNlciBOYW1lAA==\r\n")
           .c(base64("bob") + "\r\n")
           .s("235 2.7.0 welcome\r\n"),
       "LOGIN", "bob", true},
      {"LOGIN, challenges in clear",
       smtp()
           .c("AUTH LOGIN\r\n")
           .s("334 Username:\r\n")
           .c(base64("bob") + "\r\n")
           .s("334 Username:\r\n")
           .c(base64(kSecret) + "\r\n")
           .s("235 2.7.0 welcome\r\n"),
       "LOGIN", "bob", true},
      {"LOGIN, challenges that say nothing",
       smtp()
           .c("AUTH LOGIN\r\n")
           .s("334 \r\n")
           .c(base64("bob") + "\r\n")
           .s("334\r\n")
           .c(base64(kSecret) + "\r\n")
           .s("235 2.7.0 welcome\r\n"),
       "LOGIN", "bob", true},
      {"PLAIN",
       smtp().c("AUTH PLAIN\r\n").s("334 \r\n").c(plain() + "\r\n").s("235 2.7.0 welcome\r\n"),
       "PLAIN", "bob", true},
      {"PLAIN, initial response",
       smtp().c("auth plain " + plain() + "\r\n").s("235 2.7.0 welcome\r\n"), "plain", "bob", true},
      {"CRAM-MD5",
       smtp()
           .c("AUTH CRAM-MD5\r\n")
           .s("334 PDE4OTYuNjk3MTcwOTUyQG1haWwuZXhhbXBsZS5vcmc+\r\n")
           .c(base64("bob " + digest) + "\r\n")
           .s("235 2.7.0 welcome\r\n"),
       "CRAM-MD5", "bob", false},
      {"DIGEST-MD5",
       smtp()
           .c("AUTH DIGEST-MD5\r\n")
           .s("334 " + base64("realm=\"x\",nonce=\"y\"") + "\r\n")
           .c(base64("charset=utf-8,username=\"bob\",realm=\"x\",response=" + digest) + "\r\n")
           .s("334 " + base64("rspauth=" + digest) + "\r\n")
           .c("\r\n")
           .s("235 2.7.0 welcome\r\n"),
       "DIGEST-MD5", "bob", false},
      {"SCRAM",
       smtp()
           .c("AUTH SCRAM-SHA-256 " + base64("n,,n=bob,r=nonce") + "\r\n")
           .s("334 " + base64("r=noncE,s=salt,i=4096") + "\r\n")
           .c(base64("c=biws,r=noncE,p=" + digest) + "\r\n")
           .s("334 " + base64("v=x") + "\r\n")
           .c("\r\n")
           .s("235 2.7.0 welcome\r\n"),
       "SCRAM-SHA-256", "bob", false},
      {"SCRAM, a name with a comma, for another",
       smtp()
           .c("AUTH SCRAM-SHA-1 " + base64("n,a=eve,n=b=2Cob=3D,r=nonce") + "\r\n")
           .s("334 " + base64("r=noncE,s=salt,i=4096") + "\r\n")
           .c(base64("c=biws,r=noncE,p=" + digest) + "\r\n")
           .s("235 2.7.0 welcome\r\n"),
       "SCRAM-SHA-1", "b,ob=", false},
      {"NTLM",
       smtp()
           .c("AUTH NTLM " + base64(std::string("NTLMSSP\0\1\0\0\0", 12)) + "\r\n")
           .s("334 " + base64(std::string("NTLMSSP\0\2\0\0\0challenge", 21)) + "\r\n")
           .c(base64(ntlm_authenticate(u"CORP", u"bob", u"PC7")) + "\r\n")
           .s("235 2.7.0 welcome\r\n"),
       "NTLM", "bob", false},
      {"POP3 AUTH NTLM",
       pop3()
           .c("AUTH NTLM\r\n")
           .s("+ \r\n")
           .c(base64(std::string("NTLMSSP\0\1\0\0\0", 12)) + "\r\n")
           .s("+ " + base64(std::string("NTLMSSP\0\2\0\0\0challenge", 21)) + "\r\n")
           .c(base64(ntlm_authenticate(u"", u"j\u00f6rg\U0001f600", u"")) + "\r\n")
           .s("+OK welcome\r\n"),
       "NTLM", "j\xc3\xb6rg\xf0\x9f\x98\x80", false},
      {"EXTERNAL", smtp().c("AUTH EXTERNAL " + base64("bob") + "\r\n").s("235 2.7.0 welcome\r\n"),
       "EXTERNAL", "bob", false},
      {"EXTERNAL, nobody named", smtp().c("AUTH EXTERNAL =\r\n").s("235 2.7.0 welcome\r\n"),
       "EXTERNAL", "", false},
      {"GSSAPI",
       smtp()
           .c("AUTH GSSAPI " + base64("`\x82 opaque " + std::string(kSecret)) + "\r\n")
           .s("334 " + base64("more") + "\r\n")
           .c("\r\n")
           .s("235 2.7.0 welcome\r\n"),
       "GSSAPI", "", false},
      {"XOAUTH2",
       smtp()
           .c("AUTH XOAUTH2 " + base64("user=bob\x01" + token) + "\r\n")
           .s("235 2.7.0 welcome\r\n"),
       "XOAUTH2", "bob", true},
      {"OAUTHBEARER",
       smtp()
           .c("AUTH OAUTHBEARER " + base64("n,a=bob,\x01host=h\x01port=587\x01" + token) + "\r\n")
           .s("235 2.7.0 welcome\r\n"),
       "OAUTHBEARER", "bob", true},
      {"USER and PASS",
       pop3()
           .c("USER bob\r\n")
           .s("+OK\r\n")
           .c("PASS " + std::string(kSecret) + "\r\n")
           .s("+OK welcome\r\n")
           .c("STAT\r\n")
           .s("+OK 0 0\r\n"),
       "USER/PASS", "bob", true},
      {"USER and PASS, pipelined",
       pop3()
           .c("USER bob\r\nPASS " + std::string(kSecret) + "\r\nSTAT\r\n")
           .s("+OK\r\n+OK welcome\r\n+OK 0 0\r\n"),
       "USER/PASS", "bob", true},
      {"APOP", pop3().c("APOP bob " + digest + "\r\n").s("+OK welcome\r\n"), "APOP", "bob", false},
      {"POP3 AUTH PLAIN",
       pop3()
           .c("AUTH PLAIN\r\n")
           .s("+ \r\n")
           .c(plain() + "\r\n")
           .s("+OK welcome\r\n")
           .c("STAT\r\n")
           .s("+OK 0 0\r\n"),
       "PLAIN", "bob", true},
      {"POP3 AUTH PLAIN, initial response",
       pop3().c("AUTH PLAIN " + plain() + "\r\n").s("+OK welcome\r\n"), "PLAIN", "bob", true},
      {"POP3 AUTH LOGIN",
       pop3()
           .c("AUTH LOGIN\r\n")
           .s("+ VXNlcm5hbWU6\r\n")
           .c(base64("bob") + "\r\n")
           .s("+ UGFzc3dvcmQ6\r\n")
           .c(base64(kSecret) + "\r\n")
           .s("+OK welcome\r\n"),
       "LOGIN", "bob", true},
      {"POP3 AUTH LOGIN, the password asked for first",
       pop3()
           .c("AUTH LOGIN\r\n")
           .s("+ UGFzc3dvcmQ6\r\n")
           .c(base64(kSecret) + "\r\n")
           .s("+ VXNlcm5hbWU6\r\n")
           .c(base64("bob") + "\r\n")
           .s("+OK welcome\r\n"),
       "LOGIN", "bob", true},
  };
}

// Neither the secret nor anything from which it can be read off.
void expect_no_secret(const Reading& r, const std::string& what) {
  const std::string secrets[] = {
      std::string(kSecret),
      base64(kSecret),
      plain(),
      // The base64 of the secret's inner octets, at each of the three alignments.
      base64(kSecret.substr(0, 12)).substr(0, 12),
      base64(kSecret.substr(1, 12)).substr(1, 12),
      base64(kSecret.substr(2, 12)).substr(2, 12),
      "0123456789abcdef0123456789abcdef",
      base64("0123456789abcdef0123456789abcdef").substr(4, 16),
  };
  for (const std::string& secret : secrets) {
    EXPECT_FALSE(r.says(secret)) << what << ": " << secret;
    EXPECT_EQ(r.metrics().find(secret), std::string::npos) << what << ": " << secret;
  }
}

TEST(Auth, EachMechanismIsOneLoginEvent) {
  for (const Exchange& e : exchanges()) {
    const Reading r = e.dialogue.read();
    EXPECT_EQ(r.of_type("login").size(), 1u) << e.name;
    EXPECT_EQ(r.get("login", "/login/mechanism"), e.mechanism) << e.name;
    EXPECT_EQ(r.get("login", "/login/user"), e.user) << e.name;
    EXPECT_EQ(r.get("login", "/login/success"), "true") << e.name;
    EXPECT_EQ(r.get("login", "/login/exposed"), e.exposed ? "true" : "false") << e.name;
    const bool offered = r.get("login", "/login/tls_offered") == "true";
    EXPECT_EQ(r.anomalies(), offered ? kDespiteTls : "") << e.name;
    EXPECT_EQ(r.count(Count::smtp_unknown) + r.count(Count::pop3_unknown), 0u) << e.name;
  }
}

TEST(Auth, NoSecretIsShownUnlessTheOperatorSaysReveal) {
  for (Exchange& e : exchanges()) {
    expect_no_secret(e.dialogue.read(), e.name + ", redact");
    const Reading hashed = e.dialogue.policy(CredentialPolicy::hash).read();
    expect_no_secret(hashed, e.name + ", hash");
    const Reading open = e.dialogue.policy(CredentialPolicy::reveal).read();
    if (e.exposed) {
      EXPECT_NE(hashed.get("login", "/login/secret_hash"), "") << e.name;
      const std::string secret = open.get("login", "/login/secret");
      EXPECT_NE(secret.find(kSecret), std::string::npos) << e.name;
    }
  }
}

TEST(Auth, NtlmNamesDomainAndWorkstation) {
  const auto log_in = [](const std::string& message) {
    return smtp()
        .c("AUTH NTLM " + base64(std::string("NTLMSSP\0\1\0\0\0", 12)) + "\r\n")
        .s("334 " + base64("challenge") + "\r\n")
        .c(base64(message) + "\r\n")
        .s("535 5.7.8 no\r\n")
        .read();
  };
  const std::string whole = ntlm_authenticate(u"CORP", u"bob", u"PC7");
  const Reading r = log_in(whole);
  EXPECT_EQ(r.get("login", "/login/domain"), "CORP");
  EXPECT_EQ(r.get("login", "/login/workstation"), "PC7");
  EXPECT_NE(r.transcript().find("as \"bob\" of domain \"CORP\" at \"PC7\""), std::string::npos);
  // Whatever its lengths and offsets claim, nothing outside the message is read.
  for (std::size_t cut = 0; cut < whole.size(); ++cut) {
    EXPECT_EQ(log_in(whole.substr(0, cut)).get("login", "/login/success"), "false");
  }
  for (std::size_t at = 12; at < 64; ++at) {
    std::string lie = whole;
    lie[at] = '\xff';
    EXPECT_EQ(log_in(lie).get("login", "/login/mechanism"), "NTLM");
  }
  EXPECT_EQ(log_in("no such thing").anomalies(), "login_without_offered_tls auth_malformed");
  EXPECT_EQ(log_in(ntlm_authenticate(u"", u"a\xd800z", u"")).get("login", "/login/user"),
            "a\xef\xbf\xbdz");
}

// RFC 2831 section 7.1: directives in any order, blanks around them, texts in quotes.
TEST(Auth, DirectivesOfDigestMd5AreReadAsTheirGrammarSays) {
  const auto log_in = [](const std::string& message) {
    const Reading r = smtp()
                          .c("AUTH DIGEST-MD5\r\n")
                          .s("334 " + base64("realm=\"x\",nonce=\"y\"") + "\r\n")
                          .c(base64(message) + "\r\n")
                          .s("535 5.7.8 no\r\n")
                          .read();
    EXPECT_EQ(r.of_type("login").size(), 1u) << message;
    return r.get("login", "/login/user") + "|" + r.get("login", "/login/authzid") +
           (r.anomalies() == kDespiteTls ? "" : "|malformed");
  };
  EXPECT_EQ(log_in(R"(username="bob",authzid="eve",response=0)"), "bob|eve");
  EXPECT_EQ(log_in("realm=\"x\", \t USERNAME = \"bob\" ,\r\n authzid=eve"), "bob|eve");
  EXPECT_EQ(log_in(R"(realm="x,username=eve,",username="a,\"b\\")"), "a,\"b\\|");
  EXPECT_EQ(log_in(R"(xusername="eve",username=bob,username="eve")"), "bob|");
  EXPECT_EQ(log_in(R"(username="")"), "|");
  EXPECT_EQ(log_in(R"(realm="username=eve)"), "||malformed");
  EXPECT_EQ(log_in(R"(username="bob\)"), "||malformed");  // cut short
  EXPECT_EQ(log_in(R"(username)"), "||malformed");
  EXPECT_EQ(log_in(R"(,,=,"",username=)"), "|");
}

TEST(Auth, EachMechanismOutcomeAndExposureIsCounted) {
  const Reading r = smtp().c("AUTH PLAIN " + plain() + "\r\n").s("535 5.7.8 no\r\n").read();
  EXPECT_EQ(r.count(Count::exposed_plain_failure), 1u);
  EXPECT_EQ(r.count(Count::login_plain_failure), 0u);
  const Reading apop =
      pop3().c("APOP bob 0123456789abcdef0123456789abcdef\r\n").s("+OK\r\n").read();
  EXPECT_EQ(apop.count(Count::login_apop_success), 1u);
}

TEST(Auth, ResponsesWithoutTheMechanismsFieldsAreMalformed) {
  for (const char* attempt :
       {"DIGEST-MD5 realm=x", "SCRAM-SHA-1 n,,r=nonce", "SCRAM-SHA-1 nonsense", "XOAUTH2 user=bob",
        "CRAM-MD5 bob", "NTLM hello", "PLAIN bob"}) {
    const std::string_view text(attempt);
    const std::size_t space = text.find(' ');
    const Reading r = smtp()
                          .c("AUTH " + std::string(text.substr(0, space)) + " " +
                             base64(text.substr(space + 1)) + "\r\n")
                          .s("501 5.5.2 no\r\n")
                          .read();
    EXPECT_EQ(r.anomalies(), "login_without_offered_tls auth_malformed") << attempt;
  }
  const Reading cancelled =
      pop3().c("AUTH PLAIN\r\n").s("+ \r\n").c("*\r\n").s("-ERR cancelled\r\n").read();
  EXPECT_EQ(cancelled.get("login", "/login/success"), "false");
  EXPECT_EQ(cancelled.get("login", "/login/exposed"), "false");
}

TEST(Auth, EqualSecretsHaveEqualHashes) {
  const auto hash = [](Dialogue d) {
    return d.policy(CredentialPolicy::hash).read().get("login", "/login/secret_hash");
  };
  const auto smtp_of = [&](std::string_view user, std::string_view secret) {
    return hash(smtp().c("AUTH PLAIN " + plain(user, secret) + "\r\n").s("535 5.7.8 no\r\n"));
  };
  const std::string one = smtp_of("bob", "same");
  EXPECT_EQ(one.size(), 32u);
  EXPECT_EQ(one, smtp_of("eve", "same"));
  EXPECT_NE(one, smtp_of("bob", "other"));
  EXPECT_EQ(one, hash(pop3().c("USER eve\r\n").s("+OK\r\n").c("PASS same\r\n").s("-ERR no\r\n")));
}

TEST(Auth, RefusedCancelledAndMalformedAttemptsAreOneEventEach) {
  const Reading refused =
      smtp().c("AUTH PLAIN " + plain() + "\r\n").s("535 5.7.8 Bad credentials\r\n").read();
  EXPECT_EQ(refused.get("login", "/login/success"), "false");
  EXPECT_EQ(refused.get("login", "/login/code"), "535");
  EXPECT_EQ(refused.count(Count::logins_smtp_failure), 1u);

  const Reading cancelled = smtp()
                                .c("AUTH LOGIN\r\n")
                                .s("334 VXNlcm5hbWU6\r\n")
                                .c("*\r\n")
                                .s("501 5.7.0 cancelled\r\n")
                                .c("QUIT\r\n")
                                .s("221 bye\r\n")
                                .read();
  EXPECT_EQ(cancelled.get("login", "/login/success"), "false");
  EXPECT_EQ(cancelled.count(Count::smtp_QUIT), 1u);
  EXPECT_EQ(cancelled.anomalies(), kDespiteTls);

  for (const char* line : {"!!!!", "AAA", "A===", "YWJjZA=a"}) {
    const Reading malformed = smtp()
                                  .c("AUTH PLAIN " + std::string(line) + "\r\n")
                                  .s("501 5.5.2 cannot decode " + std::string(line) + "\r\n")
                                  .read();
    EXPECT_EQ(malformed.anomalies(), kDespiteTls + " auth_malformed") << line;
    EXPECT_FALSE(malformed.says(line)) << line;
    EXPECT_EQ(malformed.get("login", "/login/success"), "false") << line;
  }
  const Reading lacking =
      smtp().c("AUTH PLAIN " + base64("no nul") + "\r\n").s("501 5.5.2 no\r\n").read();
  EXPECT_EQ(lacking.anomalies(), kDespiteTls + " auth_malformed");
}

TEST(Auth, WhatFollowsARefusedAuthMayBeTheSecret) {
  for (const auto policy : {CredentialPolicy::redact, CredentialPolicy::hash}) {
    expect_no_secret(smtp()
                         .policy(policy)
                         .c("AUTH LOGIN\r\n")
                         .s("504 5.5.4 no such mechanism\r\n")
                         .c(base64("bob") + "\r\n")
                         .s("500 5.5.1 unknown command " + base64("bob") + "\r\n")
                         .c(base64(kSecret) + "\r\n")
                         .s("500 5.5.1 unknown command \"" + base64(kSecret) + "\"\r\n")
                         .read(),
                     "SMTP");
    expect_no_secret(smtp()
                         .policy(policy)
                         .c(" AUTH PLAIN " + plain() + "\r\n")
                         .s("500 5.5.1 unknown command AUTH PLAIN " + plain() + "\r\n")
                         .read(),
                     "SMTP, a blank in front");
    expect_no_secret(pop3()
                         .policy(policy)
                         .c("USER bob\r\n")
                         .s("+OK\r\n")
                         .c("PASSS " + std::string(kSecret) + "\r\n")
                         .s("-ERR unknown command PASSS " + std::string(kSecret) + "\r\n")
                         .c(std::string(kSecret) + "\r\n")
                         .s("-ERR unknown command " + std::string(kSecret) + "\r\n")
                         .read(),
                     "POP3");
    expect_no_secret(pop3()
                         .policy(policy)
                         .c("LOGIN bob " + std::string(kSecret) + "\r\n")
                         .s("-ERR what is LOGIN bob " + std::string(kSecret) + "\r\n")
                         .c(" PASS " + std::string(kSecret) + "\r\n")
                         .s("-ERR what\r\n")
                         .read(),
                     "POP3, another protocol's login");
    expect_no_secret(pop3()
                         .policy(policy)
                         .c("AUTH\r\n")
                         .s("+OK\r\nPLAIN\r\n.\r\n")
                         .c("USER bob\r\n")
                         .s("+OK\r\n")
                         .c("PASSS " + std::string(kSecret) + "\r\n")
                         .s("-ERR unknown command PASSS " + std::string(kSecret) + "\r\n")
                         .read(),
                     "POP3, the mechanisms asked for first");
  }
}

// Some name a user in several words; some send all they have in one command.
TEST(Auth, WhatStandsBehindTheUsersFirstWordMayBeTheSecret) {
  const std::string secret(kSecret);
  for (const auto policy : {CredentialPolicy::redact, CredentialPolicy::hash}) {
    for (const std::string& more : {secret, "PASS " + secret, "x y " + secret}) {
      const Reading r = pop3()
                            .policy(policy)
                            .c("USER bob " + more + "\r\n")
                            .s("-ERR USER bob " + more + "?\r\n")
                            .c("QUIT\r\n")
                            .s("+OK\r\n")
                            .read();
      expect_no_secret(r, more);
      EXPECT_EQ(r.get("login", "/login/user"), "bob ***");
    }
  }
  const Reading open = pop3()
                           .policy(CredentialPolicy::reveal)
                           .c("USER Bob Smith\r\n")
                           .s("+OK\r\n")
                           .c("PASS x\r\n")
                           .s("-ERR\r\n")
                           .read();
  EXPECT_EQ(open.get("login", "/login/user"), "Bob Smith");
}

// A client whose lines end in CR alone, or that forgot to end them.
TEST(Auth, ALoginInTheArgumentOfAnotherCommandIsNotShown) {
  for (const auto policy : {CredentialPolicy::redact, CredentialPolicy::hash}) {
    for (const char* const line : {"NOOP PASS ", "CAPA\rPASS ", "QUIT USER bob PASS ", "STLS "}) {
      const std::string sent = line + std::string(kSecret) + "\r\n";
      expect_no_secret(pop3().policy(policy).c(sent).s("-ERR what\r\n").read(), sent);
    }
    for (const char* const line :
         {"EHLO x\rAUTH PLAIN ", "NOOP auth plain ", "RSET PASS ",
          "MAIL FROM:<a@example.org>\rAUTH PLAIN ", "HELP\tAUTH\tPLAIN "}) {
      const std::string sent = line + plain() + "\r\n";
      expect_no_secret(smtp().policy(policy).c(sent).s("501 what\r\n").read(), sent);
    }
  }
  const Reading named = smtp().c("EHLO mail.auth.example\r\n").s("250 hello\r\n").read();
  EXPECT_TRUE(named.says("mail.auth.example"));
}

// An AUTHENTICATE message ([MS-NLMP] 2.2.1.3) whose user's field is that of the NT response.
std::string ntlm_that_points_at_its_answer(const std::string& answer) {
  std::string message("NTLMSSP\0\x03\0\0\0", 12);
  message.resize(64);
  for (const std::size_t at : {20u, 36u}) {
    message[at] = message[at + 2] = static_cast<char>(answer.size());
    message[at + 4] = 64;
  }
  return message + answer;
}

// Found by a hunt: what clients, bots and servers do, and what became of the secret's place.
TEST(Auth, WhereASecretIsNotExpected) {
  const std::string word = "hunter", coded = base64(word), blob = plain("bob", word);
  const std::string proof = base64("v=" + std::string(kSecret));
  std::vector<std::pair<std::string, Dialogue>> all;
  const auto smtp_lines = [&](const std::string& name, std::vector<std::string> lines) {
    Dialogue d = smtp();
    for (const std::string& line : lines) d.c(line + "\r\n").s("500 5.5.1 what\r\n");
    all.emplace_back("SMTP " + name, d);
  };
  const auto pop3_lines = [&](const std::string& name, std::vector<std::string> lines) {
    Dialogue d = pop3();
    for (const std::string& line : lines) d.c(line + "\r\n").s("-ERR what\r\n");
    all.emplace_back("POP3 " + name, d);
  };
  smtp_lines("a script in one line",
             {R"(EHLO x\r\nAUTH LOGIN\r\nYm9i\r\n)" + coded + R"(\r\nQUIT)"});
  smtp_lines("behind MAIL", {R"(MAIL FROM:<a@b.example>\r\nAUTH PLAIN )" + blob});
  smtp_lines("a blank in front", {" AUTH LOGIN", "Ym9i", coded});
  smtp_lines("EHLO, CR and AUTH", {"EHLO x\rAUTH LOGIN", "Ym9i", coded});
  smtp_lines("IMAP", {"a1 LOGIN {3+}", "bob {6+}", word});
  smtp_lines("Exchange", {"X-EXPS LOGIN", "Ym9i", coded});
  smtp_lines("two words", {"USER bob " + word, "LOGON bob " + word});
  smtp_lines("PLAIN as LOGIN", {"AUTH LOGIN " + blob});
  smtp_lines("name and secret as LOGIN", {"AUTH LOGIN " + base64("bob:" + word)});
  smtp_lines("PLAIN, the secret second",
             {"AUTH PLAIN " + base64(std::string("bob\0hunter\0", 11))});
  smtp_lines("PLAIN in four", {"AUTH PLAIN " + base64(std::string("bob\0hunter\0bob\0x", 16))});
  pop3_lines("a blank in front", {" AUTH LOGIN", "Ym9i", coded});
  pop3_lines("IMAP", {"a1 LOGIN {3+}", "bob {6+}", word});
  all.emplace_back("no digest in CRAM-MD5", smtp()
                                                .c("AUTH CRAM-MD5\r\n")
                                                .s("334 PDE+\r\n")
                                                .c(base64("bob " + word + " ") + "\r\n")
                                                .s("535 no\r\n"));
  all.emplace_back("another language", smtp()
                                           .c("AUTH LOGIN\r\n")
                                           .s("334 " + base64("Benutzer:") + "\r\n")
                                           .c(base64("bob") + "\r\n")
                                           .s("334 " + base64("Kennwort fuer Login:") + "\r\n")
                                           .c(coded + "\r\n")
                                           .s("535 no\r\n"));
  all.emplace_back("a 334 of nothing",
                   smtp().c("NOOP\r\n").s("334 \r\n").c(coded + "\r\n").s("500 what\r\n"));
  all.emplace_back("logged in", pop3()
                                    .c("USER bob\r\n")
                                    .s("+OK\r\n")
                                    .c("PASS x\r\n")
                                    .s("+OK\r\n")
                                    .c("LOGIN bob " + word + "\r\n")
                                    .s("-ERR what\r\n")
                                    .c("NEWPASS " + word + "\r\n")
                                    .s("-ERR what\r\n"));
  const std::string digest = "0123456789abcdef0123456789abcdef";
  all.emplace_back("DIGEST-MD5 with an open quote",
                   smtp()
                       .c("AUTH DIGEST-MD5\r\n")
                       .s("334 " + base64("nonce=\"x\"") + "\r\n")
                       .c(base64("username=\"bob,response=" + digest) + "\r\n")
                       .s("535 no\r\n"));
  all.emplace_back("NTLM, the name in the answer",
                   smtp()
                       .c("AUTH NTLM\r\n")
                       .s("334 \r\n")
                       .c(base64(ntlm_that_points_at_its_answer(word)) + "\r\n")
                       .s("535 no\r\n"));
  pop3_lines("APOP the wrong way round", {"APOP " + digest + " bob"});
  smtp_lines("a number as mechanism", {"AUTH 12345678"});
  all.emplace_back("a NUL behind USER",
                   pop3().c(std::string("USER bob\0hunter\r\n", 17)).s("-ERR\r\n"));
  for (auto& [name, dialogue] : all) {
    for (const auto policy : {CredentialPolicy::redact, CredentialPolicy::hash}) {
      const Reading r = dialogue.policy(policy).read();
      for (const std::string& secret : {word, coded, blob, digest, std::string("12345678")}) {
        EXPECT_FALSE(r.says(secret)) << name << ": " << secret;
      }
    }
  }
  // The server's proof with its success, and a repetition of what was not captured.
  Dialogue scram = smtp()
                       .c("AUTH SCRAM-SHA-1 " + base64("n,,n=bob,r=x") + "\r\n")
                       .s("334 " + base64("r=xy,s=salt,i=1") + "\r\n")
                       .c(base64("c=biws,r=xy,p=y") + "\r\n")
                       .s("235 2.7.0 " + proof + "\r\n");
  EXPECT_FALSE(scram.read().says(proof));
  Dialogue unseen =
      smtp().c("X\r\n").s("500 5.5.1 Command unrecognized: \"" + base64(kSecret) + "\"\r\n");
  expect_no_secret(unseen.only(Direction::to_client).read(), "server only");
}

// A script that types without looking at the answers, or at the port.
TEST(Auth, ALineThatIsNoCommandMayBeTheSecret) {
  for (const auto policy : {CredentialPolicy::redact, CredentialPolicy::hash}) {
    for (const std::string& line :
         {std::string(kSecret), base64(kSecret), "PWD " + std::string(kSecret),
          "Authorization: Basic " + base64("bob:" + std::string(kSecret))}) {
      const std::string sent = line + "\r\n";
      expect_no_secret(smtp().policy(policy).c(sent).s("500 what " + sent).read(), "SMTP " + line);
      expect_no_secret(pop3().policy(policy).c(sent).s("-ERR what " + sent).read(), "POP3 " + line);
    }
    expect_no_secret(pop3()
                         .policy(policy)
                         .c("USER bob\r\n")
                         .s("+OK\r\n")
                         .c("PASS x\r\n")
                         .s("+OK\r\n")
                         .c("PASSS " + std::string(kSecret) + "\r\n")
                         .s("-ERR what\r\n")
                         .c("STAT PASS " + std::string(kSecret) + "\r\n")
                         .s("-ERR what\r\n")
                         .read(),
                     "logged in");
    expect_no_secret(
        pop3().policy(policy).c("APOP " + std::string(kSecret) + "\r\n").s("-ERR\r\n").read(),
        "APOP with one of two");
    expect_no_secret(
        smtp().policy(policy).c("AUTH EXTERNAL " + plain() + "\r\n").s("535 no\r\n").read(),
        "EXTERNAL with PLAIN's message");
  }
  for (const char* word :
       {"GET", "XYZZY", "Subject:", "X-FOO", "Hello,", "\x16\x03\x01", "..", "250"}) {
    const std::string sent = std::string(word) + " x\r\n";
    EXPECT_EQ(smtp().c(sent).s("500 what\r\n").read().transcript().find("***"), std::string::npos)
        << word;
  }
}

TEST(Auth, TheUserOfLoginIsShownOnceAndOnlyAsItsFirstResponse) {
  Dialogue d = smtp().c("AUTH LOGIN\r\n");
  for (int i = 0; i < 300; ++i) {
    d.s("334 more\r\n").c(base64(i == 0 ? "bob" : kSecret) + "\r\n");
  }
  expect_no_secret(d.s("535 5.7.8 enough\r\n").read_cut(1448), "300 responses");
}

TEST(Auth, AnAttemptOvertakenByTheNextIsReported) {
  const Reading r = pop3()
                        .c("USER a\r\nPASS one\r\nUSER b\r\nPASS two\r\n")
                        .s("+OK\r\n-ERR no\r\n+OK\r\n+OK welcome\r\n")
                        .read();
  EXPECT_EQ(r.all("login", "/login/user"), "a b");
  EXPECT_EQ(r.get("login", "/login/success", 0), "");
  EXPECT_EQ(r.get("login", "/login/success", 1), "true");
}

TEST(Auth, ATokenLongerThanALineIsKeptStillNamesItsUser) {
  const std::string token(3000, 't');
  const Reading r = smtp()
                        .c("AUTH XOAUTH2 " +
                           base64("user=bob\x01"
                                  "auth=Bearer " +
                                  token + "\x01\x01") +
                           "\r\n")
                        .s("235 2.7.0 welcome\r\n")
                        .read();
  EXPECT_EQ(r.get("login", "/login/user"), "bob");
  EXPECT_EQ(r.get("login", "/login/success"), "true");
  EXPECT_EQ(r.anomalies(), kDespiteTls);
  EXPECT_FALSE(r.says("tttttttt"));
}

TEST(Auth, ALostAuthCommandStillHidesTheSecret) {
  const Reading r = smtp()
                        .lost_c("AUTH LOGIN\r\n")
                        .s("334 VXNlcm5hbWU6\r\n")
                        .c(base64("bob") + "\r\n")
                        .s("334 UGFzc3dvcmQ6\r\n")
                        .c(base64(kSecret) + "\r\n")
                        .s("235 2.7.0 welcome\r\n")
                        .c("MAIL FROM:<bob@example.com>\r\n")
                        .s("250 2.1.0 Ok\r\n")
                        .read();
  expect_no_secret(r, "gap");
  EXPECT_EQ(r.get("login", "/login/success"), "true");
  EXPECT_EQ(r.count(Count::smtp_MAIL), 1u);
}

TEST(Auth, ALostUserLineDoesNotMakeAUserOfThePassword) {
  const Reading r = smtp()
                        .c("AUTH LOGIN\r\n")
                        .s("334 VXNlcm5hbWU6\r\n")
                        .lost_c(base64("bob") + "\r\n")
                        .s("334 UGFzc3dvcmQ6\r\n")
                        .c(base64(kSecret) + "\r\n")
                        .s("235 2.7.0 welcome\r\n")
                        .read();
  expect_no_secret(r, "gap");
  EXPECT_EQ(r.get("login", "/login/exposed"), "true");
}

TEST(Auth, ACaptureThatBeginsInsideAnExchangeHidesTheSecretToo) {
  Dialogue smtp_rest = Dialogue(587)
                           .midstream()
                           .c(base64(kSecret) + "\r\nMAIL FROM:<bob@example.com>\r\n")
                           .s("235 2.7.0 welcome\r\n250 2.1.0 Ok\r\n");
  const Reading r = smtp_rest.read_cut(1448);
  expect_no_secret(r, "SMTP");
  EXPECT_EQ(r.count(Count::smtp_MAIL), 1u);
  Dialogue pop3_rest = Dialogue(110)
                           .midstream()
                           .c(std::string(kSecret) + "\r\n" + base64(kSecret) + "\r\nSTAT\r\n")
                           .s("+OK\r\n+OK 1 2\r\n");
  expect_no_secret(pop3_rest.read_cut(1448), "POP3");
}

TEST(Auth, AOneSidedCaptureHidesTheSecretToo) {
  for (Exchange& e : exchanges()) {
    expect_no_secret(e.dialogue.only(Direction::to_server).read(), e.name + ", client only");
    expect_no_secret(e.dialogue.only(Direction::to_client).read(), e.name + ", server only");
  }
}

TEST(Base64, DecodesWhatRfc4648SaysAndNothingElse) {
  const auto decode = [](std::string_view text) -> std::string {
    std::uint8_t out[64];
    const auto octets = mail::decode_base64(as_bytes(text), out);
    return octets ? std::string(as_text(Bytes(*octets))) : "refused";
  };
  EXPECT_EQ(decode(""), "");
  EXPECT_EQ(decode("Zg=="), "f");
  EXPECT_EQ(decode("Zm8="), "fo");
  EXPECT_EQ(decode("Zm9v"), "foo");
  EXPECT_EQ(decode("Zm9vYmFy"), "foobar");
  for (const char* bad : {"Z", "Zg", "Zg=", "Z===", "=Zg=", "Zg==Zg==", "Zm 9", "Zm9v\n", "Zm-_"}) {
    EXPECT_EQ(decode(bad), "refused") << bad;
  }
  EXPECT_EQ(decode(std::string(88, 'A')), "refused");  // more than the buffer holds
}

}  // namespace
}  // namespace mailglass::test
