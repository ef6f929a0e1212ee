// SPDX-License-Identifier: BSD-3-Clause
// The Internet checksum (RFC 1071) over headers and segments.
#pragma once

#include "base/bytes.h"
#include "wire/segment.h"

namespace mailglass::wire {

// The ones' complement sum of the 16-bit words of a header, folded, in the byte order of the data:
// compare it with words copied from there. An odd last octet is followed by a zero.
std::uint16_t ones_sum(Bytes octets);

// A whole IPv4 header. `unfinished`: 0, as some systems leave it to the NIC.
Checksum judge_ip(Bytes header);

// A whole TCP segment. `addresses` are source and destination as they lie in the IP header, 8 or 32
// octets. A checksum field that holds the sum of the pseudo header and no more is `unfinished`,
// even if by chance it is right as well: Linux leaves it so to the NIC, when it sends and when it
// merges what it received (GRO). With `strict` it must be right, and is `bad_tcp` otherwise.
Checksum judge_tcp(Bytes segment, Bytes addresses, bool strict);

}  // namespace mailglass::wire
