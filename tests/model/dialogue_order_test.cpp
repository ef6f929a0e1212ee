// SPDX-License-Identifier: BSD-3-Clause
// One flow against its own permutations: src/stream promises that, once a segment of each side has
// been seen, the order of arrival changes nothing where the dialogue is in lock-step.
#include <algorithm>
#include <map>
#include <numeric>
#include <random>

#include "tests/model/dialogues.h"

namespace mailglass::test {
namespace {

constexpr std::size_t kHandshake = 3;
constexpr unsigned kFirstPort = 20000;
constexpr unsigned kAtOnce = 200;  // flows in one inspection

using Order = std::vector<std::size_t>;

// Inspects many orders of one dialogue, each as a flow of its own, and compares each flow's events
// with those of the first, which is in order.
class Orders {
 public:
  explicit Orders(Dialogue words) : words_(std::move(words)) {}

  void add(const Order& order) {
    Talk talk(25, kFirstPort + pending_);
    talk.handshake();
    words_(talk);
    Frames frames = talk.frames();
    for (std::size_t i = 0; i < order.size(); ++i) {
      frames[kHandshake + i] = talk.frames()[kHandshake + order[i]];
    }
    restamp(frames);
    all_.insert(all_.end(), frames.begin(), frames.end());
    orders_.push_back(order);
    if (++pending_ == kAtOnce) compare();
  }

  void compare() {
    std::map<unsigned, std::vector<std::string>> by_port;
    Inspection::Options options;
    options.limits.mail.sessions = kAtOnce;  // a FIN before any octets leaves its session lingering
    for (const std::string& line : events_of(all_, options)) {
      if (member(line, "", "event_type") == "\"alert\"") continue;  // of all the dialogues together
      by_port[static_cast<unsigned>(std::stoul(member(line, "", "src_port")))].push_back(
          normal_form(line, Forget::flow));
    }
    for (unsigned i = 0; i < pending_; ++i) {
      const std::vector<std::string>& events = by_port[kFirstPort + i];
      if (expected_.empty()) expected_ = events;
      ASSERT_EQ(events, expected_) << testing::PrintToString(orders_[i]);
    }
    compared_ += pending_;
    pending_ = 0;
    all_.clear();
    orders_.clear();
  }

  const std::vector<std::string>& expected() const { return expected_; }
  std::size_t compared() const { return compared_; }

 private:
  Dialogue words_;
  Frames all_;
  std::vector<Order> orders_;
  std::vector<std::string> expected_;
  unsigned pending_ = 0;
  std::size_t compared_ = 0;
};

void every_order(Orders& orders, std::size_t segments) {
  Order order(segments);
  std::iota(order.begin(), order.end(), std::size_t{0});
  do {
    orders.add(order);
    if (testing::Test::HasFatalFailure()) return;
  } while (std::next_permutation(order.begin(), order.end()));
  orders.compare();
}

void eight_segments(Talk& talk) {
  talk.server("220 mail.example.org ESMTP Postfix\r\n")
      .client("EHLO client.example.com\r\n")
      .server("250-mail.example.org\r\n250 PIPELINING\r\n")
      .client("MAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n")
      .server("250 2.1.0 Ok\r\n250 2.1.5 Ok\r\n354 Go on\r\n")
      .client("Subject: greetings\r\n\r\nMerry Christmas\r\n.\r\nQUIT\r\n")
      .server("250 2.0.0 Ok: queued as 4XyZ\r\n")
      .server("221 2.0.0 Bye\r\n")
      .farewell();
}

TEST(DialogueOrder, AllOrdersOfTheDataSegmentsOfOneDialogueSayTheSame) {
  Orders orders(eight_segments);
  every_order(orders, 8);
  EXPECT_EQ(orders.compared(), 40320u);
  ASSERT_EQ(orders.expected().size(), 2u) << testing::PrintToString(orders.expected());
  EXPECT_EQ(member(orders.expected()[0], "smtp", "outcome"), "\"accepted\"");
  EXPECT_EQ(member(orders.expected()[1], "flow", "gap"), "false");
}

void few_segments_with_fins(Talk& talk) {
  talk.server("220 mail.example.org ESMTP Postfix\r\n")
      .client("HELO client.example.com\r\n")
      .server("250 mail.example.org\r\n")
      .client("QUIT\r\n")
      .server("221 2.0.0 Bye\r\n")
      .farewell();
}

TEST(DialogueOrder, AllOrdersWithBothFinsAmongTheDataSayTheSame) {
  Orders orders(few_segments_with_fins);
  every_order(orders, 7);
  EXPECT_EQ(orders.compared(), 5040u);
  ASSERT_EQ(orders.expected().size(), 2u) << testing::PrintToString(orders.expected());
  EXPECT_EQ(member(orders.expected()[1], "flow", "reason"), "\"fin\"");
}

// Longer dialogues, each segment displaced by less than the patience of the reassembler.
void displaced(const Spoken& what, std::size_t segment_size, std::uint32_t seed) {
  const Frames in_order = spoken(what, segment_size).frames();
  static std::map<std::pair<const Spoken*, std::size_t>, std::vector<std::string>> known;
  auto& expected = known[{&what, segment_size}];
  if (expected.empty()) expected = normal_form(events_of(in_order), Forget::packets);

  std::mt19937 random(seed);
  std::vector<std::pair<std::size_t, std::size_t>> place;
  for (std::size_t i = kHandshake; i + 1 < in_order.size(); ++i) {
    place.emplace_back(i + random() % 24, i);
    if (random() % 8 == 0) place.emplace_back(i + random() % 24, i);  // and again
  }
  std::stable_sort(place.begin(), place.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  Frames frames(in_order.begin(), in_order.begin() + kHandshake);
  for (const auto& [at, i] : place) frames.push_back(in_order[i]);
  frames.push_back(in_order.back());
  restamp(frames);
  ASSERT_EQ(normal_form(events_of(frames), Forget::packets), expected);
}

TEST(DialogueOrder, SegmentsDisplacedAndRepeatedAtRandomSayTheSame) {
  for (const Spoken* what : {&kSmtp, &kPop3}) {
    for (std::uint32_t seed = 0; seed < 150 && !HasFatalFailure(); ++seed) {
      SCOPED_TRACE(seed);
      displaced(*what, std::size_t{3} << seed % 5, seed);
    }
  }
}

// What one side says before the other is seen at all cannot be known to be an answer: the promise
// begins with the second side's first segment.
TEST(DialogueOrder, EitherSideMayBeCapturedFirstOnceBothSynsWereSeen) {
  const Frames in_order = spoken(kSmtp).frames();
  const auto expected = normal_form(events_of(in_order), Forget::order);
  for (const bool client_first : {true, false}) {
    Frames frames = in_order;
    std::stable_partition(frames.begin() + 2, frames.end() - 1, [&](const TimedFrame& frame) {
      return (segment_of(frame).destination_port == 25) == client_first;
    });
    restamp(frames);
    EXPECT_EQ(normal_form(events_of(frames), Forget::order), expected);
  }
}

}  // namespace
}  // namespace mailglass::test
