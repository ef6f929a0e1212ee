// SPDX-License-Identifier: BSD-3-Clause
#include "wire/decode.h"

#include <algorithm>

#include "wire/steps.h"

namespace mailglass::wire {
namespace {

// Nothing of what an earlier frame left, of what is not written on every way to a segment.
void begin(const Frame& frame, Segment& segment) {
  segment.time = frame.time;
  segment.lane = Lane{};
  segment.checksum = Checksum::unknown;
  segment.frame_octets = static_cast<std::uint32_t>(frame.data.size());
  segment.ether = nullptr;
  segment.tunnel = Tunnel{};
}

// Any frame, layer by layer.
[[gnu::noinline]] tally::Drop walk_all(Walk& walk, Layer layer) {
  begin(walk.frame, walk.segment);
  while (layer != Layer::tcp) {
    if (layer == Layer::ended) return walk.drop;
    layer = step(walk, layer);
  }
  return read_tcp(walk);
}

// What most frames are, TCP or UDP behind IP behind Ethernet: the same steps in one straight run,
// whose Walk is never in memory. False: more is needed.
inline bool walk_common(Walk walk, tally::Drop& drop) {
  Layer layer = read_ethernet(walk);
  if (layer == Layer::tags) layer = read_tags(walk);
  if (layer == Layer::ipv4) [[likely]] {
    layer = read_ipv4(walk);
  } else if (layer == Layer::ipv6) {
    layer = read_ipv6(walk);
  }
  if (layer == Layer::tcp) [[likely]] {
    drop = read_tcp(walk);
    return true;
  }
  if (layer == Layer::udp) layer = read_udp(walk);
  drop = walk.drop;
  return layer == Layer::ended;
}

}  // namespace

// Flattened: a step that were called would need the Walk in memory, which costs more than the step.
[[gnu::flatten]] tally::Drop Decoder::decode(LinkType link, const Frame& frame, Segment& segment) {
  now_ = std::max(now_, frame.time);
  tally::Drop drop;
  if (link == LinkType::kEthernet) [[likely]] {
    begin(frame, segment);
    if (walk_common({common_, frame, segment, now_, {frame.data, kUndeclared}}, drop)) return drop;
  }
  Walk walk{common_, frame, segment, now_, {frame.data, kUndeclared}};
  return walk_all(walk, outermost(link));
}

}  // namespace mailglass::wire
