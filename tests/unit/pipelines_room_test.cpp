// SPDX-License-Identifier: BSD-3-Clause
// Who gives way when what one worker has runs short: what floods are made of, not live dialogues.
#include <gtest/gtest.h>

#include "tests/support/normal_form.h"
#include "tests/support/talk.h"

namespace mailglass::test {
namespace {

using tally::Count;
using wire::kAck;
using wire::kPsh;
using wire::kSyn;
using Frames = std::vector<TimedFrame>;

constexpr unsigned kFlood = 2000;

// Packet `number` of a flood: the first and only one of its flow, unless `flow` says otherwise.
TimedFrame flood(unsigned flow, Tick time, unsigned flags, std::string_view payload = {},
                 unsigned seq = 1) {
  const std::string source =
      "203.0." + std::to_string(flow >> 8) + "." + std::to_string(flow & 255);
  return {Packet()
              .ipv4(source, "192.0.2.1")
              .tcp(4000, 25)
              .seq(seq)
              .ack(1)
              .flags(flags)
              .payload(payload)
              .frame(),
          time};
}

// Where in a session the flood comes: before it, and from its second segment on. (A lone SYN is
// what a flood is made of; it may have to go.)
constexpr std::size_t kPlaces[] = {0, 2, 3, 4, 5, 6, 7};

// A whole session of which `first` frames come before the flood and the rest after it.
template <typename Flood>
void expect_complete(const Inspection::Options& options, std::size_t first, Flood&& packets) {
  Talk talk;
  talk.handshake()
      .server("220 mail.example.org ESMTP\r\n")
      .client("EHLO a.example.com\r\n")
      .server("250 mail.example.org\r\n")
      .client("QUIT\r\n")
      .server("221 bye\r\n")
      .farewell();
  Frames frames = talk.frames();
  const auto middle = frames.begin() + static_cast<std::ptrdiff_t>(first);
  Inspection inspection(options);
  inspection.take({frames.begin(), middle});
  for (unsigned i = 0; i < kFlood; ++i) inspection.take(packets(i, middle->time));
  inspection.take({middle, frames.end()});
  inspection.finish();
  EXPECT_EQ(balance(inspection.counters()), "");
  EXPECT_EQ(inspection.count(Count::smtp_EHLO), 1u);
  EXPECT_EQ(inspection.count(Count::smtp_QUIT), 1u);
  EXPECT_EQ(inspection.count(Count::smtp_replies_2xx), 3u);
  EXPECT_GT(inspection.count(Count::flow_closed_evicted), 0u);
  std::size_t whole = 0;
  for (const std::string& line : inspection.eve_of_type("flow")) {
    if (member(line, "flow", "reason") != "\"fin\"") continue;
    EXPECT_EQ(member(line, "flow", "gap"), "false");
    EXPECT_EQ(member(line, "flow", "pkts_toserver"), "6");
    ++whole;
  }
  EXPECT_EQ(whole, 1u);
}

TEST(Room, SynsPushOutNoHandshake) {
  for (const std::size_t first : kPlaces) {
    expect_complete({}, first, [](unsigned i, Tick time) { return flood(i, time, kSyn); });
  }
}

TEST(Room, SegmentsThatMayBeMailLeaveSessionsForMail) {
  for (const std::size_t first : kPlaces) {
    expect_complete({}, first, [](unsigned i, Tick time) {
      return flood(i, time, kPsh | kAck, "the middle of some line");
    });
  }
}

TEST(Room, SingleCommandsLeaveSessionsForMail) {
  for (const std::size_t first : kPlaces) {
    expect_complete({}, first,
                    [](unsigned i, Tick time) { return flood(i, time, kPsh | kAck, "NOOP\r\n"); });
  }
}

TEST(Room, OctetsBehindHolesLeaveRoomForMail) {
  Inspection::Options options;
  options.limits.stream.holds = 16;
  for (const std::size_t first : kPlaces) {
    expect_complete(options, first, [](unsigned i, Tick time) {
      return i % 2 == 0 ? flood(i / 2, time, kSyn)
                        : flood(i / 2, time, kPsh | kAck, "behind", 3000);
    });
  }
}

// The same in flows that are mail, of which both sides are seen.
TEST(Room, HolesInMailLeaveRoomForOtherMail) {
  Inspection::Options options;
  options.limits.stream.holds = 16;
  options.limits.stream.blocks = 64;
  Inspection inspection(options);
  const auto to_server = [](unsigned port, unsigned seq, std::string_view payload, Tick time) {
    return TimedFrame{Packet()
                          .ipv4("203.0.113.1", "192.0.2.1")
                          .tcp(port, 25)
                          .seq(seq)
                          .ack(14)
                          .flags(kPsh | kAck)
                          .payload(payload)
                          .frame(),
                      time};
  };
  for (unsigned flow = 0; flow < 40; ++flow) {
    Talk talk(25, 5000 + flow);
    talk.addresses("203.0.113.1", "192.0.2.1").base(0, 0);
    inspection.take(talk.handshake().server("220 a ESMTP\r\n").frames());
  }
  Talk talk;
  talk.segment_size(7).handshake().server("220 mail.example.org ESMTP\r\n");
  for (int i = 0; i < 40; ++i) talk.client("NOOP " + std::to_string(1000 + i) + "\r\n");
  Frames frames = talk.frames();
  for (std::size_t i = 8; i + 1 < frames.size(); i += 4) std::swap(frames[i], frames[i + 1]);
  for (std::size_t i = 0; i < frames.size(); ++i) {
    inspection.take(frames[i]);
    // As many as the holds last for while one segment is late.
    for (unsigned n = 0; n < 8; ++n) {
      const auto packet = static_cast<unsigned>(i) * 8 + n;
      inspection.take(
          to_server(5000 + packet % 40, 2000 + packet / 40 * 3000, "behind", frames[i].time));
    }
  }
  inspection.finish();
  EXPECT_EQ(balance(inspection.counters()), "");
  EXPECT_EQ(inspection.count(Count::smtp_NOOP), 40u);
  EXPECT_GT(inspection.count(Count::stream_gave_way), 0u);
  EXPECT_EQ(inspection.count(Count::lines_refused_blocks), 0u);
}

// Used, peak, capacity and refused of a pool that others than the pipeline take from.
TEST(Room, DigestsThatRunOutAreCountedAndTheSessionGoesOn) {
  Inspection::Options options;
  options.limits.mail.digests.sha256 = true;
  options.limits.mail.digest_slots = 1;
  Inspection inspection(options);
  const auto transfer = [](const char* client) {
    Talk talk;
    talk.addresses(client, "198.51.100.25").handshake().server("220 x ESMTP\r\n");
    talk.client("EHLO a\r\n").server("250 x\r\n").client("MAIL FROM:<a@a.example>\r\n");
    talk.server("250 ok\r\n").client("RCPT TO:<b@b.example>\r\n").server("250 ok\r\n");
    talk.client("DATA\r\n").server("354 go\r\n");
    talk.client(
        "Content-Type: application/zip; name=x.zip\r\n"
        "Content-Transfer-Encoding: base64\r\n\r\nUEsDBA==\r\n");
    const std::size_t begun = talk.frames().size();
    talk.client("UEsDBA==\r\n.\r\n").server("250 ok\r\n").client("QUIT\r\n");
    talk.server("221 bye\r\n").farewell();
    return std::pair(talk.frames(), begun);
  };
  const auto [one, begun] = transfer("192.0.2.10");
  const auto two = transfer("192.0.2.11").first;
  const auto middle = one.begin() + static_cast<std::ptrdiff_t>(begun);
  inspection.take(Frames{one.begin(), middle});
  EXPECT_EQ(inspection.counters().get(tally::Level::digests_used), 1u);
  inspection.take(two);
  inspection.take(Frames{middle, one.end()});
  inspection.finish();
  EXPECT_EQ(inspection.count(Count::mime_refused_digests), 1u);
  EXPECT_EQ(inspection.count(Count::digests_full), 1u);
  EXPECT_EQ(inspection.count(Count::smtp_transactions_accepted), 2u);
  EXPECT_EQ(inspection.counters().get(tally::Level::digests_used), 0u);
  EXPECT_EQ(inspection.counters().get(tally::Level::digests_peak), 1u);
  EXPECT_EQ(inspection.counters().get(tally::Level::digests_capacity), 1u);
}

}  // namespace
}  // namespace mailglass::test
