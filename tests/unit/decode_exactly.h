// SPDX-License-Identifier: BSD-3-Clause
// Decodes a frame from a heap buffer of exactly its size: a sanitizer sees the first octet read
// outside.
#pragma once

#include <memory>
#include <string>

#include "segment_rules.h"
#include "tests/support/packet_builder.h"
#include "wire/decode.h"

namespace mailglass::test {

struct Decoded {
  std::string drop;  // the name: readable when a test fails
  wire::Segment segment;
  std::unique_ptr<std::uint8_t[]> buffer;  // what the segment points into
  std::unique_ptr<WireRig> rig;

  std::string payload() const { return std::string(as_text(segment.payload)); }
};

inline Decoded decode_exactly(const Octets& frame, wire::LinkType link = wire::LinkType::kEthernet,
                              const wire::Limits& limits = small_wire()) {
  Decoded result{"", stale_segment(1), std::make_unique<std::uint8_t[]>(frame.size()), nullptr};
  std::copy(frame.begin(), frame.end(), result.buffer.get());
  const Bytes bytes(result.buffer.get(), frame.size());
  result.rig = std::make_unique<WireRig>(limits);
  result.drop = tally::name_of(result.rig->decode(link, {bytes, Tick{42}}, result.segment));
  return result;
}

inline Decoded decode_exactly(const Packet& packet, wire::LinkType link = wire::LinkType::kEthernet,
                              const wire::Limits& limits = small_wire()) {
  return decode_exactly(packet.frame(), link, limits);
}

}  // namespace mailglass::test
