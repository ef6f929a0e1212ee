// SPDX-License-Identifier: BSD-3-Clause
#include "nic/rest.h"

#include <rte_epoll.h>
#include <rte_ethdev.h>
#include <rte_interrupts.h>
#include <rte_pause.h>
#include <time.h>

#include <algorithm>
#include <array>

#include "nic/live_state.h"

namespace mailglass::nic {
namespace {

// Empty bursts before the first sleep: gaps between frames of a busy line are shorter.
constexpr std::uint32_t kPatience = 256;

// A queue of 1024 descriptors takes 0.2 ms of a line that wakes up with 5 million frames a second.
// In a bridge a sleep is latency that others feel.
constexpr std::uint32_t kBoundUs = 200, kBridgeBoundUs = 20;

// A worker looks up from epoll that often: for what other workers send it, to be told to stop, and
// for a frame that came while its interrupt was being enabled.
constexpr int kLookUpMs = 1, kAloneMs = 10;

constexpr int kEvents = 32;

}  // namespace

Rest::Rest(const LiveSettings& settings, std::vector<std::unique_ptr<Input>>& inputs, bool alone)
    : idle_(settings.idle),
      bound_us_(settings.bridge ? kBridgeBoundUs : kBoundUs),
      inputs_(inputs),
      alone_(alone) {
  // All of its queues must be able to wake it.
  for (const auto& input : inputs) {
    if (idle_ == Idle::interrupt && !input->interrupts) idle_ = Idle::adaptive;
  }
  if (idle_ == Idle::interrupt && inputs.empty()) idle_ = Idle::adaptive;
}

void Rest::nothing_came() {
  if (idle_ == Idle::poll || ++empty_ <= kPatience) return rte_pause();
  if (idle_ == Idle::interrupt && wait_for_interrupt()) return;
  sleep();
}

void Rest::sleep() {
  sleep_us_ = std::clamp(sleep_us_ * 2, 1u, bound_us_);
  const timespec time{0, static_cast<long>(sleep_us_) * 1000};
  clock_nanosleep(CLOCK_MONOTONIC, 0, &time, nullptr);
}

// The worker's own thread registers its queues, the first time. False: a driver does not.
bool Rest::wait_for_interrupt() {
  for (std::size_t i = 0; !armed_ && i < inputs_.size(); ++i) {
    const Input& input = *inputs_[i];
    if (rte_eth_dev_rx_intr_ctl_q(input.port, input.queue, RTE_EPOLL_PER_THREAD, RTE_INTR_EVENT_ADD,
                                  nullptr) != 0) {
      idle_ = Idle::adaptive;
      return false;
    }
  }
  armed_ = true;
  for (const auto& input : inputs_) rte_eth_dev_rx_intr_enable(input->port, input->queue);
  // What came before they were enabled says nothing.
  bool waiting = false;
  for (const auto& input : inputs_) {
    waiting = waiting || rte_eth_rx_queue_count(input->port, input->queue) > 0;
  }
  std::array<rte_epoll_event, kEvents> events;
  rte_epoll_wait(RTE_EPOLL_PER_THREAD, events.data(), kEvents,
                 waiting  ? 0
                 : alone_ ? kAloneMs
                          : kLookUpMs);
  for (const auto& input : inputs_) rte_eth_dev_rx_intr_disable(input->port, input->queue);
  empty_ = 0;
  return true;
}

}  // namespace mailglass::nic
