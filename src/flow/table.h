// SPDX-License-Identifier: BSD-3-Clause
// The flow table of one worker: fixed slots, an index of 64-octet buckets, no allocation, no lock.
//
// Memory: 112 octets a flow (flow.h) and, with `buckets_for`, 16 octets of index for each: 128
// octets a flow with everything included. The index holds a 16-bit tag and a slot number for each
// flow. A flow lives in one of two buckets: the first, or, once that is nearly full, the emptier of
// both (power of two choices). At the index's highest load, one half, no flow of 10^7 that came and
// went found both full, with a hash nobody can steer; overflowing only from full buckets, 1 of 1000
// did.
#pragma once

#include <emmintrin.h>

#include <bit>
#include <span>
#include <utility>

#include "flow/flow.h"
#include "flow/limits.h"

namespace mailglass::flow {

struct alignas(64) Bucket {
  static constexpr std::size_t kEntries = 8;
  std::uint16_t tag[kEntries];  // 0: empty
  std::uint32_t slot[kEntries];
  std::uint32_t spilled;  // flows whose first choice is this bucket, living in their second
};
static_assert(sizeof(Bucket) == 64);

// Whether no more was seen than the first segments of one side, which anybody can make up: such
// flows give way to others first. One-sided captures are spared: a few segments more are enough.
inline bool is_slight(const Flow& flow) {
  const unsigned client = flow.seen(Direction::to_server), server = flow.seen(Direction::to_client);
  return (client == 0 || server == 0) && client + server < Flow::kFew;
}

// One bit for each entry of the bucket whose tag is `tag`.
inline unsigned entries_with(const Bucket& bucket, std::uint16_t tag) {
  const __m128i tags = _mm_load_si128(reinterpret_cast<const __m128i*>(bucket.tag));
  const __m128i equal = _mm_cmpeq_epi16(tags, _mm_set1_epi16(static_cast<short>(tag)));
  return static_cast<unsigned>(_mm_movemask_epi8(_mm_packs_epi16(equal, _mm_setzero_si128())));
}

class FlowTable {
 public:
  static std::size_t groups_for(std::size_t flows) {
    return (flows + FlowGroup::kFlows - 1) / FlowGroup::kFlows;
  }
  static std::size_t buckets_for(std::size_t flows);  // a power of two, load at most one half

  // `groups` and `buckets` are zeroed, as many as the two above say, and outlive the table.
  FlowTable(std::span<FlowGroup> groups, std::span<Bucket> buckets, const Limits& limits,
            std::uint64_t seed);

  std::uint64_t hash(const FlowKey& key) const { return hash_of(key, seed_); }
  std::uint64_t key_into(KeyOf& of, const wire::Segment& segment) const {
    return flow::key_into(of, segment, seed_);
  }

  // The steps of a bulk look-up: bring the bucket into the cache, then the slot it names. True
  // where that shows only in the flow's other bucket, which is then on its way. Always inlined: GCC
  // takes a function that only asks for memory for one without effect, and drops its calls.
  [[gnu::always_inline]] void prefetch_bucket(std::uint64_t hash) const {
    __builtin_prefetch(&home(hash));
  }
  [[gnu::always_inline]] bool prefetch_flow(std::uint64_t hash) const;
  [[gnu::always_inline]] void prefetch_spilled(std::uint64_t hash) const;

  // The flow with this key, or null.
  Flow* find(const FlowKey& key, std::uint64_t hash);

  // A new flow with this key, which must not be there. Null when no slot is free, or both its
  // buckets are full (`Refusal` says which).
  enum class Refusal : std::uint8_t { none, table_full, bucket_full };
  Flow* open(const FlowKey& key, std::uint64_t hash, Tick now, Refusal& refusal);

  void close(Flow& flow);

  // Whether the flow has been silent for longer than its state allows. A capture's events must not
  // depend on when the hand below happens to pass, so users ask this on look-up as well.
  bool expired(const Flow& flow, Tick now) const {
    return now.us - flow.last.us > timeout_us_[static_cast<std::size_t>(flow.state)];
  }

  // Looks at the next `budget` slots, in order, round and round, and calls `end(Flow&)` for those
  // expired; `end` must close them. Constant work a burst, sequential in memory, no sweep.
  template <typename End>
  void age(Tick now, std::uint32_t budget, End&& end);

  // The flow to give up when the table is full, of the next few that are not mail: one that is over
  // and only lingers, else one of which hardly anything was seen, else the longest silent. So no
  // flood pushes out a live dialogue, or one that begins. Null if all of those are mail.
  Flow* victim();

