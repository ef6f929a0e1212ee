// SPDX-License-Identifier: BSD-3-Clause
// What DPDK's net_af_packet keeps to itself: its rings are 512 slots of 2048 octets whatever the
// MTU, longer frames arrive cut and without a sign, and its sockets know what the kernel lost, and
// whether the interface below is still theirs. Private to nic. Source: packet(7), the kernel's
// Documentation/networking/packet_mmap.rst.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace mailglass::nic {

// The driver's arguments, with slots for whole frames of this MTU, and about so many of them, where
// they say nothing of that. Slots end at 32 KiB: an mbuf holds no 64.
std::string with_slots(std::string arguments, std::uint32_t mtu, std::uint32_t slots);

// What a slot is by such arguments, and the longest frame it has room for; of those to be sent,
// one without a VLAN's tag.
std::uint32_t slot_of(std::string_view arguments);
std::uint32_t longest_in(std::uint32_t slot);
std::uint32_t longest_sent(std::uint32_t slot);
// The data room of an mbuf that the driver finds large enough.
std::uint32_t data_room_for(std::uint32_t slot);

// The driver's sockets.
class PacketSockets {
 public:
  PacketSockets() = default;
  // Those of this process that are bound to an interface, by its index.
  explicit PacketSockets(int interface);

  // False once the interface was removed, or moved to another namespace: for good, even when it is
  // back under its name and number.
  bool are_bound() const;
  // One of a link that went would be charged to the frames sent when it is back.
  void forget_errors() const;
  // Frames the kernel had no slot for, since the last call. 0 where the driver asked before.
  std::uint64_t lost() const;

 private:
  std::vector<int> sockets_;  // the driver closes them
  int interface_ = 0;
};

}  // namespace mailglass::nic
