// SPDX-License-Identifier: BSD-3-Clause
// wire: one frame down to its segment. The frames are warm: what it costs to fetch one from memory
// is the baseline pipeline's to tell.
#include <vector>

#include "perf/micro/measured.h"
#include "tests/support/packet_builder.h"
#include "tests/support/tunnels.h"
#include "tests/support/wire_rig.h"

namespace mailglass::perf {
namespace {

constexpr std::size_t kFrames = 64;
constexpr std::size_t kPayload = 700;

test::Packet addressed(bool ipv6) {
  test::Packet packet;
  ipv6 ? packet.ipv6("2001:db8::1", "2001:db8::25") : packet.ipv4("192.0.2.1", "192.0.2.25");
  return packet.tcp(40000, 25).ack(1).payload(std::string(kPayload, 'x'));
}

// `nic`: what it said of the checksums. Without its word they are computed.
void decode(benchmark::State& state, const test::Packet& packet, Verified nic = Verified::good) {
  std::vector<test::Octets> frames(kFrames, packet.frame());
  test::WireRig rig;
  std::uint64_t payload = 0;
  Measured measured(state);
  for (auto _ : state) {
    for (const test::Octets& octets : frames) {
      wire::Segment segment;
      const Frame frame{octets, Tick{}, nic, nic};
      const auto fate = rig.decode(wire::LinkType::kEthernet, frame, segment);
      if (fate == tally::Drop::none) payload += segment.payload.size();
    }
  }
  measured.end(kFrames);
  measured.expect(payload, kFrames * kPayload);
}

// A frame that is not TCP ends here: what the rest of the traffic on a link costs.
void decode_udp(benchmark::State& state) {
  auto packet = addressed(false);
  std::vector<test::Octets> frames(kFrames, packet.protocol(17).frame());
  test::WireRig rig;
  std::uint64_t refused = 0;
  Measured measured(state);
  for (auto _ : state) {
    for (const test::Octets& octets : frames) {
      wire::Segment segment;
      const auto fate = rig.decode(wire::LinkType::kEthernet, {octets, Tick{}}, segment);
      refused += fate == tally::Drop::udp ? 1 : 0;
    }
  }
  measured.end(kFrames);
  measured.expect(refused, kFrames);
}

BENCHMARK_CAPTURE(decode, ethernet_ipv4, addressed(false));
BENCHMARK_CAPTURE(decode, vlan_ipv4, addressed(false).vlan(7));
BENCHMARK_CAPTURE(decode, qinq_ipv4, addressed(false).vlan(7, 0x88a8).vlan(9));
BENCHMARK_CAPTURE(decode, ethernet_ipv6, addressed(true));
BENCHMARK_CAPTURE(decode, ethernet_ipv4_unverified, addressed(false), Verified::unknown);
BENCHMARK_CAPTURE(decode, vxlan_ipv4,
                  test::Packet().carry(17, test::vxlan(42, addressed(false).frame())));
BENCHMARK_CAPTURE(decode, ipv6_hop_by_hop, addressed(true).extension(0, {0, 1, 4, 0, 0, 0, 0}));
BENCHMARK(decode_udp);

}  // namespace
}  // namespace mailglass::perf
