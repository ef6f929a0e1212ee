// SPDX-License-Identifier: BSD-3-Clause
// Segments that the server does not take, or takes in another way, put between those of a session:
// the session goes on complete, and what two receivers would read differently is told.
#include <gtest/gtest.h>

#include "tests/support/talk.h"
#include "tests/support/tls_octets.h"

namespace mailglass::test {
namespace {

using tally::Count;
using wire::kAck;
using wire::kFin;
using wire::kRst;
using wire::kUrg;

constexpr std::uint32_t kClient = 1000, kServer = 5000;  // initial numbers
const std::string kBanner = "220 mx.example ESMTP\r\n";
const std::string kEhlo = "EHLO client.example\r\n";

Talk talk() {
  Talk talk;
  talk.base(kClient, kServer)
      .handshake()
      .server(kBanner)
      .client(kEhlo)
      .server("250 mx.example\r\n")
      .client("NOOP\r\n")
      .server("250 ok\r\n")
      .client("QUIT\r\n")
      .server("221 bye\r\n")
      .farewell();
  return talk;
}

Packet client() { return Packet().ipv4("192.0.2.10", "198.51.100.25").tcp(40000, 25); }
Packet server() { return client().reversed(); }

// The session with `forged` behind its first `before` frames.
struct Attacked {
  explicit Attacked(const std::vector<Packet>& forged, std::size_t before = 7,
                    const Inspection::Options& options = {})
      : inspection(options) {
    const std::vector<TimedFrame> frames = talk().frames();
    for (std::size_t i = 0; i < frames.size(); ++i) {
      if (i == before) {
        for (const Packet& packet : forged) inspection.take({packet.frame(), frames[i].time});
      }
      inspection.take(frames[i]);
    }
    inspection.finish();
    EXPECT_EQ(balance(inspection.counters()), "");
  }
  std::uint64_t count(Count c) const { return inspection.count(c); }
  bool complete() const {
    return count(Count::smtp_EHLO) == 1 && count(Count::smtp_NOOP) == 1 &&
           count(Count::smtp_QUIT) == 1 && count(Count::smtp_replies_2xx) == 4 &&
           count(Count::sessions_smtp) == 1 && count(Count::flow_closed_fin) == 1;
  }
  Inspection inspection;
};

TEST(MailEvasion, AResetOutsideTheWindowIsNone) {
  EXPECT_TRUE(Attacked({}).complete());
  for (const std::uint32_t seq : {0u, kClient + 1, kClient + 400'000, 0x80000000u}) {
    const Attacked attacked({client().seq(seq).flags(kRst)});
    EXPECT_TRUE(attacked.complete()) << seq;
    EXPECT_EQ(attacked.count(Count::stream_unacceptable), 1u);
  }
}

TEST(MailEvasion, AResetTheServerChallengesEndsNothing) {  // RFC 5961
  for (const Packet& reset :
       {client().seq(kClient + 200).flags(kRst), server().seq(kServer + 1000).flags(kRst)}) {
    EXPECT_TRUE(Attacked({reset}).complete());
  }
}

// Of a connection that did end with a RST: what it overtook is late, and no sign of life.
TEST(MailEvasion, OctetsThatAResetOvertookDoNotUndoIt) {
  for (const int seconds : {0, 2}) {
    Talk cut;
    cut.base(kClient, kServer).handshake().server(kBanner).client(kEhlo).server("250 ok\r\n");
    const std::size_t before = cut.frames().size();
    cut.client("NOOP\r\n").client("QUIT\r\n");
    std::vector<TimedFrame> frames = cut.frames();
    const auto end = static_cast<std::uint32_t>(kClient + 1 + kEhlo.size() + 12);
    Inspection inspection;
    for (std::size_t i = 0; i < before; ++i) inspection.take(frames[i]);
    inspection.take({client().seq(end).flags(kRst).frame(), frames[before].time});
    for (std::size_t i = before; i < frames.size(); ++i) {
      frames[i].time.us += seconds * 1'000'000;
      inspection.take(frames[i]);
    }
    inspection.finish();
    EXPECT_EQ(inspection.count(Count::smtp_QUIT), 1u);
    EXPECT_EQ(inspection.count(Count::flow_closed_rst), seconds == 0 ? 1u : 0u) << seconds;
  }
}

// Nor where TLS hides them.
TEST(MailEvasion, NorDoThoseOfTls) {
  const std::string hello = tls_record(22, server_hello(0x0304)), bye = tls_record(23, "221 bye");
  const auto end = static_cast<std::uint32_t>(kServer + 1 + hello.size() + bye.size());
  const Packet reset =
      Packet().ipv4("198.51.100.25", "192.0.2.10").tcp(465, 40000).seq(end).flags(kRst);
  for (const int seconds : {0, 2}) {
    Talk talk(465);
    talk.base(kClient, kServer).handshake().client(tls_record(22, client_hello()));
    talk.server(hello).client(tls_record(23, "QUIT")).server(bye);
    TimedFrame again = talk.frames().back();
    Inspection inspection;
    inspection.take(talk.frames());
    inspection.take({reset.frame(), again.time});
    again.time.us += seconds * 1'000'000;
    inspection.take(again);
    inspection.finish();
    EXPECT_EQ(inspection.count(Count::tls_implicit), 1u);
    EXPECT_EQ(inspection.count(Count::flow_closed_rst), seconds == 0 ? 1u : 0u) << seconds;
  }
}

TEST(MailEvasion, FinsOutOfPlaceEndNothing) {
  const Attacked attacked({client().seq(kClient + 900'000).ack(kServer).flags(kFin | kAck),
                           server().seq(kServer - 70'000).ack(kClient).flags(kFin | kAck)});
  EXPECT_TRUE(attacked.complete());
  EXPECT_EQ(attacked.count(Count::stream_unacceptable), 2u);
}

TEST(MailEvasion, ARetransmissionThatDiffersIsTold) {
  const std::string other = "EHLO another.exampl\r\n";
  const Packet again = client().seq(kClient + 1).ack(kServer + 1).payload(other);
  for (const auto policy : {mail::CredentialPolicy::redact, mail::CredentialPolicy::reveal}) {
    Inspection::Options options;
    options.credentials.policy = policy;
    const Attacked attacked({again, again}, 7, options);
    EXPECT_TRUE(attacked.complete());
    EXPECT_EQ(attacked.count(Count::stream_conflict), 2u);
    const auto events = attacked.inspection.eve_of_type("anomaly");
    ASSERT_EQ(events.size(), 1u) << "told once";
    EXPECT_NE(events[0].find(R"("event":"tcp_overlap_conflict")"), std::string::npos);
    EXPECT_NE(events[0].find("octets 5 to 20 of the stream"), std::string::npos) << events[0];
    EXPECT_NE(events[0].find("with 1 ends of lines where the other has 1"), std::string::npos);
    const bool shows = events[0].find("another") != std::string::npos;
    EXPECT_EQ(shows, policy == mail::CredentialPolicy::reveal) << events[0];
  }
}

// The classic: what is sent first has too small a hop limit to reach the server.
TEST(MailEvasion, ADifferenceBeforeTheProtocolIsKnownIsToldWhenItIs) {
  const Packet first = server().seq(kServer + 1).ack(kClient + 1).payload("22");
  const Packet second = server().seq(kServer + 1).ack(kClient + 1).payload("55");
  const Attacked attacked({first, second}, 3);
  EXPECT_TRUE(attacked.complete());
  EXPECT_EQ(attacked.inspection.eve_of_type("anomaly").size(), 1u);
}

TEST(MailEvasion, UrgentDataIsReadInLineAndTold) {
  Talk plain = talk();
  std::vector<TimedFrame> frames = plain.frames();
  frames[4].octets = client()
                         .seq(kClient + 1)
                         .ack(kServer + 1 + static_cast<std::uint32_t>(kBanner.size()))
                         .flags(kAck | kUrg)
                         .payload(kEhlo)
                         .frame();
  Inspection inspection;
  inspection.take(frames);
  inspection.finish();
  EXPECT_EQ(inspection.count(Count::smtp_EHLO), 1u);
  EXPECT_EQ(inspection.count(Count::stream_urgent), 1u);
  const auto events = inspection.eve_of_type("anomaly");
  ASSERT_EQ(events.size(), 1u);
  EXPECT_NE(events[0].find(R"("event":"tcp_urgent_data")"), std::string::npos);
}

}  // namespace
}  // namespace mailglass::test
