// SPDX-License-Identifier: BSD-3-Clause
// Servers that repeat a secret in their replies.
#include "mail/secret_trace.h"
#include "tests/unit/mail_dialogue.h"

namespace mailglass::test {
namespace {

using mail::CredentialPolicy;
using mail::SecretTrace;

constexpr const char* kSecret = "hunter2-S3cr3t";
constexpr const char* kSecretBase64 = "aHVudGVyMi1TM2NyM3Q=";
constexpr const char* kPlain = "AGJvYgBodW50ZXIyLVMzY3IzdA==";  // NUL bob NUL hunter2-S3cr3t
constexpr const char* kDigest = "0123456789abcdef0123456789abcdef";

Dialogue smtp() {
  return Dialogue(587).s("220 mx ESMTP\r\n").c("EHLO x\r\n").s("250-mx\r\n250 AUTH PLAIN\r\n");
}
Dialogue pop3() { return Dialogue(110).s("+OK POP3 ready\r\n"); }

struct Echo {
  const char* what;
  Dialogue dialogue;
};

Dialogue pass(const std::string& secret, const std::string& reply) {
  return pop3().c("USER bob\r\n").s("+OK\r\n").c("PASS " + secret + "\r\n").s(reply + "\r\n");
}

std::vector<Echo> echoes() {
  const std::string secret = kSecret;
  return {
      {"the line", pass(secret, "-ERR unknown: PASS " + secret)},
      {"in quotes", pass(secret, "-ERR [AUTH] \"" + secret + "\"?")},
      {"cut short", pass(secret, "-ERR no such word: PASS hunter2-S3c...")},
      {"in the other case", pass(secret, "-ERR PASS HUNTER2-S3CR3T")},
      {"a word of two", pass("my " + secret, "-ERR too many words: '" + secret + "'")},
      {"accepted", pass(secret, "+OK bob with " + secret + " has 3 messages")},
      {"later", pass(secret, "-ERR no").c("QUIT\r\n").s("-ERR what is " + secret + "\r\n")},
      {"without a known user",
       pop3().c("PASS " + secret + "\r\n").s("-ERR PASS " + secret + "\r\n")},
      {"APOP", pop3()
                   .c("APOP bob " + std::string(kDigest) + "\r\n")
                   .s("-ERR bad: APOP bob " + std::string(kDigest) + "\r\n")},
      {"POP3 AUTH", pop3()
                        .c("AUTH PLAIN " + std::string(kPlain) + "\r\n")
                        .s("-ERR cannot use " + std::string(kPlain) + "\r\n")},
      {"POP3 AUTH, decoded", pop3()
                                 .c("AUTH PLAIN\r\n")
                                 .s("+ \r\n")
                                 .c(std::string(kPlain) + "\r\n")
                                 .s("-ERR bob may not use " + secret + "\r\n")},
      {"no blank behind the keyword", pop3()
                                          .c("USER bob\r\n")
                                          .s("+OK\r\n")
                                          .c("PASS:" + secret + "\r\n")
                                          .s("-ERR PASS:" + secret + "\r\n")},
      {"nothing behind the keyword",
       pop3().c("PASS" + secret + "\r\n").s("-ERR unknown command PASS" + secret + "\r\n")},
      {"no blank behind AUTH", pop3()
                                   .c("AUTH:PLAIN " + std::string(kPlain) + "\r\n")
                                   .s("-ERR cannot use " + std::string(kPlain) + "\r\n")},
      {"no mechanism", smtp()
                           .c("AUTH " + std::string(kPlain) + "\r\n")
                           .s("504 5.5.4 no such mechanism: " + std::string(kPlain) + "\r\n")},
      {"no mechanism, a word", smtp().c("AUTH " + secret + "\r\n").s("504 5.5.4 what\r\n")},
      {"POP3, no mechanism", pop3()
                                 .c("AUTH " + std::string(kPlain) + "\r\n")
                                 .s("-ERR no such mechanism: " + std::string(kPlain) + "\r\n")},
      {"the mechanism's blank left out",
       smtp()
           .c("AUTH PLAIN" + std::string(kPlain) + "\r\n")
           .s("504 5.5.4 no such mechanism: PLAIN" + std::string(kPlain) + "\r\n")},
      {"535", smtp()
                  .c("AUTH PLAIN " + std::string(kPlain) + "\r\n")
                  .s("535 5.7.8 authentication failed: " + std::string(kPlain) + "\r\n")},
      {"454, decoded", smtp()
                           .c("AUTH PLAIN " + std::string(kPlain) + "\r\n")
                           .s("454-4.7.0 try later,\r\n454 4.7.0 bob/" + secret + "\r\n")},
      {"235", smtp()
                  .c("AUTH LOGIN\r\n")
                  .s("334 VXNlcm5hbWU6\r\n")
                  .c("Ym9i\r\n")
                  .s("334 UGFzc3dvcmQ6\r\n")
                  .c(std::string(kSecretBase64) + "\r\n")
                  .s("235 2.7.0 hello bob, " + std::string(kSecretBase64) + "\r\n")},
      {"after a refusal", smtp()
                              .c("AUTH PLAIN " + std::string(kPlain) + "\r\n")
                              .s("535 5.7.8 no\r\n")
                              .c("QUIT\r\n")
                              .s("221 2.0.0 not again with " + secret + "\r\n")},
  };
}

bool tells(const Reading& r) {
  for (const std::string text : {kSecret, kSecretBase64, kPlain, kDigest, "HUNTER2", "hunter2"}) {
    if (r.says(text) || r.metrics().find(text) != std::string::npos) return true;
  }
  return false;
}

TEST(Echo, NoReplyShowsASecretThatItRepeats) {
  for (Echo& echo : echoes()) {
    EXPECT_FALSE(tells(echo.dialogue.read())) << echo.what;
    EXPECT_FALSE(tells(echo.dialogue.policy(CredentialPolicy::hash).read())) << echo.what;
    EXPECT_TRUE(tells(echo.dialogue.policy(CredentialPolicy::reveal).read())) << echo.what;
  }
}

TEST(Echo, NorToAClientThatWasNotCaptured) {
  for (Echo& echo : echoes()) {
    const std::string_view what = echo.what;
    if (what != "the line" && what != "cut short" && what != "without a known user") continue;
    EXPECT_FALSE(tells(echo.dialogue.only(Direction::to_client).read())) << echo.what;
  }
}

// What hides too much hides why a login failed.
TEST(Echo, OtherRepliesToALoginAreShown) {
  const Reading r = pass(kSecret, "-ERR [AUTH] Authentication failed.").read();
  EXPECT_TRUE(r.says("Authentication failed."));
  const Reading refused = smtp()
                              .c("AUTH PLAIN " + std::string(kPlain) + "\r\n")
                              .s("535 5.7.8 authentication failed for bob\r\n")
                              .read();
  EXPECT_TRUE(refused.says("authentication failed for bob"));
  const Reading after = pass(kSecret, "+OK hello").c("STAT\r\n").s("+OK 3 17395\r\n").read();
  EXPECT_TRUE(after.says("17395"));
}

TEST(SecretTrace, ShortSecretsMustStandAlone) {
  const mail::Credentials credentials;
  SecretTrace trace;
  trace.add(credentials, "a");
  EXPECT_TRUE(trace.found_in(credentials, "PASS a"));
  EXPECT_TRUE(trace.found_in(credentials, "PASS \"A\" is wrong"));
  EXPECT_FALSE(trace.found_in(credentials, "authentication failed"));
  trace.forget();
  EXPECT_FALSE(trace.found_in(credentials, "PASS a"));
}

TEST(SecretTrace, KnowsEachOfTheLastEightTexts) {
  const mail::Credentials credentials;
  SecretTrace trace;
  for (int i = 0; i < 9; ++i) trace.add(credentials, "secret-" + std::to_string(i));
  EXPECT_FALSE(trace.found_in(credentials, "it was secret-0"));
  for (int i = 1; i < 9; ++i) {
    EXPECT_TRUE(trace.found_in(credentials, "it was secret-" + std::to_string(i))) << i;
  }
}

}  // namespace
}  // namespace mailglass::test
