// SPDX-License-Identifier: BSD-3-Clause
// SMTP smuggling: every way to write a lone dot, wherever it stands, by DATA and by BDAT. The
// standard knows one end of data (RFC 5321 section 4.1.1.4); each other one is named, and what
// follows it stays what the standard says it is.
#include "mail/dots.h"
#include "tests/unit/mail_dialogue.h"

namespace mailglass::test {
namespace {

struct Octets {
  std::string_view octets, name;
};
constexpr Octets kEnds[] = {{"\n", "<LF>"}, {"\r", "<CR>"}, {"\r\n", "<CR><LF>"}};
const Octets kDots[] = {
    {".", "."}, {std::string_view("\0.", 2), "<NUL>."}, {std::string_view(".\0", 2), ".<NUL>"}};
constexpr std::string_view kPlaces[] = {
    "",                          // the message's first octets
    "Subject: outer",            // in its header
    "Subject: outer\r\n\r\nhi",  // in its body
    "Subject: outer\r\n\r\n..stuffed\r\nand a line that is longer than two blocks of sixteen",
};
constexpr std::string_view kSmuggled =
    "MAIL FROM:<evil@example.com>\r\nRCPT TO:<victim@example.org>\r\nDATA\r\n"
    "Subject: forged\r\n\r\nboo\r\n";

std::string anomaly_of(const Octets& before, const Octets& dot, const Octets& behind) {
  if (dot.octets != ".") return "smtp_nul_end_of_data";
  if (before.octets == "\r" || behind.octets == "\r") return "smtp_bare_cr_end_of_data";
  const bool true_end = before.octets == "\r\n" && behind.octets == "\r\n";
  return true_end ? "" : "smtp_bare_lf_end_of_data";
}

Dialogue open_transaction() {
  return Dialogue()
      .s("220 mail.example.org ESMTP\r\n")
      .c("EHLO x.example.com\r\n")
      .s("250-mail.example.org\r\n250-PIPELINING\r\n250 CHUNKING\r\n")
      .c("MAIL FROM:<a@example.com>\r\n")
      .s("250 ok\r\n")
      .c("RCPT TO:<b@example.org>\r\n")
      .s("250 ok\r\n");
}

template <typename Try>
void every_dot(Try&& attempt) {
  for (const std::string_view place : kPlaces) {
    for (const Octets& before : kEnds) {
      for (const Octets& dot : kDots) {
        for (const Octets& behind : kEnds) attempt(place, before, dot, behind);
      }
    }
  }
}

std::string join(std::initializer_list<std::string_view> parts) {
  std::string text;
  for (const std::string_view part : parts) text.append(part);
  return text;
}

TEST(Smuggling, ByDataOnlyTheTrueEndEndsTheMessage) {
  every_dot(
      [](std::string_view place, const Octets& before, const Octets& dot, const Octets& behind) {
        const std::string name = join({place, before.name, dot.name, behind.name});
        const std::string anomaly = anomaly_of(before, dot, behind);
        Dialogue d = open_transaction().c("DATA\r\n").s("354 go\r\n");
        d.c(join({place, before.octets, dot.octets, behind.octets, kSmuggled, ".\r\n"}));
        d.s("250 2.0.0 queued\r\n");
        if (anomaly.empty()) d.s("250 ok\r\n250 ok\r\n354 go\r\n250 2.0.0 queued\r\n");
        const Reading r = d.c("QUIT\r\n").s("221 bye\r\n").read();
        EXPECT_EQ(r.count(Count::smtp_QUIT), 1u) << name;
        if (anomaly.empty()) {  // two messages, and no trick
          EXPECT_EQ(r.count(Count::smtp_MAIL), 2u) << name;
          EXPECT_EQ(r.of_type("smtp").size(), 2u) << name;
          EXPECT_EQ(r.anomalies().find("end_of_data"), std::string::npos) << name;
          return;
        }
        EXPECT_EQ(r.anomalies(), anomaly) << name;
        const std::string spelled = join({before.name, dot.name, behind.name}) + ";";
        EXPECT_NE(r.get("anomaly", "/anomaly/detail").find(spelled), std::string::npos)
            << name << ": " << r.get("anomaly", "/anomaly/detail");
        EXPECT_EQ(r.count(Count::smtp_MAIL), 1u) << name;
        EXPECT_EQ(r.of_type("smtp").size(), 1u) << name;
        EXPECT_EQ(r.get("smtp", "/smtp/outcome"), "accepted") << name;
      });
}

// A chunk's size says where it ends; its octets are nobody's line ends.
TEST(Smuggling, ByBdatNoDotEndsAnything) {
  every_dot(
      [](std::string_view place, const Octets& before, const Octets& dot, const Octets& behind) {
        const std::string content =
            join({place, before.octets, dot.octets, behind.octets, kSmuggled, ".\r\n"});
        Dialogue d = open_transaction().c("BDAT " + std::to_string(content.size()) + " LAST\r\n");
        const Reading r =
            d.c(content).s("250 2.0.0 queued\r\n").c("QUIT\r\n").s("221 bye\r\n").read_cut(1448);
        EXPECT_EQ(r.anomalies(), "");
        EXPECT_EQ(r.count(Count::smtp_MAIL), 1u);
        EXPECT_EQ(r.count(Count::smtp_QUIT), 1u);
        EXPECT_EQ(r.get("smtp", "/smtp/octets"), std::to_string(content.size()));
      });
}

TEST(Smuggling, EachKindOfFalseEndIsToldOnceAMessage) {
  const Reading r = open_transaction()
                        .c("DATA\r\n")
                        .s("354 go\r\n")
                        .c("a: b\r\n\r\n\n.\nx\n.\nx\r.\rx\r.\rx\r\n.\n\r\n.\r\n")
                        .s("250 ok\r\n")
                        .read();
  EXPECT_EQ(r.anomalies(),
            "smtp_bare_lf_end_of_data smtp_bare_cr_end_of_data smtp_bare_lf_end_of_data");
}

TEST(Smuggling, BareLineEndsWithoutADotAreNamedToo) {
  const auto anomalies = [](std::string_view content) {
    Dialogue d = open_transaction().c("DATA\r\n").s("354 go\r\n").c(content);
    return d.c("\r\n.\r\n").s("250 ok\r\n").read().anomalies();
  };
  EXPECT_EQ(anomalies("a: b\nc: d"), "smtp_bare_lf_in_data");
  EXPECT_EQ(anomalies("a: b\rc: d"), "smtp_bare_cr_in_data");
  EXPECT_EQ(anomalies("a: b\r\r\nc: d"), "smtp_bare_cr_in_data");
  EXPECT_EQ(anomalies("a\n\rb"), "smtp_bare_lf_in_data smtp_bare_cr_in_data");
  EXPECT_EQ(anomalies("a\n..\nb\n.b"), "smtp_bare_lf_in_data");
  EXPECT_EQ(anomalies(std::string(100, 'x') + "\r" + std::string(100, 'x')),
            "smtp_bare_cr_in_data");
  EXPECT_EQ(anomalies("a. b.\r\n .\r\n. \r\n..\r\n.x."), "");
}

// Without blocks and state that is clever: what stands on either side of each dot.
std::string plainly(std::string_view text) {
  std::string told;
  for (const Octets& before : kEnds) {
    for (const Octets& dot : kDots) {
      for (const Octets& behind : kEnds) {
        if (anomaly_of(before, dot, behind).empty()) continue;
        const std::string end = join({before.octets, dot.octets, behind.octets});
        bool found = false;
        for (std::size_t at = text.find(end); at != std::string_view::npos && !found;
             at = text.find(end, at + 1)) {
          const bool more_before = before.octets == "\n" && at > 0 && text[at - 1] == '\r';
          const std::size_t next = at + end.size();
          const bool more_behind =
              behind.octets == "\r" && next < text.size() && text[next] == '\n';
          const bool known_behind = behind.octets != "\r" || next < text.size();
          found = !more_before && !more_behind && known_behind;
        }
        if (found) told += join({before.name, dot.name, behind.name, " "});
      }
    }
  }
  return told;
}

TEST(Smuggling, FalseEndsAgreeWithThePlainReadingOnEveryShortText) {
  static constexpr char kAlphabet[] = {'\r', '\n', '.', 'x', '\0'};
  constexpr int kLength = 7;
  int texts = 1;
  for (int i = 0; i < kLength; ++i) texts *= 5;
  for (int number = 0; number < texts; ++number) {
    std::string text;
    for (int i = 0, n = number; i < kLength; ++i, n /= 5) text += kAlphabet[n % 5];
    // More than one NUL beside a dot is one: the plain reading does not say so.
    if (text.find(std::string(2, '\0')) != std::string::npos) continue;
    if (text.find(std::string("\0.\0", 3)) != std::string::npos) continue;
    for (const std::size_t padding : {0u, 13u, 40u}) {
      const std::string whole = std::string(padding, 'y') + "\r\n" + text + std::string(50, 'z');
      mail::FalseEnds singly;
      for (const char octet : whole) singly.see(static_cast<std::uint8_t>(octet));
      std::string told;
      singly.each(
          [&](mail::FalseEnds::Kind, std::string_view name) { told.append(name).append(" "); });
      ASSERT_EQ(told, plainly(whole)) << number;
      mail::Dots dots;
      Bytes rest = as_bytes(whole);
      if (dots.take(rest, [](const mail::Data&) {})) continue;  // it has seen less
      std::string in_blocks;
      dots.false_ends().each([&](mail::FalseEnds::Kind, std::string_view name) {
        in_blocks.append(name).append(" ");
      });
      ASSERT_EQ(in_blocks, told) << number << ", padding " << padding;
      ASSERT_EQ(dots.false_ends().bare_lf(), singly.bare_lf()) << number;
      ASSERT_EQ(dots.false_ends().bare_cr(), singly.bare_cr()) << number;
    }
  }
}

}  // namespace
}  // namespace mailglass::test
