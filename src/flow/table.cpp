// SPDX-License-Identifier: BSD-3-Clause
#include "flow/table.h"

#include <emmintrin.h>

#include <algorithm>
#include <bit>
#include <cassert>

namespace mailglass::flow {
namespace {

// A bucket with no more free entries than this shares its load with the other. Sharing sooner costs
// a second cache line more often; later lets some bucket pairs fill up (see table.h).
constexpr int kNearlyFull = 2;

// One bit for each entry of the bucket whose tag is `tag`.
unsigned entries_with(const Bucket& bucket, std::uint16_t tag) {
  const __m128i tags = _mm_load_si128(reinterpret_cast<const __m128i*>(bucket.tag));
  const __m128i equal = _mm_cmpeq_epi16(tags, _mm_set1_epi16(static_cast<short>(tag)));
  return static_cast<unsigned>(_mm_movemask_epi8(_mm_packs_epi16(equal, _mm_setzero_si128())));
}

}  // namespace

std::size_t FlowTable::buckets_for(std::size_t flows) {
  return std::bit_ceil(std::max<std::size_t>(flows, Bucket::kEntries)) * 2 / Bucket::kEntries;
}

FlowTable::FlowTable(std::span<Flow> slots, std::span<Bucket> buckets, const Limits& limits,
                     std::uint64_t seed)
    : slots_(slots), buckets_(buckets), mask_(buckets.size() - 1), seed_(seed) {
  assert(std::has_single_bit(buckets.size()) && buckets.size() == buckets_for(slots.size()));
  const auto seconds = [](std::uint32_t s) { return std::int64_t{s} * kMicrosecondsPerSecond; };
  timeout_us_[static_cast<std::size_t>(State::free)] = 0;
  timeout_us_[static_cast<std::size_t>(State::opening)] = seconds(limits.opening_seconds);
  timeout_us_[static_cast<std::size_t>(State::established)] = seconds(limits.idle_seconds);
  timeout_us_[static_cast<std::size_t>(State::closed)] = seconds(limits.closed_seconds);
}

inline bool FlowTable::prefetch_from(const Bucket& bucket, std::uint16_t tag) const {
  const unsigned found = entries_with(bucket, tag);
  if (found == 0) return false;
  // Of 112 octets from any multiple of 16 on: two lines or three.
  const auto* flow = reinterpret_cast<const char*>(&slots_[bucket.slot[std::countr_zero(found)]]);
  __builtin_prefetch(flow);
  __builtin_prefetch(flow + 64);
  __builtin_prefetch(flow + sizeof(Flow) - 1);
  return true;
}

bool FlowTable::prefetch_flow(std::uint64_t hash) const {
  const Bucket& first = home(hash);
  if (prefetch_from(first, tag_of(hash)) || first.spilled == 0) return false;
  __builtin_prefetch(&other(hash));
  return true;
}

void FlowTable::prefetch_spilled(std::uint64_t hash) const {
  prefetch_from(other(hash), tag_of(hash));
}

Flow* FlowTable::find_in(const Bucket& bucket, std::uint16_t tag, const FlowKey& key) {
  for (unsigned found = entries_with(bucket, tag); found != 0; found &= found - 1) {
    Flow& flow = slots_[bucket.slot[std::countr_zero(found)]];
    if (flow.key == key) return &flow;
  }
  return nullptr;
}

Flow* FlowTable::find(const FlowKey& key, std::uint64_t hash) {
  const Bucket& first = home(hash);
  Flow* flow = find_in(first, tag_of(hash), key);
  if (flow == nullptr && first.spilled != 0) flow = find_in(other(hash), tag_of(hash), key);
  return flow;
}

Flow* FlowTable::open(const FlowKey& key, std::uint64_t hash, Tick now, Refusal& refusal) {
  Bucket* bucket = &home(hash);
  unsigned empty = entries_with(*bucket, 0);
  bool spills = false;
  if (std::popcount(empty) <= kNearlyFull) {
    Bucket& second = other(hash);
    const unsigned there = entries_with(second, 0);
    spills = std::popcount(there) > std::popcount(empty);
    if (spills) bucket = &second, empty = there;
    if (empty == 0) return refusal = Refusal::bucket_full, nullptr;
  }
  std::uint32_t slot = free_;
  if (slot != kNoSlot) {
    free_ = slots_[slot].session;
  } else if (fresh_ < slots_.size()) {
    slot = fresh_++;
  } else {
    ++refused_;
    return refusal = Refusal::table_full, nullptr;
  }
  if (spills) ++home(hash).spilled;
  const int entry = std::countr_zero(empty);
  bucket->tag[entry] = tag_of(hash);
  bucket->slot[entry] = slot;
  peak_ = std::max(peak_, ++used_);

  Flow& flow = slots_[slot];
  flow = Flow{};
  flow.key = key;
  flow.first = flow.last = now;
  flow.state = State::opening;
  refusal = Refusal::none;
  return &flow;
}

bool FlowTable::erase_from(Bucket& bucket, std::uint32_t slot) {
  for (std::size_t i = 0; i < Bucket::kEntries; ++i) {
    if (bucket.tag[i] != 0 && bucket.slot[i] == slot) return bucket.tag[i] = 0, true;
  }
  return false;
}

void FlowTable::close(Flow& flow) {
  assert(flow.state != State::free);
  const std::uint64_t hash = hash_of(flow.key, seed_);
  const auto slot = static_cast<std::uint32_t>(&flow - slots_.data());
  if (!erase_from(home(hash), slot)) {
    [[maybe_unused]] const bool found = erase_from(other(hash), slot);
    assert(found);
    --home(hash).spilled;
  }
  flow.state = State::free;
  flow.session = free_;
  free_ = slot;
  --used_;
}

Flow* FlowTable::victim() {
  Flow* oldest = nullptr;
  const auto worth = [](const Flow& flow) {
    return flow.state == State::closed ? 0 : is_slight(flow) ? 1 : 2;
  };
  const auto before = [&worth](const Flow& a, const Flow& b) {
    return worth(a) != worth(b) ? worth(a) < worth(b) : a.last < b.last;
  };
  for (std::uint32_t i = 0; i < kVictimSearch && i < fresh_; ++i) {
    if (hand_ >= fresh_) hand_ = 0;
    Flow& flow = slots_[hand_++];
    if (flow.state == State::free || flow.verdict == Verdict::mail) continue;
    if (oldest == nullptr || before(flow, *oldest)) oldest = &flow;
  }
  return oldest;
}

}  // namespace mailglass::flow
