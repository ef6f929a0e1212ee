// SPDX-License-Identifier: BSD-3-Clause
// DPDK's environment abstraction layer: memory, the workers' lcores, devices. For `read` it is
// started with plain memory instead of hugepages, no PCI and no files shared with anybody: that
// works in a container or a chroot, on one CPU, as any user, and any number of times beside itself.
#pragma once

#include <atomic>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace mailglass::nic {

// One sentence: what could not be done, and what DPDK said to it, or what to do.
class EalError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// What `read` uses is the default.
struct EalSettings {
  // Packet buffers, the drivers' queues, DPDK's own bookkeeping. Plain pages never touched cost
  // nothing; hugepages are taken at once.
  bool hugepages = false;
  std::uint32_t memory_mib = 64;

  unsigned workers = 1;               // 1 .. kMaxWorkers
  std::vector<unsigned> worker_cpus;  // of the first workers; who is not named floats
  std::vector<std::string> pci;       // devices to look at, with arguments; none: no PCI at all
  bool telemetry = false;             // for dpdk-telemetry.py
  bool secondaries = false;           // for dpdk-dumpcap; needs hugepages
  std::string prefix;                 // of runtime files, dpdk's --file-prefix; "": our own
};

// At most one in a process, and DPDK can't be started again after it ended.
class Eal {
 public:
  // Lcore 0 is the calling thread, lcore 1 + i worker i. Whoever has no CPU of his own floats over
  // those of the calling thread's affinity mask that no worker has, or over all of them if none is
  // left. Threads made later inherit the caller's signal mask. Throws EalError.
  explicit Eal(const EalSettings& settings);
  Eal() : Eal(EalSettings{}) {}
  ~Eal();
  Eal(const Eal&) = delete;
  Eal& operator=(const Eal&) = delete;

  unsigned workers() const { return static_cast<unsigned>(workers_.size()); }

  // Where the sockets of telemetry and secondaries lie, and the hugepages they share; none without
  // them. Whoever gives up root gives them to the new user first, who is to use and remove them.
  const std::vector<std::string>& folders() const { return folders_; }

  // dpdk-dumpcap may attach.
  bool is_watchable() const { return captures_; }

  // Runs `work` on a worker's lcore. One piece of work at a time for each.
  void launch(unsigned worker, std::function<void()> work);
  void launch(std::function<void()> work) { launch(0, std::move(work)); }

  // Waits for the end of that work, and throws what it threw.
  void join(unsigned worker = 0);

 private:
  struct Worker {
    std::function<void()> work;
    std::exception_ptr thrown;
    bool launched = false;
    // DPDK hands the end over as well, but out of sight of a thread sanitizer.
    std::atomic<bool> done{false};
  };
  static int enter(void* worker);

  std::vector<std::unique_ptr<Worker>> workers_;
  std::vector<std::string> folders_;
  bool captures_ = false;
};

// What DPDK logged last, as one line without its prefix; forgotten by the asking. Any thread.
std::string take_dpdk_complaint();

}  // namespace mailglass::nic
