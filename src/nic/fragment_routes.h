// SPDX-License-Identifier: BSD-3-Clause
// Where the fragments of an IP datagram go. Only the first one shows the ports, so only it tells
// the flow's owner; one worker, chosen by what all fragments have, learns that and sends the others
// after it. What comes before the first waits here. Private to nic.
#pragma once

#include <cstdint>
#include <vector>

#include "base/tick.h"
#include "wire/fragments.h"

struct rte_mbuf;

namespace mailglass::nic {

// A frame on its way between workers, or waiting.
struct Moving {
  rte_mbuf* mbuf = nullptr;
  Tick time;
};

// Full: the oldest datagram is given up. What waited of it goes to this worker, whose decoder names
// its end.
class FragmentRoutes {
 public:
  static constexpr std::uint32_t kDatagrams = 1024;
  static constexpr std::uint32_t kWaiting = 256;  // frames, of all datagrams together

  // `seed` is secret in service: see mix_of.
  FragmentRoutes(std::uint32_t seconds, std::uint64_t seed);

  // Where a datagram's frames go: to a worker, or to wherever those of the datagram inside it go.
  struct Route {
    enum class Kind : std::uint8_t { unknown, worker, inside } kind = Kind::unknown;
    unsigned worker = 0;
    wire::FragmentKey key{};  // of the datagram inside
  };

  // Unknown where nobody said yet.
  Route find(const wire::FragmentKey& key, Tick now);

  // What the first fragment showed. What waited for that is appended to `released`, in its order,
  // what had to give way to `given_up`.
  void learn(const wire::FragmentKey& key, const Route& route, Tick now,
             std::vector<Moving>& released, std::vector<Moving>& given_up);

  // Until the route is known. What had to give way is appended to `given_up`.
  void wait(const wire::FragmentKey& key, const Moving& frame, Tick now,
            std::vector<Moving>& given_up);

  // Datagrams whose time is over; not many at once.
  void age(Tick now, std::vector<Moving>& given_up);

  std::uint32_t waiting() const { return waits_; }

  // All that waits.
  void give_up_all(std::vector<Moving>& given_up);

 private:
  struct Datagram {
    wire::FragmentKey key;
    Route route;
    Tick since;                // it came, or its route was learnt
    std::uint32_t chain;       // next in the same bucket
    std::uint32_t head, tail;  // of `waiting_`
  };
  struct Waiting {
    Moving frame;
    std::uint32_t next;
  };

  bool is_old(const Datagram& d, Tick now) const;
  std::uint32_t& bucket_of(const wire::FragmentKey& key);
  std::uint32_t slot_of(const wire::FragmentKey& key);
  std::uint32_t slot_for(const wire::FragmentKey& key, Tick now, std::vector<Moving>& given_up);
  void release(Datagram& d, std::vector<Moving>& to);
  void drop_oldest(std::vector<Moving>& given_up);

  std::uint64_t seed_;
  std::int64_t timeout_us_;
  // In order of their first frame: a queue that goes round.
  std::vector<Datagram> datagrams_;
  std::vector<std::uint32_t> buckets_;
  std::uint32_t oldest_ = 0, used_ = 0;
  std::vector<Waiting> waiting_;
  std::uint32_t free_ = 0, waits_ = 0;
};

// A number that all fragments of a datagram have in common. A seed that nobody knows keeps whoever
// chooses addresses and identifications from aiming at one bucket, or at one worker.
std::uint32_t mix_of(const wire::FragmentKey& key, std::uint64_t seed);

}  // namespace mailglass::nic
