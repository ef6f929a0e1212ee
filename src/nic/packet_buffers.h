// SPDX-License-Identifier: BSD-3-Clause
// How many packet buffers there are. Private to nic.
#pragma once

#include <cstdint>

#include "nic/live_settings.h"

namespace mailglass::nic {

// Of the ring from one worker to another.
unsigned ring_slots(unsigned workers);

// Every mbuf that can be somewhere while every descriptor still has one.
unsigned packet_buffers(const LiveSettings& settings, unsigned descriptors);

// What they take, each with room for so many octets.
std::uint64_t octets_of_buffers(unsigned buffers, std::uint32_t room);

constexpr unsigned kPoolCache = 256;  // mbufs that an lcore keeps at hand

}  // namespace mailglass::nic