  template <typename Visit>
  void for_each(Visit&& visit);

  std::uint32_t used() const { return used_; }
  std::uint32_t peak() const { return peak_; }
  std::uint64_t refused() const { return refused_; }  // `open` found no slot free
  std::uint32_t capacity() const { return capacity_; }

 private:
  static constexpr std::uint32_t kVictimSearch = 32;

  static std::uint16_t tag_of(std::uint64_t hash) {
    const auto tag = static_cast<std::uint16_t>(hash >> 48);
    return tag == 0 ? 1 : tag;
  }
  Bucket& home(std::uint64_t hash) const { return buckets_[hash & mask_]; }
  Bucket& other(std::uint64_t hash) const {
    return buckets_[(hash ^ (tag_of(hash) * 0x5bd1e995u)) & mask_];
  }
  // A slot is named by the number of its line.
  static constexpr std::uint32_t kLines = sizeof(FlowGroup) / sizeof(Flow);
  Flow& at(std::uint32_t slot) const { return lines_[slot]; }
  static std::uint32_t after(std::uint32_t slot) {
    return slot % kLines + 1 < FlowGroup::kFlows ? slot + 1 : slot + kLines + 1 - FlowGroup::kFlows;
  }
  // The slot in turn, round and round; not asked of a table that never had a flow.
  Flow& next_in_turn() {
    if (hand_ >= fresh_) hand_ = 0;
    return at(std::exchange(hand_, after(hand_)));
  }
  [[gnu::always_inline]] bool prefetch_from(const Bucket& bucket, std::uint16_t tag) const;
  Flow* find_in(const Bucket& bucket, std::uint16_t tag, const FlowKey& key);
  static bool erase_from(Bucket& bucket, std::uint32_t slot);

  Flow* lines_;
  std::span<Bucket> buckets_;
  std::uint64_t mask_;
  std::uint64_t seed_;
  std::int64_t timeout_us_[4];
  std::uint32_t capacity_;
  std::uint32_t end_;             // the slot behind the last
  std::uint32_t free_ = kNoSlot;  // threaded through Flow::session of free slots
  std::uint32_t fresh_ = 0;       // slots at or above were never used
  std::uint32_t hand_ = 0;
  std::uint32_t used_ = 0;
  std::uint32_t peak_ = 0;
  std::uint64_t refused_ = 0;
};

template <typename End>
void FlowTable::age(Tick now, std::uint32_t budget, End&& end) {
  for (std::uint32_t i = 0; i < budget && fresh_ != 0; ++i) {
    Flow& flow = next_in_turn();
    if (flow.state != State::free && expired(flow, now)) end(flow);
  }
  for (std::uint32_t i = 0; i < budget; ++i) __builtin_prefetch(lines_ + hand_ + i);  // next time's
}

template <typename Visit>
void FlowTable::for_each(Visit&& visit) {
  for (std::uint32_t i = 0; i < fresh_; i = after(i)) {
    if (at(i).state != State::free) visit(at(i));
  }
}

inline bool FlowTable::prefetch_from(const Bucket& bucket, std::uint16_t tag) const {
  const unsigned found = entries_with(bucket, tag);
  if (found == 0) return false;
  __builtin_prefetch(&at(bucket.slot[std::countr_zero(found)]));
  return true;
}

inline bool FlowTable::prefetch_flow(std::uint64_t hash) const {
  const Bucket& first = home(hash);
  if (prefetch_from(first, tag_of(hash)) || first.spilled == 0) return false;
  __builtin_prefetch(&other(hash));
  return true;
}

inline void FlowTable::prefetch_spilled(std::uint64_t hash) const {
  prefetch_from(other(hash), tag_of(hash));
}

inline Flow* FlowTable::find_in(const Bucket& bucket, std::uint16_t tag, const FlowKey& key) {
  for (unsigned found = entries_with(bucket, tag); found != 0; found &= found - 1) {
    Flow& flow = at(bucket.slot[std::countr_zero(found)]);
    if (flow.key == key) return &flow;
  }
  return nullptr;
}

inline Flow* FlowTable::find(const FlowKey& key, std::uint64_t hash) {
  const Bucket& first = home(hash);
  Flow* flow = find_in(first, tag_of(hash), key);
  if (flow == nullptr && first.spilled != 0) flow = find_in(other(hash), tag_of(hash), key);
  return flow;
}

}  // namespace mailglass::flow
