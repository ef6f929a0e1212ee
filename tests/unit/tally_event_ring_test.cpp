// SPDX-License-Identifier: BSD-3-Clause
// The ring against a deque that holds copies of everything.
#include "tally/event_ring.h"

#include <gtest/gtest.h>

#include <deque>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

namespace mailglass::tally {
namespace {

constexpr std::size_t kOctets = 64 * 1024;

class Ring {
 public:
  explicit Ring(WhenFull when_full, std::size_t octets = kOctets)
      : storage_(new (std::align_val_t{64}) std::byte[octets]),
        ring_({storage_, octets}, when_full) {}
  ~Ring() { ::operator delete[](storage_, std::align_val_t{64}); }
  Ring(const Ring&) = delete;
  Ring& operator=(const Ring&) = delete;
  EventRing* operator->() { return &ring_; }

 private:
  std::byte* storage_;
  EventRing ring_;
};

MailEvent numbered(std::uint64_t session) {
  MailEvent head;
  head.session = session;
  head.time.us = static_cast<std::int64_t>(session * 3);
  return head;
}

TEST(EventRing, GivesBackWhatWasPutIn) {
  Ring ring(WhenFull::drop);
  MailEvent head = numbered(7);
  head.protocol = Protocol::pop3;
  head.lost = 2;
  ASSERT_TRUE(ring->emit(head, Gap{.octets = 5, .direction = Direction::to_client}));
  ASSERT_TRUE(ring->emit(numbered(8), Header{.tx = 9}, {"Subject", ""}));
  int taken = 0;
  ring->drain([&](const EventView& record) {
    if (++taken == 1) {
      EXPECT_EQ(record.head().kind, EventKind::gap);
      EXPECT_EQ(record.head().session, 7u);
      EXPECT_EQ(record.head().protocol, Protocol::pop3);
      EXPECT_EQ(record.head().lost, 2);
      EXPECT_EQ(record.head().time.us, 21);
      EXPECT_EQ(record.body<Gap>().octets, 5u);
      EXPECT_EQ(record.body<Gap>().direction, Direction::to_client);
      EXPECT_EQ(record.text<Gap>(0), "");
    } else {
      EXPECT_EQ(record.body<Header>().tx, 9u);
      EXPECT_EQ(record.head().texts, 2);
      EXPECT_EQ(record.text<Header>(0), "Subject");
      EXPECT_EQ(record.text<Header>(1), "");
      EXPECT_EQ(record.text<Header>(2), "");
    }
    EXPECT_EQ(record.head().size % 8, 0u);
  });
  EXPECT_EQ(taken, 2);
  EXPECT_EQ(ring->used(), 0u);
}

TEST(EventRing, CutsLongTexts) {
  Ring ring(WhenFull::drop);
  const std::string exact(kMaxTextOctets, 'e'), longer(kMaxTextOctets + 1, 'l');
  ASSERT_TRUE(ring->emit(numbered(1), Header{}, {exact, longer}));
  ring->drain([&](const EventView& record) {
    EXPECT_EQ(record.text<Header>(0), exact);
    EXPECT_EQ(record.text<Header>(1), std::string(kMaxTextOctets, 'l'));
  });
}

TEST(EventRing, DropsWhenFullAndTakesAgainWhenDrained) {
  Ring ring(WhenFull::drop);
  std::uint64_t emitted = 0;
  while (ring->emit(numbered(emitted), Encrypted{})) ++emitted;
  EXPECT_GT(emitted, 1000u);
  EXPECT_LE(ring->used(), kOctets);
  EXPECT_FALSE(ring->emit(numbered(0), Encrypted{}));
  std::uint64_t expected = 0;
  EXPECT_EQ(ring->drain([&](const EventView& r) { EXPECT_EQ(r.head().session, expected++); }, 1),
            1u);
  EXPECT_TRUE(ring->emit(numbered(emitted++), Encrypted{}));
  ring->drain([&](const EventView& r) { EXPECT_EQ(r.head().session, expected++); });
  EXPECT_EQ(expected, emitted);
}

TEST(EventRing, AgreesWithADeque) {
  std::mt19937 random(11);
  for (std::size_t octets : {kOctets, 2 * kOctets}) {
    Ring ring(WhenFull::drop, octets);
    std::deque<std::vector<std::string>> model;
    std::uint64_t next = 0, first = 0, dropped = 0;
    for (int round = 0; round < 60000; ++round) {
      const bool filling = round / 1000 % 2 == 0;  // by turns, so that it runs full and empty
      if (random() % 10 < (filling ? 9u : 4u)) {
        // Sizes of all kinds, now and then the largest record there can be.
        std::vector<std::string> texts(random() % (kMaxTexts + 1));
        for (auto& text : texts) {
          const auto length = random() % 50 == 0 ? kMaxTextOctets : random() % 200;
          text.assign(length, static_cast<char>('a' + random() % 26));
        }
        texts.resize(3);
        if (ring->emit(numbered(next), Login{.code = static_cast<std::uint16_t>(next & 0xffff)},
                       {texts[0], texts[1], texts[2]})) {
          model.push_back(std::move(texts));
          ++next;
        } else {
          ++dropped;
        }
      } else {
        const std::size_t limit = random() % (filling ? 4 : 40);
        const std::size_t taken = ring->drain(
            [&](const EventView& record) {
              ASSERT_FALSE(model.empty());
              ASSERT_EQ(record.head().session, first);
              ASSERT_EQ(record.body<Login>().code, first & 0xffff);
              for (std::size_t i = 0; i < 3; ++i) {
                ASSERT_EQ(record.text<Login>(i), model.front()[i]);
              }
              model.pop_front();
              ++first;
            },
            limit);
        ASSERT_LE(taken, limit);
        ASSERT_TRUE(taken == limit || model.empty());
      }
      ASSERT_EQ(ring->used() == 0, model.empty());
    }
    EXPECT_GT(dropped, 100u) << "the ring was never full";
    EXPECT_GT(first, 10000u) << "the ring never went round";
  }
}

// Run under ThreadSanitizer too.
void run_two_threads(WhenFull when_full, std::uint64_t records) {
  Ring ring(when_full);
  std::uint64_t dropped = 0;
  std::atomic<bool> done{false};
  std::thread producer([&] {
    const std::string text(300, 't');
    for (std::uint64_t i = 0; i < records; ++i) {
      const std::string_view part = std::string_view(text).substr(0, i % 300);
      if (!ring->emit(numbered(i), Gap{.octets = i}, {part})) ++dropped;
    }
    done.store(true, std::memory_order_release);
  });
  std::uint64_t taken = 0, last = 0;
  const auto take = [&](const EventView& record) {
    const std::uint64_t i = record.head().session;
    ASSERT_TRUE(taken == 0 || i > last) << "out of order";
    ASSERT_EQ(record.body<Gap>().octets, i);
    ASSERT_EQ(record.text<Gap>(0).size(), i % 300);
    ASSERT_EQ(record.text<Gap>(0).find_first_not_of('t'), std::string_view::npos);
    last = i;
    ++taken;
  };
  while (!done.load(std::memory_order_acquire)) {
    if (ring->drain(take, 64) == 0) std::this_thread::yield();
  }
  ring->drain(take);
  producer.join();
  EXPECT_EQ(taken + dropped, records);
  EXPECT_TRUE(when_full == WhenFull::drop || dropped == 0);
}

TEST(EventRing, WaitsAtTheEndThoughItDroppedBefore) {
  Ring ring(WhenFull::drop);
  const std::string text(1000, 't');
  std::uint64_t kept = 0;
  while (ring->emit(numbered(kept), Gap{}, {text})) ++kept;
  static std::atomic<bool> rests;
  rests = false;
  ring->wait_when_full([] { rests = true; });
  std::thread consumer([&] {
    while (!rests) std::this_thread::yield();
    std::uint64_t taken = 0;
    while (taken < kept + 1) taken += ring->drain([](const EventView&) {});
  });
  EXPECT_TRUE(ring->emit(numbered(kept), Gap{}, {text}));
  consumer.join();
}

TEST(EventRing, TwoThreadsWaiting) { run_two_threads(WhenFull::wait, 100'000); }
TEST(EventRing, TwoThreadsDropping) { run_two_threads(WhenFull::drop, 100'000); }

}  // namespace
}  // namespace mailglass::tally
