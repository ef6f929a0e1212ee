// SPDX-License-Identifier: BSD-3-Clause
// One dialogue in every shape TCP may give it: the events are the same.
#include <algorithm>

#include "tests/model/dialogues.h"

namespace mailglass::test {
namespace {

class DialogueShape : public testing::TestWithParam<const Spoken*> {
 protected:
  std::vector<std::string> plain(Forget forget) {
    const auto events = normal_form(events_of(spoken(*GetParam()).frames()), forget);
    EXPECT_GE(events.size(), 3u);
    return events;
  }
};
INSTANTIATE_TEST_SUITE_P(Protocols, DialogueShape, testing::Values(&kSmtp, &kPop3),
                         [](const auto& spoken) {
                           return std::string(spoken.param == &kSmtp ? "Smtp" : "Pop3");
                         });

TEST_P(DialogueShape, SegmentsOfAnySizeSayTheSame) {
  const auto expected = plain(Forget::packets);
  for (const std::size_t size : {1u, 2u, 3u, 4u, 5u, 7u, 11u, 64u}) {
    SCOPED_TRACE(size);
    ASSERT_EQ(normal_form(events_of(spoken(*GetParam(), size).frames()), Forget::packets),
              expected);
  }
}

TEST_P(DialogueShape, EverySegmentTwiceSaysTheSame) {
  const auto expected = plain(Forget::packets);
  for (const std::size_t later : {0u, 1u, 2u, 7u}) {
    SCOPED_TRACE(later);
    const Frames once = spoken(*GetParam()).frames();
    Frames twice;
    for (std::size_t i = 0; i + 1 < once.size(); ++i) {
      twice.push_back(once[i]);
      if (i >= later) twice.push_back(once[i - later]);
    }
    twice.push_back(once.back());
    restamp(twice);
    ASSERT_EQ(normal_form(events_of(twice), Forget::packets), expected);
  }
}

// The number 0 falls on each octet of each side in turn, FIN and SYN included.
TEST_P(DialogueShape, SequenceNumbersWrapAnywhere) {
  const auto expected = plain(Forget::times);
  std::size_t octets[2] = {};
  const Talk plainly = spoken(*GetParam());
  for (const TimedFrame& frame : plainly.frames()) {
    const wire::Segment segment = segment_of(frame);
    octets[segment.source_port == GetParam()->server_port] += segment.payload.size();
  }
  for (std::uint32_t at = 0; at < std::max(octets[0], octets[1]) + 3; ++at) {
    const Talk talk = spoken(*GetParam(), 1448, 0u - at, 0u - at);
    ASSERT_EQ(normal_form(events_of(talk.frames()), Forget::times), expected) << at;
  }
}

TEST_P(DialogueShape, BurstsOfAnySizeSayTheSame) {
  const Frames frames = spoken(*GetParam(), 9).frames();
  Inspection::Options options;
  options.burst = 1;
  const auto expected = events_of(frames, options);
  for (const std::size_t burst : {2u, 7u, 63u, 64u}) {
    options.burst = burst;
    ASSERT_EQ(events_of(frames, options), expected) << burst;  // times included
  }
}

// Behind each segment another that begins before it and ends after it, or inside it.
TEST_P(DialogueShape, OverlappingRetransmissionsOfEqualOctetsSayTheSame) {
  const auto expected = plain(Forget::packets);
  const Frames once = spoken(*GetParam(), 40).frames();
  const unsigned server_port = GetParam()->server_port;
  std::string stream[2];
  for (const TimedFrame& frame : once) {
    const wire::Segment segment = segment_of(frame);
    stream[segment.source_port == server_port].append(as_text(segment.payload));
  }
  for (const std::uint32_t reach : {1u, 5u, 39u, 40u, 41u, 100u}) {
    for (const bool before : {true, false}) {
      Frames frames;
      for (const TimedFrame& frame : once) {
        const wire::Segment s = segment_of(frame);
        const bool server = s.source_port == server_port;
        const std::uint32_t first = (server ? 5000u : 1000u) + 1;
        if (!before) frames.push_back(frame);
        if (s.length != 0) {
          const std::uint32_t at = s.seq.raw() - first;
          const std::uint32_t begin = at - std::min(at, reach);
          // Ends inside the segment: what was not sent yet cannot be sent again.
          const std::uint32_t end = at + (reach % 2 == 0 ? s.length : s.length / 2);
          Packet packet;
          if (server) {
            packet.ipv4("198.51.100.25", "192.0.2.10").tcp(server_port, 40000);
            packet.macs("02:00:00:00:00:02", "02:00:00:00:00:01");
          } else {
            packet.ipv4("192.0.2.10", "198.51.100.25").tcp(40000, server_port);
          }
          packet.seq(first + begin)
              .ack(s.ack.raw())
              .payload(std::string_view(stream[server]).substr(begin, end - begin));
          frames.push_back({packet.frame(), frame.time});
        }
        if (before) frames.push_back(frame);
      }
      restamp(frames);
      ASSERT_EQ(normal_form(events_of(frames), Forget::packets), expected) << reach << before;
    }
  }
}

}  // namespace
}  // namespace mailglass::test
