// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "base/bytes.h"
#include "base/tick.h"

namespace mailglass {

// What a NIC said of a checksum. `unknown` where nobody looked: the frames of a capture.
enum class Verified : std::uint8_t { unknown, good, bad };

// One frame as captured, contiguous. The bytes belong to the port (an mbuf, or the worker's
// scratch for a chained one) and are valid until the burst they came in ends.
struct Frame {
  Bytes data;
  Tick time;
  // Of the outermost IP header and of the TCP segment right behind it: a mbuf's RX_IP_CKSUM and
  // RX_L4_CKSUM flags, GOOD and NONE (wrong in the frame, right on the wire) both being `good`.
  Verified ip = Verified::unknown;
  Verified tcp = Verified::unknown;
};

}  // namespace mailglass
