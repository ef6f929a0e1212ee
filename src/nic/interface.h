// SPDX-License-Identifier: BSD-3-Clause
// The kernel's interface below net_af_packet or net_af_xdp, which themselves say "up" whatever
// happens to it. Private to nic. Source: netdevice(7).
#pragma once

#include <net/if.h>

#include <cstdint>
#include <string>

#include "nic/af_packet.h"

namespace mailglass::nic {

class Interface {
 public:
  // The one of that name now; a later one of that name is another one.
  explicit Interface(std::string_view name);
  ~Interface();
  Interface(const Interface&) = delete;
  Interface& operator=(const Interface&) = delete;

  // Once the driver has opened its own.
  void find_sockets() { sockets_ = PacketSockets(index_); }

  // Removed, or out of this network namespace: for good, since the driver's sockets stay without.
  bool is_gone() const;
  bool has_link() const;
  std::uint32_t mtu() const;  // 0 where there is no telling
  const PacketSockets& sockets() const { return sockets_; }

 private:
  // Asks the kernel about it, whatever its name is by now. False: there is no answer.
  bool ask(unsigned long request, ifreq& answer) const;

  int control_;  // a socket to ask by
  int index_ = 0;
  PacketSockets sockets_;
  mutable bool gone_ = false;
};

}  // namespace mailglass::nic
