// SPDX-License-Identifier: BSD-3-Clause
#include <sched.h>
#include <seccomp.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <string>

#include "app/privileges.h"

namespace mailglass::app {
namespace {

// What threads at work call: the C library's threads and memory, DPDK's drivers, sockets of the
// metrics, of telemetry and of sinks, files read at a reload and opened at a rotation. Nothing that
// starts a program, changes who it is, looks into another process or touches the kernel.
constexpr const char* kAllowed[] = {
    // memory and threads
    "brk", "mmap", "munmap", "mremap", "mprotect", "madvise", "mlock", "munlock", "futex",
    "set_robust_list", "rseq", "membarrier", "sched_yield", "sched_getaffinity",
    "sched_setaffinity", "sched_getparam", "sched_getscheduler", "gettid", "getpid", "exit",
    "exit_group", "restart_syscall", "get_mempolicy", "mbind", "set_mempolicy",
    // time and signals
    "clock_gettime", "clock_getres", "clock_nanosleep", "nanosleep", "gettimeofday", "time",
    "rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "rt_sigtimedwait", "sigaltstack", "getrandom",
    "timerfd_create", "timerfd_settime", "timerfd_gettime", "signalfd4", "eventfd", "eventfd2",
    // waiting
    "poll", "ppoll", "select", "pselect6", "epoll_create", "epoll_create1", "epoll_ctl",
    "epoll_wait", "epoll_pwait", "epoll_pwait2", "pause",
    // files
    "open", "openat", "close", "read", "write", "pread64", "pwrite64", "readv", "writev", "lseek",
    "stat", "fstat", "lstat", "newfstatat", "statx", "statfs", "fstatfs", "access", "faccessat",
    "faccessat2", "getdents64", "readlink", "readlinkat", "getcwd", "fcntl", "flock", "dup", "dup2",
    "dup3", "pipe", "pipe2", "memfd_create", "ioctl", "fsync", "fdatasync", "ftruncate",
    "fallocate", "unlink", "unlinkat", "rmdir", "fchmod", "umask",
    // sockets; `socket` itself is below
    "connect", "accept", "accept4", "bind", "listen", "shutdown", "getsockname", "getpeername",
    "getsockopt", "setsockopt", "sendto", "recvfrom", "sendmsg", "recvmsg", "sendmmsg", "recvmmsg",
    "socketpair",
    // who am I
    "getuid", "geteuid", "getgid", "getegid", "getppid", "getrusage", "uname", "sysinfo",
    "prlimit64", "getrlimit", "times"};

void check(int result, const char* what) {
  if (result == 0) return;
  throw std::runtime_error(std::string("cannot filter system calls (") + what +
                           "): " + std::strerror(-result) + "; run.seccomp = \"off\" goes without");
}

void allow_within_limits(scmp_filter_ctx filter) {
  const auto allow = [filter](int call, scmp_datum_t first) {
    const scmp_arg_cmp limit{.arg = 0, .op = SCMP_CMP_EQ, .datum_a = first, .datum_b = 0};
    check(seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 1, limit), "a rule");
  };
  const auto self = static_cast<scmp_datum_t>(getpid());
  allow(SCMP_SYS(kill), self);
  allow(SCMP_SYS(tgkill), self);
  for (const int option : {PR_SET_NAME, PR_GET_NAME, 0x53564d41 /* PR_SET_VMA */}) {
    allow(SCMP_SYS(prctl), static_cast<scmp_datum_t>(option));
  }
  // AF_INET is for drivers, which ask the kernel about an interface through such a socket.
  for (const int family : {AF_UNIX, AF_INET}) {
    allow(SCMP_SYS(socket), static_cast<scmp_datum_t>(family));
  }
  // Threads, not processes. clone3's flags lie in memory, where no filter looks: the C library
  // takes clone where there is no clone3.
  const scmp_arg_cmp thread{
      .arg = 0, .op = SCMP_CMP_MASKED_EQ, .datum_a = CLONE_THREAD, .datum_b = CLONE_THREAD};
  check(seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1, thread), "a rule");
  check(seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0), "clone3");
}

}  // namespace

void restrict_system_calls(SeccompMode mode) {
  if (mode == SeccompMode::off) return;
  const std::uint32_t otherwise =
      mode == SeccompMode::log ? SCMP_ACT_LOG : std::uint32_t{SCMP_ACT_ERRNO(EPERM)};
  const std::unique_ptr<void, void (*)(scmp_filter_ctx)> filter(seccomp_init(otherwise),
                                                                seccomp_release);
  if (!filter) throw std::runtime_error("cannot filter system calls: run.seccomp = \"off\"");
  check(seccomp_attr_set(filter.get(), SCMP_FLTATR_CTL_TSYNC, 1), "for all threads");
  for (const char* name : kAllowed) {
    const int call = seccomp_syscall_resolve_name(name);
    if (call == __NR_SCMP_ERROR || call < 0) continue;  // this machine has no such call
    check(seccomp_rule_add(filter.get(), SCMP_ACT_ALLOW, call, 0), name);
  }
  allow_within_limits(filter.get());
  check(seccomp_load(filter.get()), "load");
}

}  // namespace mailglass::app
