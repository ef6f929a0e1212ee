// SPDX-License-Identifier: BSD-3-Clause
#include "app/privileges.h"

#include <dirent.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <vector>

namespace mailglass::app {
namespace {

void check(int result, const char* what) {
  if (result != 0) throw std::system_error(errno, std::generic_category(), what);
}

// ---- what concerns one thread only, in all of them ----------------------------------------------

// capset(2) and prctl(2) hold for the calling thread. So each thread is interrupted and calls them
// itself; only system calls are made there (signal-safety(7)).
std::atomic<unsigned> failures{0};
static_assert(std::atomic<unsigned>::is_always_lock_free);

void give_up_here(int) {
  const int before = errno;
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  const __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3]{};
  if (syscall(SYS_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) ++failures;
  syscall(SYS_prctl, PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  if (syscall(SYS_capset, &header, none) != 0) ++failures;
  errno = before;
}

std::vector<pid_t> threads() {
  std::vector<pid_t> ids;
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(opendir("/proc/self/task"), closedir);
  if (!folder) throw std::system_error(errno, std::generic_category(), "/proc/self/task");
  while (const dirent* entry = readdir(folder.get())) {
    if (entry->d_name[0] != '.') ids.push_back(std::atoi(entry->d_name));
  }
  return ids;
}

// From the kernel, not from what the handler believes. A thread that has ended holds nothing.
bool holds_capabilities(pid_t thread) {
  std::ifstream status("/proc/self/task/" + std::to_string(thread) + "/status");
  for (std::string word; status >> word;) {
    if (word != "CapPrm:" && word != "CapEff:" && word != "CapInh:" && word != "CapAmb:") continue;
    status >> word;
    if (word.find_first_not_of('0') != word.npos) return true;
  }
  return false;
}

void give_up_in_all_threads() {
  const int signal = SIGRTMAX - 1;
  struct sigaction action {
  }, before{};
  action.sa_handler = give_up_here;
  action.sa_flags = SA_RESTART;
  check(sigaction(signal, &action, &before), "sigaction");
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(5);
  give_up_here(0);
  for (bool all = false; !all;) {
    all = true;
    for (const pid_t thread : threads()) {
      if (!holds_capabilities(thread)) continue;
      all = false;
      syscall(SYS_tgkill, getpid(), thread, signal);
    }
    if (!all && std::chrono::steady_clock::now() > deadline) {
      throw std::runtime_error("a thread of the service keeps its capabilities");
    }
    if (!all) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  check(sigaction(signal, &before, nullptr), "sigaction");
  if (failures != 0) throw std::runtime_error("cannot give up capabilities");
}

}  // namespace

std::string user_complaint(const std::string& user) {
  if (user.empty() || getpwnam(user.c_str()) != nullptr) return {};
  return "run.user: there is no user " + user + ": create it (adduser --system --group " + user +
         "), or name another";
}

std::optional<Identity> identity_of(const std::string& user) {
  if (user.empty() || geteuid() != 0) return std::nullopt;
  const passwd* const known = getpwnam(user.c_str());
  if (known == nullptr) throw std::runtime_error(user_complaint(user));
  return Identity{known->pw_uid, known->pw_gid, user};
}

void give_folder_to(const std::string& folder, const Identity& identity) {
  std::error_code ignored;
  const auto give = [&](const std::filesystem::path& path) {
    (void)!lchown(path.c_str(), identity.user, identity.group);
  };
  give(folder);
  const auto above = std::filesystem::path(folder).parent_path();
  std::filesystem::permissions(above, std::filesystem::perms::others_exec,
                               std::filesystem::perm_options::add, ignored);
  for (const auto& entry : std::filesystem::directory_iterator(folder, ignored)) give(entry.path());
}

void drop_privileges(const std::optional<Identity>& identity) {
  if (identity) {  // the C library does these in all threads
    check(setgroups(0, nullptr), "setgroups");
    check(setresgid(identity->group, identity->group, identity->group), "setresgid");
    check(setresuid(identity->user, identity->user, identity->user), "setresuid");
  }
  give_up_in_all_threads();
}

void forbid_core_dumps() { prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); }

}  // namespace mailglass::app
