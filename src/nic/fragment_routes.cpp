// SPDX-License-Identifier: BSD-3-Clause
#include "nic/fragment_routes.h"

#include <cstring>

#include "base/mix.h"

namespace mailglass::nic {
namespace {

constexpr std::uint32_t kNone = 0xffffffff;
constexpr std::uint32_t kAgeAtOnce = 8;

// A datagram's fragments come within milliseconds, and a busy sender of IPv4 has used up its
// numbers within a second or so (RFC 4963): an old route would lead a new datagram astray.
constexpr std::int64_t kRouteUs = 2 * kMicrosecondsPerSecond;

}  // namespace

std::uint32_t mix_of(const wire::FragmentKey& key, std::uint64_t seed) {
  std::uint32_t word[sizeof key / 4];
  std::memcpy(word, &key, sizeof key);
  std::uint64_t mix = seed;
  for (const std::uint32_t w : word) mix = mixed(mix, w);
  return static_cast<std::uint32_t>(mix >> 32);
}

FragmentRoutes::FragmentRoutes(std::uint32_t seconds, std::uint64_t seed)
    : seed_(seed),
      timeout_us_(std::int64_t{seconds} * kMicrosecondsPerSecond),
      datagrams_(kDatagrams),
      buckets_(kDatagrams, kNone),
      waiting_(kWaiting) {
  for (std::uint32_t i = 0; i < kWaiting; ++i) waiting_[i].next = i + 1 < kWaiting ? i + 1 : kNone;
}

bool FragmentRoutes::is_old(const Datagram& d, Tick now) const {
  const bool known = d.route.kind != Route::Kind::unknown;
  return now.us - d.since.us > (known ? kRouteUs : timeout_us_);
}

// ---- the index ----------------------------------------------------------------------------------

std::uint32_t& FragmentRoutes::bucket_of(const wire::FragmentKey& key) {
  return buckets_[mix_of(key, seed_) % kDatagrams];
}

std::uint32_t FragmentRoutes::slot_of(const wire::FragmentKey& key) {
  std::uint32_t slot = bucket_of(key);
  while (slot != kNone && !(datagrams_[slot].key == key)) slot = datagrams_[slot].chain;
  return slot;
}

std::uint32_t FragmentRoutes::slot_for(const wire::FragmentKey& key, Tick now,
                                       std::vector<Moving>& given_up) {
  if (const std::uint32_t slot = slot_of(key); slot != kNone) return slot;
  if (used_ == kDatagrams) drop_oldest(given_up);
  const std::uint32_t slot = (oldest_ + used_++) % kDatagrams;
  std::uint32_t& bucket = bucket_of(key);
  datagrams_[slot] = {key, {}, now, bucket, kNone, kNone};
  bucket = slot;
  return slot;
}

void FragmentRoutes::drop_oldest(std::vector<Moving>& given_up) {
  Datagram& d = datagrams_[oldest_];
  release(d, given_up);
  std::uint32_t* link = &bucket_of(d.key);
  while (*link != oldest_) link = &datagrams_[*link].chain;
  *link = d.chain;
  oldest_ = (oldest_ + 1) % kDatagrams;
  --used_;
}

void FragmentRoutes::release(Datagram& d, std::vector<Moving>& to) {
  while (d.head != kNone) {
    const std::uint32_t at = d.head;
    to.push_back(waiting_[at].frame);
    d.head = waiting_[at].next;
    waiting_[at].next = free_;
    free_ = at;
    --waits_;
  }
  d.tail = kNone;
}

// ---- routes -------------------------------------------------------------------------------------

FragmentRoutes::Route FragmentRoutes::find(const wire::FragmentKey& key, Tick now) {
  const std::uint32_t slot = slot_of(key);
  if (slot == kNone || is_old(datagrams_[slot], now)) return {};
  return datagrams_[slot].route;
}

void FragmentRoutes::learn(const wire::FragmentKey& key, const Route& route, Tick now,
                           std::vector<Moving>& released, std::vector<Moving>& given_up) {
  Datagram& d = datagrams_[slot_for(key, now, given_up)];
  d.route = route;
  d.since = now;  // its place in the queue stays
  release(d, released);
}

void FragmentRoutes::wait(const wire::FragmentKey& key, const Moving& frame, Tick now,
                          std::vector<Moving>& given_up) {
  while (free_ == kNone) drop_oldest(given_up);
  Datagram& d = datagrams_[slot_for(key, now, given_up)];
  if (d.route.kind != Route::Kind::unknown || is_old(d, now)) d.since = now, d.route = {};
  const std::uint32_t at = free_;
  free_ = waiting_[at].next;
  waiting_[at] = {frame, kNone};
  (d.tail == kNone ? d.head : waiting_[d.tail].next) = at;
  d.tail = at;
  ++waits_;
}

void FragmentRoutes::age(Tick now, std::vector<Moving>& given_up) {
  for (std::uint32_t i = 0; i < kAgeAtOnce && used_ != 0; ++i) {
    if (!is_old(datagrams_[oldest_], now)) return;
    drop_oldest(given_up);
  }
}

void FragmentRoutes::give_up_all(std::vector<Moving>& given_up) {
  while (used_ != 0) drop_oldest(given_up);
}

}  // namespace mailglass::nic
