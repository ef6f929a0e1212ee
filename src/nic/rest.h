// SPDX-License-Identifier: BSD-3-Clause
// What a worker does while nothing comes. Private to nic.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "nic/live_settings.h"

namespace mailglass::nic {

struct Input;

class Rest {
 public:
  // `alone`: nothing comes from other workers, whose rings wake nobody. `inputs` outlive it.
  Rest(const LiveSettings& settings, std::vector<std::unique_ptr<Input>>& inputs, bool alone);

  void something_came() { empty_ = 0, sleep_us_ = 0; }
  void nothing_came();

 private:
  void sleep();
  bool wait_for_interrupt();

  Idle idle_;
  std::uint32_t bound_us_;
  std::vector<std::unique_ptr<Input>>& inputs_;
  bool alone_;
  bool armed_ = false;
  std::uint32_t empty_ = 0;  // bursts, one after the other
  std::uint32_t sleep_us_ = 0;
};

}  // namespace mailglass::nic
