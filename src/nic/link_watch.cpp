// SPDX-License-Identifier: BSD-3-Clause
#include "nic/link_watch.h"

namespace mailglass::nic {

void LinkWatch::add(Link& link, std::size_t peer) {
  const bool has_peer = peer != ports_.size();
  ports_.push_back({.link = &link, .peer = peer, .can_set = has_peer && link.can_set_link()});
}

void LinkWatch::add(Link& link) { add(link, ports_.size()); }

void LinkWatch::add_pair(Link& one, Link& other) {
  add(one, ports_.size() + 1);
  add(other, ports_.size() - 1);
}

std::vector<std::string> LinkWatch::look() {
  std::vector<std::string> lines;
  for (Port& port : ports_) look(port, lines);
  return lines;
}

void LinkWatch::look(Port& port, std::vector<std::string>& lines) {
  const bool up = port.link->link_up();
  port.link->note(up);
  if (port.taken_down) return;
  const bool removed = !up && !port.gone && port.link->gone();
  if (up || removed) {
    port.patience = 0;
  } else if (port.patience != 0) {
    --port.patience;
    return;
  }
  const std::string passed_on = pass_on(up, ports_[port.peer]);
  if (up == port.up && passed_on.empty() && !removed) return;
  port.up = up;
  std::string line = port.link->name() + (up ? " has its link again" : " has no link") + passed_on;
  if (removed) {
    port.gone = true;
    line += "; its interface was removed, and one of that name will be another: restart mailglass";
  }
  lines.push_back(std::move(line));
}

// What was done, or cannot be, in words; what cannot be is tried again each time, and said once.
std::string LinkWatch::pass_on(bool up, Port& to) {
  if (!to.can_set || up != to.taken_down) return {};
  const bool done = to.link->set_link(up);
  const bool again = to.refused;
  to.refused = !done;
  if (done) {
    to.taken_down = !up;
    to.patience = kPatience;
  }
  if (again) return {};
  return ": " + to.link->name() + (done ? "" : " cannot be") + (up ? " brought up" : " taken down");
}

}  // namespace mailglass::nic
