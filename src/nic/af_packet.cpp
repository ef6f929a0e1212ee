// SPDX-License-Identifier: BSD-3-Clause
#include "nic/af_packet.h"

#include <linux/if_packet.h>
#include <rte_mbuf.h>
#include <sys/socket.h>

#include <algorithm>
#include <bit>
#include <charconv>
#include <filesystem>

#include "nic/device_name.h"

namespace mailglass::nic {
namespace {

constexpr std::uint32_t kUsualSlot = 2048;  // of the driver
constexpr std::uint32_t kMostSlot = 32768;
constexpr std::uint32_t kLeastBlock = 4096;  // the driver's, a page

// In a slot the frame stands behind this: the kernel's header and address, with 16 octets for the
// link's header, aligned, less the 14 of Ethernet's.
constexpr std::uint32_t kBeforeFrame = 66;
static_assert(kBeforeFrame == TPACKET_ALIGN(TPACKET2_HDRLEN + 16) - 14);

// Frames to be sent stand behind the header alone.
constexpr std::uint32_t kBeforeSent = TPACKET2_HDRLEN - sizeof(sockaddr_ll);

constexpr std::uint32_t kTag = 4;

// Ethernet's header, and a tag that the kernel has not taken off.
constexpr std::uint32_t kOverMtu = 14 + kTag;

// 0: none of that option.
int option(int socket, int level, int name) {
  int value = 0;
  socklen_t size = sizeof value;
  return getsockopt(socket, level, name, &value, &size) == 0 ? value : 0;
}

// 0: it is no packet socket; -1: its interface went.
int interface_of(int socket) {
  sockaddr_ll address{};
  socklen_t size = sizeof address;
  if (getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) != 0) return 0;
  return address.sll_family == AF_PACKET ? address.sll_ifindex : 0;
}

}  // namespace

std::string with_slots(std::string arguments, std::uint32_t mtu, std::uint32_t slots) {
  if (!argument_of(arguments, "framesz").empty() || !argument_of(arguments, "blocksz").empty()) {
    return arguments;
  }
  const std::uint32_t room = std::min(mtu, kMostSlot) + kOverMtu + kBeforeFrame;
  const std::uint32_t slot = std::clamp(std::bit_ceil(room), kUsualSlot, kMostSlot);
  // Blocks are whole slots, one behind the other, and all are full: the driver counts on that.
  const std::uint32_t block = std::max(slot, kLeastBlock);
  if (argument_of(arguments, "framecnt").empty()) {
    arguments += ",framecnt=" + std::to_string((slots + 1) / 2 * 2);
  }
  return arguments + ",framesz=" + std::to_string(slot) + ",blocksz=" + std::to_string(block);
}

std::uint32_t slot_of(std::string_view arguments) {
  const std::string_view digits = argument_of(arguments, "framesz");
  std::uint32_t slot = kUsualSlot;
  std::from_chars(digits.data(), digits.data() + digits.size(), slot);
  return slot;
}

std::uint32_t longest_in(std::uint32_t slot) { return slot - std::min(slot, kBeforeFrame); }

std::uint32_t longest_sent(std::uint32_t slot) { return slot - std::min(slot, kBeforeSent + kTag); }

std::uint32_t data_room_for(std::uint32_t slot) {
  const std::uint32_t room = slot - std::min(slot, kBeforeSent) + RTE_PKTMBUF_HEADROOM;
  return std::clamp<std::uint32_t>(room, RTE_MBUF_DEFAULT_BUF_SIZE, UINT16_MAX);
}

PacketSockets::PacketSockets(int interface) : interface_(interface) {
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd", ignored)) {
    const std::string name = entry.path().filename();
    int fd = -1;
    std::from_chars(name.data(), name.data() + name.size(), fd);
    if (interface != 0 && interface_of(fd) == interface) sockets_.push_back(fd);
  }
}

bool PacketSockets::are_bound() const {
  return std::all_of(sockets_.begin(), sockets_.end(),
                     [this](int socket) { return interface_of(socket) == interface_; });
}

void PacketSockets::forget_errors() const {
  for (const int socket : sockets_) option(socket, SOL_SOCKET, SO_ERROR);  // asking forgets
}

std::uint64_t PacketSockets::lost() const {
  std::uint64_t lost = 0;
  for (const int socket : sockets_) {
    tpacket_stats stats{};
    socklen_t size = sizeof stats;
    if (getsockopt(socket, SOL_PACKET, PACKET_STATISTICS, &stats, &size) == 0) {
      lost += stats.tp_drops;
    }
  }
  return lost;
}

}  // namespace mailglass::nic
