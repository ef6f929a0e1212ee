// SPDX-License-Identifier: BSD-3-Clause
#include "app/interrupt.h"

#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <system_error>

namespace mailglass::app {
namespace {

sigset_t set_of(const std::vector<int>& signals) {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : signals) sigaddset(&set, signal);
  return set;
}

bool is_end(const signalfd_siginfo& taken) {
  return taken.ssi_signo == SIGINT || taken.ssi_signo == SIGTERM;
}

}  // namespace

void hold_signals(const std::vector<int>& signals) {
  const sigset_t set = set_of(signals);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

Interrupt::Interrupt(std::initializer_list<int> more) : all_{SIGINT, SIGTERM} {
  all_.insert(all_.end(), more);
  hold_signals(all_);
  const sigset_t set = set_of(all_);
  signals_ = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
  woken_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (signals_ < 0 || woken_ < 0) {
    throw std::system_error(errno, std::generic_category(), "cannot wait for signals");
  }
}

Interrupt::~Interrupt() {
  close(signals_);
  close(woken_);
  give_back();
}

Interrupt::Wait Interrupt::wait(std::chrono::milliseconds most) {
  // A wake stays: it is the end of the work, which happens once.
  pollfd ready[] = {{signals_, POLLIN, 0}, {woken_, POLLIN, 0}};
  if (poll(ready, 2, static_cast<int>(most.count())) <= 0) return Wait::timeout;
  if ((ready[0].revents & POLLIN) != 0) {
    signalfd_siginfo taken;
    if (read(signals_, &taken, sizeof taken) == sizeof taken) {
      asked_ = static_cast<int>(taken.ssi_signo);
      return is_end(taken) ? Wait::interrupted : Wait::asked;
    }
  }
  return (ready[1].revents & POLLIN) != 0 ? Wait::woken : Wait::timeout;
}

void Interrupt::wait_for_interrupt() {
  pollfd ready{signals_, POLLIN, 0};
  signalfd_siginfo taken;  // taken out, or it would end the process once it is given back
  while (read(signals_, &taken, sizeof taken) != sizeof taken || !is_end(taken)) {
    poll(&ready, 1, -1);
  }
}

void Interrupt::wake() {
  const std::uint64_t one = 1;
  (void)!write(woken_, &one, sizeof one);
}

void Interrupt::ignore_all() {
  for (const int end : {SIGINT, SIGTERM}) signal(end, SIG_IGN);
}

void Interrupt::give_back() {
  // One that waits to be asked would end the process now.
  for (const int more : all_) {
    if (more != SIGINT && more != SIGTERM) signal(more, SIG_IGN);
  }
  const sigset_t set = set_of(all_);
  pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

}  // namespace mailglass::app
