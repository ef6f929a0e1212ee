// SPDX-License-Identifier: BSD-3-Clause
#include "app/reporter_thread.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <memory>
#include <stdexcept>
#include <vector>

#include "app/interrupt.h"

namespace mailglass::app {
namespace {

using tally::EventView;

struct Ring {
  struct Storage {
    alignas(64) std::byte octets[64 * 1024];
  };
  std::unique_ptr<Storage> storage = std::make_unique<Storage>();
  tally::EventRing ring{storage->octets, tally::WhenFull::wait};

  void emit(std::uint64_t session) {
    tally::MailEvent head;
    head.session = session;
    // Of a size that fills the ring many times over.
    ring.emit(head, tally::Encrypted{}, {std::string_view(kText)});
  }
  static constexpr char kText[] = "a text that makes the record longer than its head";
};

TEST(AppReporterThread, LosesNothingAndKeepsTheOrder) {
  Ring ring;
  std::vector<std::uint64_t> seen;
  ReporterThread reporter({&ring.ring},
                          {[&](const EventView& e) { seen.push_back(e.head().session); }, [] {},
                           [](const std::string&) {}});
  constexpr std::uint64_t kMany = 20000;
  for (std::uint64_t i = 0; i < kMany; ++i) ring.emit(i);
  reporter.finish();
  ASSERT_EQ(seen.size(), kMany);
  for (std::uint64_t i = 0; i < kMany; ++i) ASSERT_EQ(seen[i], i);
}

TEST(AppReporterThread, ASeamStandsBetweenTheRecordsOfTwoCaptures) {
  Ring ring;
  std::vector<std::string> story;
  ReporterThread reporter(
      {&ring.ring}, {[&](const EventView& e) { story.push_back(std::to_string(e.head().session)); },
                     [] {}, [&](const std::string& name) { story.push_back(name); }});
  std::vector<std::string> expected;
  for (std::uint64_t capture = 0; capture < 30; ++capture) {
    reporter.next_capture("capture " + std::to_string(capture));
    expected.push_back("capture " + std::to_string(capture));
    for (std::uint64_t i = 0; i < capture; ++i) {
      ring.emit(i);
      expected.push_back(std::to_string(i));
    }
  }
  reporter.finish();
  EXPECT_EQ(story, expected);
}

// A reporter that broke must not leave the worker waiting for room in the ring.
TEST(AppReporterThread, WhatTheWorkThrowsComesOutAtTheEnd) {
  Ring ring;
  std::size_t taken = 0;
  ReporterThread reporter({&ring.ring}, {[&](const EventView&) {
                                           if (++taken == 3) throw std::runtime_error("broken");
                                         },
                                         [] {}, [](const std::string&) {}});
  EXPECT_FALSE(reporter.has_failed());
  for (std::uint64_t i = 0; i < 20000; ++i) ring.emit(i);
  reporter.next_capture("next");  // must return as well
  EXPECT_TRUE(reporter.has_failed());
  EXPECT_THROW(reporter.finish(), std::runtime_error);
  EXPECT_EQ(taken, 3u);
}

// Nor the main thread, which has an errand done at a tick.
TEST(AppReporterThread, TicksGoOnAfterSomethingWasThrown) {
  Ring ring;
  std::atomic<int> ticks{0};
  ReporterThread reporter({&ring.ring},
                          {[](const EventView&) { throw 1; }, [] {}, [](const std::string&) {},
                           [&] {
                             ++ticks;
                             ticks.notify_all();
                           }});
  ring.emit(1);
  reporter.next_capture("next");
  for (int before = ticks, more = 0; more < 3; ++more, before = ticks) ticks.wait(before);
  EXPECT_TRUE(reporter.has_failed());
  EXPECT_THROW(reporter.finish(), int);
}

TEST(AppReporterThread, SaysIdleAfterRecordsOnce) {
  Ring ring;
  std::atomic<int> idle{0};
  ReporterThread reporter({&ring.ring}, {[](const EventView&) {},
                                         [&] {
                                           ++idle;
                                           idle.notify_all();
                                         },
                                         [](const std::string&) {}});
  ring.emit(1);
  idle.wait(0);
  reporter.next_capture("no record, no idle");
  reporter.finish();
  EXPECT_EQ(idle, 1);
}

TEST(AppInterrupt, WaitsForSignalsAndForTheWork) {
  using namespace std::chrono_literals;
  Interrupt interrupt;
  EXPECT_EQ(interrupt.wait(0ms), Interrupt::Wait::timeout);
  raise(SIGTERM);
  EXPECT_EQ(interrupt.wait(5000ms), Interrupt::Wait::interrupted);
  EXPECT_EQ(interrupt.wait(0ms), Interrupt::Wait::timeout);
  raise(SIGINT);
  interrupt.wait_for_interrupt();
  std::thread worker([&] { interrupt.wake(); });
  EXPECT_EQ(interrupt.wait(5000ms), Interrupt::Wait::woken);
  worker.join();
}

}  // namespace
}  // namespace mailglass::app
