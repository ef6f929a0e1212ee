// SPDX-License-Identifier: BSD-3-Clause
// Which worker a frame belongs to: the owner of the flow of its innermost TCP segment, so that both
// directions meet one worker whatever RSS did. Private to nic.
#pragma once

#include <vector>

#include "base/bytes.h"
#include "nic/flow_hash.h"
#include "nic/fragment_routes.h"
#include "wire/outline.h"

namespace mailglass::nic {

// What the worker that has a frame is to do with it.
enum class Duty : std::uint8_t {
  steer,     // find out whose it is
  fragment,  // learn where the fragments of its datagram go, and send it after them
  inside,    // learn that of the datagram inside that datagram
  inspect,   // it is its own
};

// Where a frame goes.
class Destination {
 public:
  virtual void keep(const Moving& frame) = 0;
  virtual void send(unsigned worker, const Moving& frame, Duty duty) = 0;

 protected:
  ~Destination() = default;
};

// One worker's.
class Steering {
 public:
  // `seed` is the same for all workers.
  Steering(const wire::Limits& limits, const Owners& owners, unsigned self, std::uint64_t seed)
      : owners_(owners),
        self_(self),
        seed_(seed),
        outliner_(limits),
        routes_(limits.fragment_seconds, seed) {
    released_.reserve(FragmentRoutes::kWaiting);
    given_up_.reserve(FragmentRoutes::kWaiting);
  }

  // TCP behind IP behind Ethernet and nothing else, which most frames are; -1 for all others.
  int owner_of_plain(Bytes frame) const;

  // Any frame; `octets` are all of its octets.
  void steer(const Moving& frame, Bytes octets, Duty duty, Destination& to);

  // Fragments whose first one never came are kept here.
  void age(Tick now, Destination& to);
  void give_up_all(Destination& to);
  std::uint32_t waiting() const { return routes_.waiting(); }

 private:
  using Route = FragmentRoutes::Route;

  // Any worker will do, but for all fragments of a datagram the same.
  unsigned joiner_of(const wire::FragmentKey& key) const {
    return mix_of(key, seed_) % owners_.workers;
  }
  Route owner_of(const wire::Outline& outline) const;
  void join(const Moving& frame, Duty duty, Destination& to);
  void join_inside(const wire::FragmentKey& key, const Moving& frame, bool first, Destination& to);
  void follow(const Route& route, const Moving& frame, Duty duty, bool shown, Destination& to);
  void wait(const wire::FragmentKey& key, const Moving& frame, Destination& to);
  void give(unsigned worker, const Moving& frame, Destination& to);
  void keep_given_up(Destination& to);

  Owners owners_;
  unsigned self_;
  std::uint64_t seed_;
  wire::Outliner outliner_;
  wire::Outline outline_;
  FragmentRoutes routes_;
  std::vector<Moving> released_, given_up_;
};

inline int Steering::owner_of_plain(Bytes frame) const {
  constexpr std::size_t kEthernet = 14, kIpv4 = 20, kIpv6 = 40, kPorts = 4;
  if (frame.size() < kEthernet + kIpv4 + kPorts) return -1;
  const std::uint8_t* const ip = frame.data() + kEthernet;
  const unsigned type = unsigned{frame[12]} << 8 | frame[13];
  FoldedTuple tuple;
  if (type == 0x0800 && ip[0] == 0x45 && ip[9] == 6 && (ip[6] & 0x3f) == 0 && ip[7] == 0) {
    tuple.add<8>(ip + 12);
    tuple.add<kPorts>(ip + kIpv4);
  } else if (type == 0x86dd && ip[6] == 6 && frame.size() >= kEthernet + kIpv6 + kPorts) {
    tuple.add<32>(ip + 8);
    tuple.add<kPorts>(ip + kIpv6);
  } else {
    return -1;
  }
  return static_cast<int>(owners_.of(toeplitz(tuple)));
}

}  // namespace mailglass::nic
