// SPDX-License-Identifier: BSD-3-Clause
// libFuzzer target: the whole pipeline, fed what a capture may hold.
//
//   octet 0   link type; octet 1: bit 0 rendered, bits 1-2 burst size, bit 3 few blocks
//   then frames: an octet of kind. Raw: 2 octets of length and the frame as it is. Made: a segment
//   with correct lengths and checksums whose flow, direction, flags, numbers and payload the input
//   chooses.
#include "tests/fuzz/frame_mutator.h"
#include "tests/fuzz/outcome.h"

namespace mailglass::test {
namespace {

// Sequence numbers as each end of a few connections would count them.
struct Ends {
  std::uint32_t next[2] = {1000, 0xffffff00};
};

Packet link_of(wire::LinkType link) {
  Packet packet;
  switch (link) {
    case wire::LinkType::kLinuxSll:
      return packet.linux_sll();
    case wire::LinkType::kLinuxSll2:
      return packet.linux_sll2();
    case wire::LinkType::kRaw:
      return packet.raw();
    case wire::LinkType::kNull:
      return packet.null();
    case wire::LinkType::kLoop:
      return packet.loop();
    case wire::LinkType::kEthernet:
      break;
  }
  return packet;
}

// kind: bit 1 direction, bits 2-3 flow, bit 4 numbers as they should be, bit 5 IPv6, bit 6 VLAN,
// bit 7 time passes; frame_mutator.h knows the language too.
Octets made_frame(wire::LinkType link, unsigned kind, Input& input, std::span<Ends> flows) {
  static constexpr unsigned kPorts[] = {25, 110, 8025, 24};
  const unsigned side = kind >> 1 & 1u, flow = kind >> 2 & 3u;
  Ends& ends = flows[flow];
  const unsigned flags = input.octet();
  std::uint32_t seq = ends.next[side], ack = ends.next[1 - side];
  if ((kind & 0x10u) == 0) {
    seq += static_cast<std::uint32_t>(static_cast<std::int8_t>(input.octet()) * 3);
    ack += static_cast<std::uint32_t>(static_cast<std::int8_t>(input.octet()) * 3);
  }
  const Bytes payload = input.octets(input.octet());
  Packet packet = link_of(link);
  if ((kind & 0x20u) != 0) {
    packet.ipv6("2001:db8::1", "2001:db8::2");
  } else {
    packet.ipv4("192.0.2.1", "192.0.2.2");
  }
  if ((kind & 0x40u) != 0) packet.vlan(7);
  packet.tcp(40000 + flow, kPorts[flow]).seq(seq).ack(ack).flags(flags).payload(as_text(payload));
  if ((kind & 0x10u) != 0) {
    const std::uint32_t one = (flags & 3u) != 0 ? 1 : 0;  // SYN and FIN take a number
    ends.next[side] = seq + static_cast<std::uint32_t>(payload.size()) + one;
  }
  return side == 0 ? packet.frame() : packet.reversed().frame();
}

void fuzz(Input input) {
  const auto link = static_cast<wire::LinkType>(input.octet() % 6);
  const unsigned choice = input.octet();
  Inspection::Options options;
  options.limits = tiny_limits();
  options.link = link;
  options.render = (choice & 1u) != 0;
  options.burst = std::size_t{1} << (2 * (choice >> 1 & 3u));
  if ((choice & 8u) != 0) options.limits.stream.blocks = options.limits.mail.blocks = 2;
  Inspection inspection(options);

  std::vector<TimedFrame> frames;
  Ends flows[4];
  Tick now{1'767'225'600'000'000};
  while (!input.empty()) {
    const unsigned kind = input.octet();
    now.us += (kind & 0x80u) != 0 ? std::int64_t{input.octet()} << 20 : 100;
    if ((kind & 1u) == 0) {
      const Bytes raw = input.octets(input.word() & 0x7ffu);
      frames.push_back({Octets(raw.begin(), raw.end()), now});
    } else {
      frames.push_back({made_frame(link, kind, input, flows), now});
    }
  }
  inspection.take(frames);
  inspection.finish();
  check_outcome(inspection);
}

}  // namespace
}  // namespace mailglass::test

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t room, unsigned seed) {
  return mailglass::test::FrameMutator(data, size, room, seed).mutate();
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size <= 1u << 16) mailglass::test::fuzz(mailglass::test::Input(data, size));
  return 0;
}
