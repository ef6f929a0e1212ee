// SPDX-License-Identifier: BSD-3-Clause
#include "wire/decode.h"

#include "wire/link.h"

namespace mailglass::wire {

tally::Drop decode(LinkType link, const Frame& frame, Segment& segment) {
  segment.time = frame.time;
  segment.lane = Lane{};
  segment.frame_octets = static_cast<std::uint32_t>(frame.data.size());
  segment.ether = nullptr;
  switch (link) {
    case LinkType::kEthernet:
      return parse_ethernet(frame.data, segment);
    case LinkType::kLinuxSll:
      return parse_cooked<LinuxSllHeader>(frame.data, segment);
    case LinkType::kLinuxSll2:
      return parse_cooked<LinuxSll2Header>(frame.data, segment);
    case LinkType::kRaw:
      return parse_raw(frame.data, segment);
    case LinkType::kNull:
      return parse_null(frame.data, segment);
    case LinkType::kLoop:
      return parse_loop(frame.data, segment);
  }
  return tally::Drop::link_unknown;  // no such enumerator
}

}  // namespace mailglass::wire
