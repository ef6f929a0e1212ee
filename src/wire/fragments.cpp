// SPDX-License-Identifier: BSD-3-Clause
#include "wire/fragments.h"

#include <algorithm>
#include <bit>
#include <cassert>

#include "base/mix.h"

namespace mailglass::wire {

using tally::Count;
using tally::Drop;

namespace {

constexpr std::uint32_t kUnit = 8;
constexpr std::uint32_t kUnitsInWord = 64;
constexpr std::uint32_t kWordsInBlock = FragmentBlock::kOctets / kUnit / kUnitsInWord;

// Given up for age with each fragment: more than one fragment can begin.
constexpr std::uint32_t kAgePerFragment = 2;

std::uint32_t units_of(std::size_t octets) {
  return static_cast<std::uint32_t>((octets + kUnit - 1) / kUnit);
}

// Calls visit(word, mask) for each 64 units that [from, to) touches, until it says false.
template <typename Visit>
bool for_each_word(std::uint32_t from, std::uint32_t to, Visit&& visit) {
  while (from < to) {
    const std::uint32_t bit = from % kUnitsInWord;
    const std::uint32_t count = std::min(kUnitsInWord - bit, to - from);
    const std::uint64_t mask = (~std::uint64_t{0} >> (kUnitsInWord - count)) << bit;
    if (!visit(from / kUnitsInWord, mask)) return false;
    from += count;
  }
  return true;
}

// Calls visit(block, offset in it, part of the fragment) for each block it touches.
template <typename Visit>
bool for_each_block(const Fragment& fragment, Visit&& visit) {
  std::uint32_t at = fragment.offset;
  Bytes rest = fragment.octets;
  while (!rest.empty()) {
    const std::uint32_t inside = at % FragmentBlock::kOctets;
    const std::size_t count = std::min<std::size_t>(FragmentBlock::kOctets - inside, rest.size());
    if (!visit(at / FragmentBlock::kOctets, inside, rest.first(count))) return false;
    at += static_cast<std::uint32_t>(count);
    rest = rest.subspan(count);
  }
  return true;
}

// RFC 8200 section 4.5 has such a fragment discarded, not its datagram.
bool malformed(const Fragment& f) {
  if (f.octets.empty() || (f.more && f.octets.size() % kUnit != 0)) return true;
  return f.header_octets + f.offset + f.octets.size() > kMaxDatagram;
}

}  // namespace

Fragments::Fragments(const Memory& memory, std::uint32_t seconds, std::uint64_t seed,
                     tally::Counters& counters)
    : memory_(memory),
      timeout_us_(std::int64_t{seconds} * kMicrosecondsPerSecond),
      seed_(seed),
      counters_(counters) {
  assert(std::has_single_bit(memory.buckets.size()));
  std::fill(memory_.buckets.begin(), memory_.buckets.end(), kNoSlot);
}

Fragments::Outcome Fragments::take(const Fragment& fragment, Tick now) {
  age(now, kAgePerFragment);
  if (malformed(fragment)) return {Drop::fragment_malformed, 0, 0, {}};

  std::uint32_t slot = find(fragment.key, now);
  if (slot == kNoSlot) slot = begin(fragment.key, now);
  if (slot == kNoSlot) return {Drop::fragment_full, 0, 0, {}};
  Datagram& d = memory_.datagrams[slot];
  if (d.fate != Drop::none) return after_end(slot, fragment);
  if (fragment.offset == 0 && fragment.fate != Drop::none) {
    const bool refused = fragment.fate == Drop::fragment_header_split;
    end(slot, fragment.fate, refused ? Count::datagrams_refused : Count::datagrams_unwanted);
    return after_end(slot, fragment);
  }

  const Meets meets = survey(d, fragment);
  if (contradicts(d, fragment) || meets == Meets::part ||
      (meets == Meets::all && !repeats(d, fragment))) {
    return end(slot, Drop::fragment_overlap, Count::datagrams_refused);
  }
  if (meets == Meets::all) return {Drop::fragment_duplicate, 0, 0, {}};
  if (!store(slot, fragment, now)) {
    return end(slot, Drop::fragment_full, Count::datagrams_evicted);
  }
  if (d.total != 0 && d.units == units_of(d.total)) return put_together(slot);
  return {Drop::fragment_held, 0, 0, {}};
}

// ---- the index ----------------------------------------------------------------------------------

std::uint32_t& Fragments::bucket_of(const FragmentKey& key) {
  std::uint32_t word[sizeof key / 4];
  std::memcpy(word, &key, sizeof key);
  std::uint64_t hash = seed_;
  for (const std::uint32_t w : word) hash = mixed(hash, w);
  return memory_.buckets[hash & (memory_.buckets.size() - 1)];
}

std::uint32_t Fragments::find(const FragmentKey& key, Tick now) {
  for (std::uint32_t slot = bucket_of(key); slot != kNoSlot; slot = memory_.datagrams[slot].chain) {
    const Datagram& d = memory_.datagrams[slot];
    if (!(d.key == key)) continue;
    if (!expired(d, now)) return slot;
    if (d.fate == Drop::none) counters_.add(Count::datagrams_timeout);
    remove(slot);
    return kNoSlot;
  }
  return kNoSlot;
}

std::uint32_t Fragments::begin(const FragmentKey& key, Tick now) {
  std::uint32_t slot = memory_.datagrams.take();
  if (slot == kNoSlot && give_up_oldest(kNoSlot, now)) slot = memory_.datagrams.take();
  if (slot == kNoSlot) return kNoSlot;
  Datagram& d = memory_.datagrams[slot];
  d = Datagram{};
  std::fill(std::begin(d.block), std::end(d.block), kNoSlot);
  d.key = key;
  d.first = now;
  std::uint32_t& bucket = bucket_of(key);
  d.chain = bucket;
  bucket = slot;
  d.older = newest_;
  d.newer = kNoSlot;
  (newest_ == kNoSlot ? oldest_ : memory_.datagrams[newest_].newer) = slot;
  newest_ = slot;
  return slot;
}

void Fragments::remove(std::uint32_t slot) {
  Datagram& d = memory_.datagrams[slot];
  release_blocks(d);
  std::uint32_t* link = &bucket_of(d.key);
  while (*link != slot) link = &memory_.datagrams[*link].chain;
  *link = d.chain;
  (d.older == kNoSlot ? oldest_ : memory_.datagrams[d.older].newer) = d.newer;
  (d.newer == kNoSlot ? newest_ : memory_.datagrams[d.newer].older) = d.older;
  memory_.datagrams.give_back(slot);
}

void Fragments::release_blocks(Datagram& d) {
  for (std::uint32_t& block : d.block) {
    if (block != kNoSlot) memory_.blocks.give_back(block);
    block = kNoSlot;
  }
}

void Fragments::age(Tick now, std::uint32_t budget) {
  while (budget-- > 0 && oldest_ != kNoSlot && expired(memory_.datagrams[oldest_], now)) {
    give_up_oldest(kNoSlot, now);
  }
}

// False when there is none but `spare`.
bool Fragments::give_up_oldest(std::uint32_t spare, Tick now) {
  std::uint32_t slot = oldest_;
  if (slot != kNoSlot && slot == spare) slot = memory_.datagrams[slot].newer;
  if (slot == kNoSlot) return false;
  const Datagram& d = memory_.datagrams[slot];
  if (d.fate == Drop::none) {  // else it was counted when it ended
    counters_.add(expired(d, now) ? Count::datagrams_timeout : Count::datagrams_evicted);
  }
  remove(slot);
  return true;
}

// ---- after the end of a datagram ----------------------------------------------------------------

Fragments::Outcome Fragments::end(std::uint32_t slot, Drop fate, Count row) {
  Datagram& d = memory_.datagrams[slot];
  counters_.add(row);
  release_blocks(d);
  d.fate = fate;
  return {fate, 0, 0, {}};
}

// What nobody wants, as most UDP, is forgotten as soon as as much of it came as there is. What was
// refused stays to its time: RFC 5722 has fragments discarded that are yet to come.
Fragments::Outcome Fragments::after_end(std::uint32_t slot, const Fragment& fragment) {
  Datagram& d = memory_.datagrams[slot];
  const Drop fate = d.fate;
  d.units += units_of(fragment.octets.size());
  if (!fragment.more) {
    d.total = fragment.offset + static_cast<std::uint32_t>(fragment.octets.size());
  }
  const bool refused = fate == Drop::fragment_overlap || fate == Drop::fragment_header_split ||
                       fate == Drop::fragment_full;
  if (!refused && d.total != 0 && d.units >= units_of(d.total)) remove(slot);
  return {fate, 0, 0, {}};
}

// ---- the octets ---------------------------------------------------------------------------------

// Two ends, or octets behind the end.
bool Fragments::contradicts(const Datagram& d, const Fragment& fragment) const {
  const auto end = fragment.offset + static_cast<std::uint32_t>(fragment.octets.size());
  if (fragment.more) return d.total != 0 && end > d.total;
  return (d.total != 0 && end != d.total) || d.end > end;
}

Fragments::Meets Fragments::survey(const Datagram& d, const Fragment& fragment) const {
  bool some = false, all = true;
  const std::uint32_t from = fragment.offset / kUnit;
  for_each_word(from, from + units_of(fragment.octets.size()),
                [&](std::uint32_t word, std::uint64_t mask) {
                  const std::uint32_t block = d.block[word / kWordsInBlock];
                  const std::uint64_t have =
                      block == kNoSlot ? 0 : memory_.blocks[block].have[word % kWordsInBlock];
                  some = some || (have & mask) != 0;
                  all = all && (have & mask) == mask;
                  return true;
                });
  return all ? Meets::all : some ? Meets::part : Meets::nothing;
}

bool Fragments::repeats(const Datagram& d, const Fragment& fragment) const {
  return for_each_block(fragment, [&](std::uint32_t block, std::uint32_t inside, Bytes part) {
    return std::memcmp(memory_.blocks[d.block[block]].octet + inside, part.data(), part.size()) ==
           0;
  });
}

// False when there is no block for it. Not with a pool of kLeastBlocks.
bool Fragments::store(std::uint32_t slot, const Fragment& fragment, Tick now) {
  Datagram& d = memory_.datagrams[slot];
  const bool stored =
      for_each_block(fragment, [&](std::uint32_t block, std::uint32_t inside, Bytes part) {
        std::uint32_t& index = d.block[block];
        if (index == kNoSlot) {
          while ((index = memory_.blocks.take()) == kNoSlot) {
            if (!give_up_oldest(slot, now)) return false;
          }
          std::fill_n(memory_.blocks[index].have, kWordsInBlock, 0);
        }
        std::memcpy(memory_.blocks[index].octet + inside, part.data(), part.size());
        return true;
      });
  if (!stored) return false;
  const std::uint32_t from = fragment.offset / kUnit;
  const std::uint32_t units = units_of(fragment.octets.size());
  for_each_word(from, from + units, [&](std::uint32_t word, std::uint64_t mask) {
    memory_.blocks[d.block[word / kWordsInBlock]].have[word % kWordsInBlock] |= mask;
    return true;
  });
  d.units += units;
  d.frame_octets += fragment.frame_octets;
  const auto end = fragment.offset + static_cast<std::uint32_t>(fragment.octets.size());
  d.end = std::max(d.end, end);
  if (!fragment.more) d.total = end;
  if (fragment.offset == 0) d.next = fragment.next;
  return true;
}

Fragments::Outcome Fragments::put_together(std::uint32_t slot) {
  const Datagram& d = memory_.datagrams[slot];
  if (d.total > room()) return end(slot, Drop::fragment_full, Count::datagrams_evicted);
  std::uint8_t* const whole = memory_.wholes.data() + used_;
  for (std::uint32_t at = 0; at < d.total; at += FragmentBlock::kOctets) {
    std::memcpy(whole + at, memory_.blocks[d.block[at / FragmentBlock::kOctets]].octet,
                std::min(FragmentBlock::kOctets, d.total - at));
  }
  used_ += d.total;
  counters_.add(Count::datagrams_whole);
  const Outcome outcome{Drop::none, d.next, d.frame_octets, Bytes(whole, d.total)};
  remove(slot);
  return outcome;
}

}  // namespace mailglass::wire
