// SPDX-License-Identifier: BSD-3-Clause
// Link states of a bridge's pairs: what hangs on one side is to see that the other side's link
// went, as it would with a cable. Private to nic.
#pragma once

#include <string>
#include <vector>

#include "nic/device.h"

namespace mailglass::nic {

class BridgeLinks {
 public:
  // Two started devices.
  void add(Device& one, Device& other);

  // Looks at all links and passes on what changed. One line for each change.
  std::vector<std::string> follow();

 private:
  struct Side {
    Device* device = nullptr;
    bool can_set = false;
    bool taken_down = false;  // by us, after the other one
    bool refused = false;     // to be what the other one is; it has been said
  };
  struct Pair {
    Side side[2];
  };
  static void follow(const Side& from, Side& to, std::vector<std::string>& lines);

  std::vector<Pair> pairs_;
};

}  // namespace mailglass::nic
