// SPDX-License-Identifier: BSD-3-Clause
// The links of all ports: says when one goes or comes back. In a bridge what hangs on one side is
// to see that the other side's link went, as it would with a cable. Private to nic.
#pragma once

#include <atomic>
#include <cstddef>
#include <string>
#include <vector>

namespace mailglass::nic {

// A port's link.
class Link {
 public:
  virtual const std::string& name() const = 0;
  virtual bool link_up() const = 0;
  virtual bool gone() const = 0;       // for good: what was below the port was removed
  virtual bool can_set_link() = 0;     // of a started port; tries it
  virtual bool set_link(bool up) = 0;  // false: it was not set

  // As last looked at, for who sends into it, in any thread.
  bool carries() const { return carries_.load(std::memory_order_relaxed); }
  virtual void note(bool up) { carries_.store(up, std::memory_order_relaxed); }

 protected:
  ~Link() = default;

 private:
  std::atomic<bool> carries_{true};
};

class LinkWatch {
 public:
  // Ends of a cable negotiate: for so many looks after its start, or after we brought it up again,
  // a link may be down and nothing is made of it. Two sides would take each other down for ever.
  static constexpr unsigned kPatience = 50;

  // Started ports, which outlive this.
  void add(Link& link);
  void add_pair(Link& one, Link& other);

  // Looks at all links, five times a second, and in pairs passes on what changed. One line for each
  // change.
  std::vector<std::string> look();

 private:
  struct Port {
    Link* link = nullptr;
    std::size_t peer = 0;  // of a bridge; itself where there is none
    bool can_set = false;
    bool up = true;           // when last looked at
    bool taken_down = false;  // by us, after its peer: says nothing of its own cable
    bool refused = false;     // to be what its peer is
    bool gone = false;        // and it was said
    unsigned patience = kPatience;
  };
  void add(Link& link, std::size_t peer);
  void look(Port& port, std::vector<std::string>& lines);
  std::string pass_on(bool up, Port& to);

  std::vector<Port> ports_;
};

}  // namespace mailglass::nic
