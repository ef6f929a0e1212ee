// SPDX-License-Identifier: BSD-3-Clause
// The parts of a service that need neither ports nor privileges.
#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "app/errand.h"
#include "app/interrupt.h"
#include "app/notify.h"
#include "app/process_samples.h"
#include "app/reload.h"
#include "app/reporter_thread.h"
#include "app/setting.h"
#include "app/station.h"
#include "app/watchdog.h"
#include "match/pattern_set.h"

namespace mailglass::app {
namespace {

using namespace std::chrono_literals;

// ---- signals ------------------------------------------------------------------------------------

TEST(AppInterrupt, TellsWhatIsAskedFromTheEnd) {
  Interrupt interrupt({SIGHUP, SIGUSR1});
  raise(SIGHUP);
  ASSERT_EQ(interrupt.wait(5000ms), Interrupt::Wait::asked);
  EXPECT_EQ(interrupt.asked(), SIGHUP);
  raise(SIGUSR1);
  ASSERT_EQ(interrupt.wait(5000ms), Interrupt::Wait::asked);
  EXPECT_EQ(interrupt.asked(), SIGUSR1);
  raise(SIGUSR1);
  raise(SIGTERM);
  Interrupt::Wait last = interrupt.wait(5000ms);
  if (last == Interrupt::Wait::asked) last = interrupt.wait(5000ms);
  EXPECT_EQ(last, Interrupt::Wait::interrupted);
}

// ---- the reporter's thread ----------------------------------------------------------------------

// A signal that asks for something may still wait when the end has begun.
TEST(AppInterrupt, WhatWaitsToBeAskedEndsNothing) {
  Interrupt interrupt({SIGHUP, SIGUSR1});
  kill(getpid(), SIGHUP);
  kill(getpid(), SIGUSR1);
  interrupt.give_back();
  signal(SIGHUP, SIG_DFL);
  signal(SIGUSR1, SIG_DFL);
}

TEST(AppReporterThread, DrainsTheRingsOfAllWorkersAndTicks) {
  Station first(64 * 1024), second(64 * 1024);
  std::vector<std::uint64_t> seen(2);
  std::atomic<int> ticks{0};
  ReporterThread reporter({&first.ring(), &second.ring()},
                          {[&](const tally::EventView& e) { ++seen[e.head().session]; }, [] {},
                           [](const std::string&) {}, [&] { ++ticks, ticks.notify_all(); }});
  const auto emit = [](Station& station, std::uint64_t session) {
    tally::MailEvent head;
    head.session = session;
    return station.ring().emit(head, tally::Encrypted{});
  };
  std::uint64_t emitted = 0;
  for (int i = 0; i < 500; ++i) {
    emitted += emit(first, 0);
    EXPECT_TRUE(i >= 400 || emit(second, 1));
  }
  reporter.finish();
  EXPECT_EQ(seen[0], emitted);
  EXPECT_EQ(seen[1], 400u);
  EXPECT_GT(ticks, 0);
}

TEST(AppErrand, IsDoneByTheOtherThreadBeforeAskReturns) {
  Errand errand;
  std::atomic<bool> stop{false};
  std::thread::id done_by;
  std::thread other([&] {
    while (!stop) errand.run();
  });
  for (int i = 0; i < 100; ++i) {
    int value = 0;
    errand.ask([&] { value = i, done_by = std::this_thread::get_id(); });
    ASSERT_EQ(value, i);
  }
  EXPECT_EQ(done_by, other.get_id());
  EXPECT_THROW(errand.ask([] { throw std::runtime_error("no"); }), std::runtime_error);
  EXPECT_NO_THROW(errand.ask([] {})) << "the other thread goes on";
  stop = true;
  other.join();
}

// ---- workers ------------------------------------------------------------------------------------

TEST(AppWatchdog, NamesWhoStandsStillAndWhoGoesOn) {
  Watchdog dog(2);
  const Watchdog::Clock::time_point start = Watchdog::Clock::time_point{} + 1h;
  const auto look = [&](std::uint64_t a, std::uint64_t b, std::chrono::milliseconds at) {
    const std::uint64_t beats[] = {a, b};
    return dog.look(beats, start + at);
  };
  EXPECT_TRUE(look(5, 5, 0ms).empty());
  EXPECT_TRUE(look(6, 5, 999ms).empty());
  EXPECT_TRUE(dog.all_well());
  const auto stalled = look(7, 5, 1000ms);
  ASSERT_EQ(stalled.size(), 1u);
  EXPECT_EQ(stalled[0].find("worker 1 has stalled: no burst for 1000 ms"), 0u) << stalled[0];
  EXPECT_FALSE(dog.all_well());
  EXPECT_TRUE(look(8, 5, 2500ms).empty()) << "said twice";
  EXPECT_EQ(look(9, 6, 3200ms), std::vector<std::string>{"worker 1 goes on after 3.2 s"});
  EXPECT_TRUE(dog.all_well());
  EXPECT_EQ(dog.stalls(0), 0u);
  EXPECT_EQ(dog.stalls(1), 1u);
}

struct Adopter {
  void adopt(match::Scanner& offered) { own.swap(offered); }
  match::Scanner own;
};

Bytes bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

TEST(AppStation, PatternsAreTakenBetweenBurstsAndTheOldComeBack) {
  const auto patterns = match::PatternSet::load(MAILGLASS_PATTERNS);
  Station station(64 * 1024);
  Adopter pipeline{match::Scanner(*patterns)};
  station.before_burst(pipeline);
  EXPECT_TRUE(station.taken());
  const auto other = match::PatternSet::load(MAILGLASS_PATTERNS);
  auto scanner = std::make_unique<match::Scanner>(*other);
  station.offer(std::move(scanner));
  EXPECT_FALSE(station.taken());
  station.before_burst(pipeline);
  EXPECT_TRUE(station.taken());
  station.free_old();
  EXPECT_EQ(pipeline.own.smtp_verb(bytes("EHLO x")), tally::SmtpVerb::EHLO);
  EXPECT_EQ(station.beats(), 2u);
}

// ---- a reload -----------------------------------------------------------------------------------

TEST(AppReload, NamesWhatChangedAndTakesOnlyWhatMay) {
  const Config before = parse_config("[eve]\nfile = \"a\"\n[[port]]\ndevice = \"x\"", "x.toml");
  const Config after = parse_config(
      "[eve]\nfile = \"b\"\nstats_seconds = 5\nring_mib = 2\n[run]\nworkers = 2\n[[port]]\n"
      "device = \"y\"\n[credentials]\nkey = \"00112233445566778899aabbccddeeff\"",
      "x.toml");
  EXPECT_EQ(join(changed_keys(before, after, true)), "eve.file, eve.stats_seconds");
  EXPECT_EQ(join(changed_keys(before, after, false)),
            "credentials.key, eve.ring_mib, run.workers, port");
  EXPECT_TRUE(changed_keys(before, before, false).empty());
  Config taken = before;
  take_reloadable(taken, after);
  EXPECT_EQ(taken.eve_file, "b");
  EXPECT_EQ(taken.stats_seconds, 5u);
  EXPECT_EQ(taken.run.workers, 1u);
  EXPECT_EQ(taken.ports[0].device, "x");
  EXPECT_TRUE(changed_keys(taken, after, true).empty());
}

// ---- systemd ------------------------------------------------------------------------------------

TEST(AppNotify, SendsOneDatagramEach) {
  const std::string path =
      std::filesystem::temp_directory_path() / ("notify-" + std::to_string(getpid()));
  const int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
  sockaddr_un here{};
  here.sun_family = AF_UNIX;
  path.copy(here.sun_path, sizeof here.sun_path - 1);
  ASSERT_EQ(bind(fd, reinterpret_cast<sockaddr*>(&here), sizeof here), 0);
  setenv("NOTIFY_SOCKET", path.c_str(), 1);
  setenv("WATCHDOG_USEC", "20000000", 1);
  {
    const Notify notify;
    EXPECT_EQ(notify.watchdog(), 10s);
    notify.ready();
    notify.reloading();
    notify.stopping();
    notify.alive();
  }
  const auto next = [fd] {
    char text[256];
    const ssize_t n = recv(fd, text, sizeof text, MSG_DONTWAIT);
    return n < 0 ? std::string("nothing") : std::string(text, static_cast<std::size_t>(n));
  };
  EXPECT_EQ(next(), "READY=1");
  EXPECT_EQ(next().find("RELOADING=1\nMONOTONIC_USEC="), 0u);
  EXPECT_EQ(next(), "STOPPING=1");
  EXPECT_EQ(next(), "WATCHDOG=1");
  unsetenv("NOTIFY_SOCKET");
  const Notify silent;
  silent.ready();
  EXPECT_EQ(silent.watchdog().count(), 0);
  EXPECT_EQ(next(), "nothing");
  unsetenv("WATCHDOG_USEC");
  close(fd);
  unlink(path.c_str());
}

TEST(AppProcessSamples, AreOfThisProcess) {
  double start = 0, memory = 0;
  for (const report::Sample& sample : process_samples()) {
    if (sample.name == "process_start_time_seconds") start = sample.value;
    if (sample.name == "process_resident_memory_bytes") memory = sample.value;
  }
  const auto now = static_cast<double>(std::time(nullptr));
  EXPECT_GT(start, now - 86400);
  EXPECT_LE(start, now + 1);
  EXPECT_GT(memory, 1e6);
  EXPECT_LT(memory, 1e11);
}

}  // namespace
}  // namespace mailglass::app
