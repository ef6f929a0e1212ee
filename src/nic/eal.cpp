// SPDX-License-Identifier: BSD-3-Clause
#include "nic/eal.h"

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_launch.h>
#include <rte_lcore.h>
#include <rte_log.h>
#include <rte_pdump.h>
#include <unistd.h>

#include <cassert>
#include <cstdio>
#include <optional>
#include <utility>

#include "nic/dpdk_log.h"
#include "nic/eal_arguments.h"
#include "nic/runtime_folder.h"

namespace mailglass::nic {
namespace {

constexpr const char* kCpuFolder = "/sys/devices/system/cpu";

constexpr unsigned lcore_of(unsigned worker) { return worker + 1; }

std::string reason(const char* fallback) {
  std::string said = take_dpdk_complaint();
  return said.empty() ? fallback : said;
}

// The EAL's own words go to our stream: nothing on the terminal when all is well, and one sentence
// of ours when it is not. Some of them, its whole usage among them, it prints past its log; glibc
// lets us set the two streams.
bool start(std::vector<std::string>& words) {
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  std::FILE* const log = dpdk_log_stream();
  rte_openlog_stream(log);
  std::FILE *const output = stdout, *const errors = stderr;
  if (log != nullptr) stdout = stderr = log;
  const int started = rte_eal_init(static_cast<int>(argv.size()), argv.data());
  stdout = output;
  stderr = errors;
  return started >= 0;
}

}  // namespace

Eal::Eal(const EalSettings& settings) {
  std::vector<std::string> words = eal_arguments(settings);
  std::optional<PassingFolder> folder;
  if (is_public(settings)) {
    remove_at_exit(prefix_of(settings), settings.secondaries);
  } else {
    folder.emplace(prefix_of(settings));
  }
  if (!start(words)) {
    if (access(kCpuFolder, F_OK) != 0) {
      throw EalError(std::string("cannot start DPDK: it finds the CPUs in ") + kCpuFolder +
                     ", which is not there: mount /sys");
    }
    throw EalError("cannot start DPDK: " + reason(rte_strerror(rte_errno)));
  }
  (void)take_dpdk_complaint();
  if (settings.secondaries) {
    if (rte_pdump_init() != 0) {
      rte_eal_cleanup();
      throw EalError("dpdk-dumpcap cannot attach: " + reason(rte_strerror(rte_errno)));
    }
    captures_ = true;
  }
  if (is_public(settings)) {
    folders_.emplace_back(rte_eal_get_runtime_dir());
    remember_folder(folders_.front());
    const std::string hugepages = settings.secondaries ? hugepage_folder(prefix_of(settings)) : "";
    if (!hugepages.empty()) folders_.push_back(hugepages);
  }
  for (unsigned i = 0; i < settings.workers; ++i) workers_.push_back(std::make_unique<Worker>());
}

Eal::~Eal() {
  for (unsigned i = 0; i < workers(); ++i) {
    if (workers_[i]->launched) rte_eal_wait_lcore(lcore_of(i));
  }
  if (captures_) rte_pdump_uninit();
  rte_eal_cleanup();
}

int Eal::enter(void* worker) {
  Worker& self = *static_cast<Worker*>(worker);
  try {
    self.work();
  } catch (...) {
    self.thrown = std::current_exception();
  }
  self.done.store(true, std::memory_order_release);
  return 0;
}

void Eal::launch(unsigned worker, std::function<void()> work) {
  assert(worker < workers());
  Worker& w = *workers_[worker];
  assert(!w.launched);
  w.work = std::move(work);
  w.thrown = nullptr;
  w.done = false;
  if (rte_eal_remote_launch(enter, &w, lcore_of(worker)) != 0) {
    throw EalError("cannot start worker " + std::to_string(worker) + ": " +
                   reason("its lcore is busy"));
  }
  w.launched = true;
}

void Eal::join(unsigned worker) {
  assert(worker < workers());
  Worker& w = *workers_[worker];
  if (!w.launched) return;
  rte_eal_wait_lcore(lcore_of(worker));
  while (!w.done.load(std::memory_order_acquire)) {  // true by now: said for the sanitizer
  }
  w.launched = false;
  if (w.thrown) std::rethrow_exception(std::exchange(w.thrown, nullptr));
}

}  // namespace mailglass::nic
