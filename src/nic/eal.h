// SPDX-License-Identifier: BSD-3-Clause
// DPDK's environment abstraction layer, started the way `read` needs it: plain memory instead of
// hugepages, no PCI, no files shared with anybody. Works in a container or a chroot, on one CPU,
// as any user, and any number of times beside itself.
#pragma once

#include <atomic>
#include <exception>
#include <functional>
#include <stdexcept>
#include <string>

namespace mailglass::nic {

// One sentence: what could not be done, and what DPDK said to it.
class EalError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// At most one in a process, and DPDK can't be started again after it ended.
class Eal {
 public:
  // Lcore 0 is the calling thread, lcore 1 the worker; both float over all CPUs of the calling
  // thread's affinity mask, so that a machine of one CPU will do. Threads made later inherit the
  // caller's signal mask. Throws EalError.
  Eal();
  ~Eal();
  Eal(const Eal&) = delete;
  Eal& operator=(const Eal&) = delete;

  // Runs `work` on the worker's lcore. One piece of work at a time.
  void launch(std::function<void()> work);

  // Waits for the end of that work, and throws what it threw.
  void join();

 private:
  static int enter(void* self);

  std::function<void()> work_;
  std::exception_ptr thrown_;
  bool launched_ = false;
  // DPDK hands the end over as well, but out of sight of a thread sanitizer.
  std::atomic<bool> done_{false};
};

// What DPDK logged last, as one line without its prefix; forgotten by the asking. Any thread.
std::string take_dpdk_complaint();

}  // namespace mailglass::nic
