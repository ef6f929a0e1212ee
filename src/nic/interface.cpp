// SPDX-License-Identifier: BSD-3-Clause
#include "nic/interface.h"

#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

namespace mailglass::nic {

Interface::Interface(std::string_view name)
    : control_(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
  ifreq request{};
  name.copy(request.ifr_name, sizeof request.ifr_name - 1);
  if (ioctl(control_, SIOCGIFINDEX, &request) == 0) index_ = request.ifr_ifindex;
}

Interface::~Interface() { close(control_); }

bool Interface::ask(unsigned long request, ifreq& answer) const {
  answer = {};
  answer.ifr_ifindex = index_;
  return ioctl(control_, SIOCGIFNAME, &answer) == 0 && ioctl(control_, request, &answer) == 0;
}

bool Interface::is_gone() const {
  ifreq answer;
  gone_ = gone_ || !sockets_.are_bound() || !ask(SIOCGIFFLAGS, answer);
  return gone_;
}

bool Interface::has_link() const {
  ifreq answer;
  return !is_gone() && ask(SIOCGIFFLAGS, answer) && (answer.ifr_flags & IFF_RUNNING) != 0;
}

std::uint32_t Interface::mtu() const {
  ifreq answer;
  return ask(SIOCGIFMTU, answer) && answer.ifr_mtu > 0 ? static_cast<std::uint32_t>(answer.ifr_mtu)
                                                       : 0;
}

}  // namespace mailglass::nic
