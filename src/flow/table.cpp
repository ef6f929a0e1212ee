// SPDX-License-Identifier: BSD-3-Clause
#include "flow/table.h"

#include <algorithm>
#include <bit>
#include <cassert>

namespace mailglass::flow {
namespace {

// A bucket with no more free entries than this shares its load with the other. Sharing sooner costs
// a second cache line more often; later lets some bucket pairs fill up (see table.h).
constexpr int kNearlyFull = 2;

}  // namespace

std::size_t FlowTable::buckets_for(std::size_t flows) {
  return std::bit_ceil(std::max<std::size_t>(flows, Bucket::kEntries)) * 2 / Bucket::kEntries;
}

FlowTable::FlowTable(std::span<FlowGroup> groups, std::span<Bucket> buckets, const Limits& limits,
                     std::uint64_t seed)
    : lines_(groups.front().flow),
      buckets_(buckets),
      mask_(buckets.size() - 1),
      seed_(seed),
      capacity_(limits.flows),
      end_(capacity_ / FlowGroup::kFlows * kLines + capacity_ % FlowGroup::kFlows) {
  assert(groups.size() == groups_for(capacity_));
  assert(std::has_single_bit(buckets.size()) && buckets.size() == buckets_for(capacity_));
  const auto seconds = [](std::uint32_t s) { return std::int64_t{s} * kMicrosecondsPerSecond; };
  timeout_us_[static_cast<std::size_t>(State::free)] = 0;
  timeout_us_[static_cast<std::size_t>(State::opening)] = seconds(limits.opening_seconds);
  timeout_us_[static_cast<std::size_t>(State::established)] = seconds(limits.idle_seconds);
  timeout_us_[static_cast<std::size_t>(State::closed)] = seconds(limits.closed_seconds);
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
    free_ = at(slot).session;
  } else if (fresh_ < end_) {
    slot = std::exchange(fresh_, after(fresh_));
  } else {
    ++refused_;
    return refusal = Refusal::table_full, nullptr;
  }
  if (spills) ++home(hash).spilled;
  const int entry = std::countr_zero(empty);
  bucket->tag[entry] = tag_of(hash);
  bucket->slot[entry] = slot;
  peak_ = std::max(peak_, ++used_);

  Flow& flow = at(slot);
  flow = Flow{};
  flow.place = slot % kLines & 3u;
  flow.detail() = FlowDetail{};
  flow.key = key;
  flow.detail().first = flow.last = now;
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
  const auto slot = static_cast<std::uint32_t>(&flow - lines_);
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
    Flow& flow = next_in_turn();
    if (flow.state == State::free || flow.verdict == Verdict::mail) continue;
    if (oldest == nullptr || before(flow, *oldest)) oldest = &flow;
  }
  return oldest;
}

}  // namespace mailglass::flow
