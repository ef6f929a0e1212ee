// SPDX-License-Identifier: BSD-3-Clause
#define ALLOW_EXPERIMENTAL_API  // handles of interrupts; stable from DPDK 24.11 on
#include "nic/interrupt_pause.h"

#include <rte_interrupts.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <mutex>

namespace mailglass::nic {
namespace {

// The thread may outlive everything else. An interrupt of our own, since DPDK's end waits for every
// alarm.
struct Pause {
  rte_intr_handle* interrupt = nullptr;
  int event = -1;
  std::mutex mutex;
  std::condition_variable changed;
  bool wanted = false;
  bool begun = false;
};

Pause& pause() {
  static Pause& only = *new Pause;
  return only;
}

void stand_still(void*) {
  Pause& p = pause();
  std::unique_lock lock(p.mutex);
  std::uint64_t rung = 0;
  (void)!read(p.event, &rung, sizeof rung);
  p.begun = true;
  p.changed.notify_all();
  p.changed.wait(lock, [&p] { return !p.wanted; });
  p.begun = false;
}

bool is_ready(Pause& p) {
  if (p.interrupt != nullptr) return true;
  p.event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  rte_intr_handle* const made = rte_intr_instance_alloc(RTE_INTR_INSTANCE_F_PRIVATE);
  if (made == nullptr) return false;
  rte_intr_fd_set(made, p.event);
  rte_intr_type_set(made, RTE_INTR_HANDLE_EXT);
  if (rte_intr_callback_register(made, stand_still, nullptr) == 0) p.interrupt = made;
  return p.interrupt != nullptr;
}

}  // namespace

void pause_interrupts() {
  constexpr std::uint64_t kRing = 1;
  constexpr std::chrono::seconds kPatience{1};  // with a handler under way
  Pause& p = pause();
  std::unique_lock lock(p.mutex);
  if (p.wanted || !is_ready(p)) return;
  p.wanted = write(p.event, &kRing, sizeof kRing) == sizeof kRing;
  if (p.wanted) p.changed.wait_for(lock, kPatience, [&p] { return p.begun; });
}

void go_on_with_interrupts() {
  Pause& p = pause();
  const std::lock_guard lock(p.mutex);
  p.wanted = false;
  p.changed.notify_all();
}

}  // namespace mailglass::nic
