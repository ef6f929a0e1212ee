// SPDX-License-Identifier: BSD-3-Clause
#include "nic/bridge_links.h"

namespace mailglass::nic {

void BridgeLinks::add(Device& one, Device& other) {
  pairs_.push_back({{{&one, one.can_set_link()}, {&other, other.can_set_link()}}});
}

std::vector<std::string> BridgeLinks::follow() {
  std::vector<std::string> lines;
  for (Pair& pair : pairs_) {
    follow(pair.side[0], pair.side[1], lines);
    follow(pair.side[1], pair.side[0], lines);
  }
  return lines;
}

// A side that we took down says nothing of its own cable.
void BridgeLinks::follow(const Side& from, Side& to, std::vector<std::string>& lines) {
  if (!to.can_set || from.taken_down) return;
  const bool up = from.device->link_up();
  const bool is_due = up == to.taken_down;
  const bool done = is_due && to.device->set_link(up);
  if (is_due && !to.refused) {
    lines.push_back(from.device->name() + (up ? " is up again: " : " lost its link: ") +
                    to.device->name() + (done ? "" : " cannot be") +
                    (up ? " brought up" : " taken down"));
  }
  if (done) to.taken_down = !up;
  to.refused = is_due && !done;
}

}  // namespace mailglass::nic
