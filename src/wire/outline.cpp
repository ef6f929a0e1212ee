// SPDX-License-Identifier: BSD-3-Clause
#include "wire/outline.h"

#include "wire/steps.h"

namespace mailglass::wire {

Outliner::Outliner(const Limits& limits) : limits_(limits) { limits_.checksums = Checksums::off; }

void Outliner::look(LinkType link, const Frame& frame, Outline& outline) {
  Segment segment;
  Noted noted{outline.fragment.data(), outline.fragment.size()};
  Walk walk{common_, frame, segment, frame.time, {frame.data, kUndeclared}};
  walk.noted = &noted;
  Layer layer = outermost(link);
  while (layer != Layer::tcp && layer != Layer::ended) layer = step(walk, layer);

  constexpr std::size_t kPorts = 4;
  const bool shown = layer == Layer::tcp && walk.content.captured.size() >= kPorts;
  outline.addresses = shown ? walk.ends : nullptr;
  outline.ports = shown ? walk.content.captured.data() : nullptr;
  outline.ipv6 = segment.ipv6;
  outline.fragments = noted.met;
  outline.behind_first =
      layer == Layer::ended && noted.met != 0 && walk.drop == tally::Drop::fragment_held;
}

}  // namespace mailglass::wire
