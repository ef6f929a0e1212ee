// SPDX-License-Identifier: BSD-3-Clause
#include "nic/eal.h"

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_launch.h>
#include <rte_lcore.h>
#include <rte_log.h>
#include <sched.h>
#include <stdlib.h>
#include <unistd.h>

#include <array>
#include <cassert>
#include <cstdio>
#include <cstring>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

namespace mailglass::nic {
namespace {

constexpr unsigned kWorkerLcore = 1;
// Mbufs, the pcap driver's queues, and DPDK's own bookkeeping; pages never touched cost nothing.
constexpr const char* kMegabytes = "64";
constexpr const char* kCpuFolder = "/sys/devices/system/cpu";

// ---- what DPDK says -----------------------------------------------------------------------------

std::mutex complaint_mutex;
std::string complaint;  // the last line said, guarded by complaint_mutex

// The write side of a FILE that keeps the last full line and drops the rest: DPDK tells a story,
// and the end of it is the reason.
ssize_t keep_last_line(void*, const char* text, std::size_t size) {
  const std::lock_guard lock(complaint_mutex);
  std::string_view said(text, size);
  while (!said.empty() && (said.back() == '\n' || said.back() == ' ')) said.remove_suffix(1);
  if (const auto line = said.rfind('\n'); line != said.npos) said.remove_prefix(line + 1);
  if (!said.empty()) complaint.assign(said);
  return static_cast<ssize_t>(size);
}

std::FILE* log_stream() {
  static std::FILE* const stream = [] {
    cookie_io_functions_t functions{};
    functions.write = keep_last_line;
    std::FILE* opened = fopencookie(nullptr, "w", functions);
    if (opened != nullptr) setvbuf(opened, nullptr, _IOLBF, 1024);
    return opened;
  }();
  return stream;
}

// ---- where DPDK may put its runtime folder ------------------------------------------------------

// 22.11 makes a folder even with --no-shconf, where nothing is ever put into it, and fails where
// /var/run can't be written. It gets an empty one of its own, which goes as soon as it has started.
class RuntimeFolder {
 public:
  RuntimeFolder() {
    if (const char* before = getenv(kVariable)) before_ = before;
    const char* const places[] = {getenv("TMPDIR"), "/tmp", "/run", "/dev/shm", "."};
    for (const char* place : places) {
      if (place == nullptr) continue;
      path_ = std::string(place) + "/mailglass-XXXXXX";
      if (mkdtemp(path_.data()) != nullptr) {
        setenv(kVariable, path_.c_str(), 1);
        return;
      }
    }
    path_.clear();  // nowhere to write: let DPDK try its own way
  }
  ~RuntimeFolder() {
    if (path_.empty()) return;
    rmdir((path_ + "/dpdk/" + prefix()).c_str());
    rmdir((path_ + "/dpdk").c_str());
    rmdir(path_.c_str());
    if (before_) {
      setenv(kVariable, before_->c_str(), 1);
    } else {
      unsetenv(kVariable);
    }
  }
  RuntimeFolder(const RuntimeFolder&) = delete;
  RuntimeFolder& operator=(const RuntimeFolder&) = delete;

  static std::string prefix() { return "mailglass-" + std::to_string(getpid()); }

 private:
  static constexpr const char* kVariable = "RUNTIME_DIRECTORY";  // see systemd.exec(5)
  std::string path_;
  std::optional<std::string> before_;
};

// ---- arguments ----------------------------------------------------------------------------------

// The CPUs this process may use, as --lcores wants them: "0-3,8".
std::string allowed_cpus() {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  if (sched_getaffinity(0, sizeof allowed, &allowed) != 0) return "0";
  std::string list;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (!CPU_ISSET(cpu, &allowed)) continue;
    int last = cpu;
    while (last + 1 < CPU_SETSIZE && CPU_ISSET(last + 1, &allowed)) ++last;
    if (!list.empty()) list += ',';
    list += std::to_string(cpu);
    if (last != cpu) list += '-' + std::to_string(last);
    cpu = last;
  }
  return list;
}

std::vector<std::string> arguments() {
  const std::string cpus = "@(" + allowed_cpus() + ")";
  return {"mailglass",
          "--no-huge",
          "--no-pci",
          "--no-shconf",
          "--no-telemetry",
          "--iova-mode=va",
          "-m",
          kMegabytes,
          "--log-level=*:error",
          "--file-prefix=" + RuntimeFolder::prefix(),
          "--lcores=(0)" + cpus + ",(" + std::to_string(kWorkerLcore) + ")" + cpus};
}

std::string reason(const char* fallback) {
  std::string said = take_dpdk_complaint();
  return said.empty() ? fallback : said;
}

}  // namespace

std::string take_dpdk_complaint() {
  const std::lock_guard lock(complaint_mutex);
  std::string said = std::exchange(complaint, {});
  // "EAL: FATAL: Cannot init memory" and "eth_pcap: Couldn't open ...": the prefix says where in
  // DPDK, which the reader of one sentence need not know.
  for (const std::string_view prefix : {"EAL: ", "FATAL: ", "eth_pcap: ", "pcap: "}) {
    if (std::string_view(said).starts_with(prefix)) said.erase(0, prefix.size());
  }
  return said;
}

Eal::Eal() {
  std::vector<std::string> words = arguments();
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());

  // The EAL's own words go to our stream: nothing on the terminal when all is well, and one
  // sentence of ours when it is not. Some of them, its whole usage among them, it prints past its
  // log; glibc lets us set the two streams.
  rte_openlog_stream(log_stream());
  const RuntimeFolder folder;
  std::FILE *const output = stdout, *const errors = stderr;
  if (log_stream() != nullptr) stdout = stderr = log_stream();
  const int started = rte_eal_init(static_cast<int>(argv.size()), argv.data());
  stdout = output;
  stderr = errors;
  if (started < 0) {
    if (access(kCpuFolder, F_OK) != 0) {
      throw EalError(std::string("cannot start DPDK: it finds the CPUs in ") + kCpuFolder +
                     ", which is not there: mount /sys");
    }
    throw EalError("cannot start DPDK: " + reason(rte_strerror(rte_errno)));
  }
  (void)take_dpdk_complaint();
}

Eal::~Eal() {
  if (launched_) rte_eal_wait_lcore(kWorkerLcore);
  rte_eal_cleanup();
}

int Eal::enter(void* self) {
  Eal& eal = *static_cast<Eal*>(self);
  try {
    eal.work_();
  } catch (...) {
    eal.thrown_ = std::current_exception();
  }
  eal.done_.store(true, std::memory_order_release);
  return 0;
}

void Eal::launch(std::function<void()> work) {
  assert(!launched_);
  work_ = std::move(work);
  thrown_ = nullptr;
  done_ = false;
  if (rte_eal_remote_launch(enter, this, kWorkerLcore) != 0) {
    throw EalError("cannot start the worker: " + reason("its lcore is busy"));
  }
  launched_ = true;
}

void Eal::join() {
  if (!launched_) return;
  rte_eal_wait_lcore(kWorkerLcore);
  while (!done_.load(std::memory_order_acquire)) {  // true by now: said for the sanitizer
  }
  launched_ = false;
  if (thrown_) std::rethrow_exception(std::exchange(thrown_, nullptr));
}

}  // namespace mailglass::nic
