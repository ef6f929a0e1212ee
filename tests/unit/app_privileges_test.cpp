// SPDX-License-Identifier: BSD-3-Clause
// Giving up privileges is for good: each test does it in a child.
#include "app/privileges.h"

#include <gtest/gtest.h>
#include <pthread.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <set>
#include <thread>

namespace mailglass::app {
namespace {

// ThreadSanitizer's own thread takes no signal, and so cannot be told to give anything up.
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define MAILGLASS_TSAN
#endif
#endif
#ifdef MAILGLASS_TSAN
constexpr bool kAllThreadsListen = false;
#else
constexpr bool kAllThreadsListen = true;
#endif

// The words behind a field of every thread's status: "Seccomp:" -> {"2"}.
std::set<std::string> in_all_threads(const std::string& field) {
  std::set<std::string> words;
  for (const auto& thread : std::filesystem::directory_iterator("/proc/self/task")) {
    std::ifstream status(thread.path() / "status");
    for (std::string word; status >> word;) {
      if (word == field && status >> word) words.insert(word);
    }
  }
  return words;
}

// Beside three threads that work, one of them asleep in a system call. Each check has a number.
template <typename Checks>
int in_a_child(Checks&& checks) {
  const pid_t child = fork();
  if (child == 0) {
    std::atomic<bool> stop{false};
    std::thread asleep([&] {
      while (!stop) std::this_thread::sleep_for(std::chrono::hours(1));
    });
    std::thread busy([&] {
      while (!stop) {
      }
    });
    std::thread yields([&] {
      while (!stop) sched_yield();
    });
    int failed = 255;
    try {
      failed = checks();
    } catch (const std::exception& error) {
      (void)!write(STDERR_FILENO, error.what(), std::string_view(error.what()).size());
    }
    _exit(failed);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

const std::set<std::string> kNone{"0000000000000000"};

TEST(AppPrivileges, NoThreadKeepsACapability) {
  if (!kAllThreadsListen) GTEST_SKIP() << "SKIPPED: ThreadSanitizer's thread keeps its own";
  if (geteuid() != 0) GTEST_SKIP() << "SKIPPED: only root has any to give up";
  EXPECT_EQ(in_a_child([] {
              if (in_all_threads("CapEff:") == kNone) return 1;
              drop_privileges(std::nullopt);  // stays who it is
              if (in_all_threads("CapEff:") != kNone) return 2;
              if (in_all_threads("CapPrm:") != kNone) return 3;
              if (in_all_threads("NoNewPrivs:") != std::set<std::string>{"1"}) return 4;
              return setresuid(1, 1, 1) == 0 ? 5 : 0;
            }),
            0);
}

TEST(AppPrivileges, EveryThreadBecomesTheUser) {
  if (geteuid() != 0) GTEST_SKIP() << "SKIPPED: only root can become somebody";
  const auto nobody = identity_of("nobody");
  ASSERT_TRUE(nobody.has_value());
  EXPECT_EQ(in_a_child([&] {
              drop_privileges(nobody);
              if (in_all_threads("Uid:") != std::set{std::to_string(nobody->user)}) return 1;
              if (in_all_threads("Gid:") != std::set{std::to_string(nobody->group)}) return 2;
              if (in_all_threads("CapEff:") != kNone) return 3;
              if (getgroups(0, nullptr) != 0) return 4;
              return setuid(0) == 0 ? 5 : 0;
            }),
            0);
}

TEST(AppPrivileges, AnUnknownUserIsNamedToRootOnly) {
  if (geteuid() != 0) {
    EXPECT_FALSE(identity_of("no-such-user").has_value());
    return;
  }
  EXPECT_FALSE(identity_of("").has_value());
  try {
    (void)identity_of("no-such-user");
    FAIL() << "found";
  } catch (const std::runtime_error& error) {
    EXPECT_EQ(std::string(error.what()).find("run.user: there is no user no-such-user"), 0u);
  }
}

TEST(AppSeccomp, LetsThreadsAndFilesBeAndNothingElse) {
  if (!kAllThreadsListen) GTEST_SKIP() << "SKIPPED: ThreadSanitizer's thread takes no filter";
  EXPECT_EQ(in_a_child([] {
              drop_privileges(std::nullopt);
              restrict_system_calls(SeccompMode::on);
              if (in_all_threads("Seccomp:") != std::set<std::string>{"2"}) return 1;
              bool ran = false;
              std::thread([&] { ran = true; }).join();
              if (!ran) return 2;
              if (!std::ifstream("/proc/self/stat").good()) return 3;
              char* const arguments[] = {nullptr};
              if (execve("/bin/true", arguments, arguments) == 0 || errno != EPERM) return 4;
              if (fork() >= 0 || errno != EPERM) return 5;
              if (ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) == 0) return 6;
              if (socket(AF_PACKET, SOCK_RAW, 0) >= 0 || errno != EPERM) return 7;
              if (kill(getppid(), 0) == 0 || errno != EPERM) return 8;
              if (kill(getpid(), 0) != 0) return 9;
              return 0;
            }),
            0);
}

TEST(AppSeccomp, OffIsOff) {
  EXPECT_EQ(in_a_child([] {
              const auto before = in_all_threads("Seccomp_filters:");
              restrict_system_calls(SeccompMode::off);
              return in_all_threads("Seccomp_filters:") == before ? 0 : 1;
            }),
            0);
}

}  // namespace
}  // namespace mailglass::app
