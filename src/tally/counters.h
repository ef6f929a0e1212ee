// SPDX-License-Identifier: BSD-3-Clause
// The counters of one worker: plain memory of one core, one writer, any number of readers. The
// list itself is counters.def; this file only turns its rows into types.
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace mailglass::tally {

// Why a frame ended before the flow table. `none` is the one fate that is not an end.
enum class Drop : std::uint8_t {
  none,
#define DROP(id, help) id,
#include "tally/counters.def"
};

enum class SmtpVerb : std::uint8_t {
#define SMTP_VERB(id, word) id,
#include "tally/counters.def"
};

enum class Pop3Verb : std::uint8_t {
#define POP3_VERB(id, word) id,
#include "tally/counters.def"
};

enum class Mechanism : std::uint8_t {  // SASL's (RFC 4422), and POP3's own two
#define MECHANISM(id, word) id,
#include "tally/counters.def"
};

enum class Anomaly : std::uint8_t {
#define ANOMALY(id, layer, help) id,
#include "tally/counters.def"
};

enum class Latency : std::uint8_t {
#define LATENCY(id, protocol, command) id,
#include "tally/counters.def"
};

enum class Size : std::uint8_t {
#define SIZE(id, protocol) id,
#include "tally/counters.def"
};

enum class Level : std::uint8_t {
#define LEVEL(id, family, value) id,
#include "tally/counters.def"
};

enum class Count : std::uint16_t {
#define COUNT(id, family, value) id,
#include "tally/counters.def"
#define DROP(id, help) drop_##id,
#include "tally/counters.def"
#define SMTP_VERB(id, word) smtp_##id,
#include "tally/counters.def"
#define POP3_VERB(id, word) pop3_##id,
#include "tally/counters.def"
#define MECHANISM(id, word)                                                                 \
  login_##id##_unknown, login_##id##_success, login_##id##_failure, exposed_##id##_unknown, \
      exposed_##id##_success, exposed_##id##_failure,
#include "tally/counters.def"
#define ANOMALY(id, layer, help) anomaly_##id,
#include "tally/counters.def"
  end
};

constexpr std::size_t kCounts = static_cast<std::size_t>(Count::end);
constexpr std::size_t kLatencies = 0
#define LATENCY(id, protocol, command) +1
#include "tally/counters.def"
    ;
constexpr std::size_t kSizes = 0
#define SIZE(id, protocol) +1
#include "tally/counters.def"
    ;
constexpr std::size_t kLevels = 0
#define LEVEL(id, family, value) +1
#include "tally/counters.def"
    ;

constexpr Count count_of(Drop drop) {  // not for Drop::none
  return static_cast<Count>(static_cast<unsigned>(Count::drop_link_short) +
                            static_cast<unsigned>(drop) - 1);
}
constexpr Count count_of(SmtpVerb verb) {
  return static_cast<Count>(static_cast<unsigned>(Count::smtp_HELO) + static_cast<unsigned>(verb));
}
constexpr Count count_of(Pop3Verb verb) {
  return static_cast<Count>(static_cast<unsigned>(Count::pop3_USER) + static_cast<unsigned>(verb));
}
// `outcome`: 0 unknown, 1 success, 2 failure.
constexpr Count count_of(Mechanism mechanism, unsigned outcome, bool exposed) {
  return static_cast<Count>(static_cast<unsigned>(Count::login_user_pass_unknown) +
                            static_cast<unsigned>(mechanism) * 6 + (exposed ? 3 : 0) + outcome);
}
constexpr Count count_of(Anomaly anomaly) {
  return static_cast<Count>(static_cast<unsigned>(Count::anomaly_tcp_overlap_conflict) +
                            static_cast<unsigned>(anomaly));
}

// The words of the list, for people and for labels.
std::string_view name_of(Drop drop);
std::string_view name_of(SmtpVerb verb);
std::string_view name_of(Pop3Verb verb);
std::string_view name_of(Anomaly anomaly);
std::string_view layer_of(Anomaly anomaly);  // "decode", "stream" or "applayer"

// A number with one writer. The reader sees a value that was true a moment ago; no locked
// instruction is spent, since nobody else writes.
class Cell {
 public:
  void add(std::uint64_t n) { set(get() + n); }
  void set(std::uint64_t n) { value_.store(n, std::memory_order_relaxed); }
  std::uint64_t get() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

// A histogram whose bucket b counts values up to 2^b * kFirst; the last has no upper bound.
template <std::uint64_t kFirst, std::size_t kBuckets>
class Histogram {
 public:
  static constexpr std::size_t buckets() { return kBuckets; }
  // The bucket's inclusive upper bound; not for the last one.
  static constexpr std::uint64_t bound(std::size_t bucket) { return kFirst << bucket; }

  void observe(std::uint64_t value) {
    const std::uint64_t units = value == 0 ? 0 : (value - 1) / kFirst;
    const auto bucket = static_cast<std::size_t>(std::bit_width(units));
    bucket_[bucket < kBuckets ? bucket : kBuckets - 1].add(1);
    sum_.add(value);
  }
  std::uint64_t count(std::size_t bucket) const { return bucket_[bucket].get(); }
  std::uint64_t sum() const { return sum_.get(); }

 private:
  std::array<Cell, kBuckets> bucket_{};
  Cell sum_;
};

using LatencyHistogram = Histogram<64, 24>;  // microseconds: 64 us .. 4.5 min, +Inf
using SizeHistogram = Histogram<1024, 18>;   // octets: 1 KiB .. 64 MiB, +Inf

class alignas(64) Counters {
 public:
  void add(Count c, std::uint64_t n = 1) { cell_[static_cast<std::size_t>(c)].add(n); }
  // A total that somebody else keeps; it never falls.
  void set(Count c, std::uint64_t n) { cell_[static_cast<std::size_t>(c)].set(n); }
  std::uint64_t get(Count c) const { return cell_[static_cast<std::size_t>(c)].get(); }

  void drop(Drop reason) { add(count_of(reason)); }
  void observe(Latency l, std::uint64_t microseconds) {
    latency_[static_cast<std::size_t>(l)].observe(microseconds);
  }
  void observe(Size s, std::uint64_t octets) { size_[static_cast<std::size_t>(s)].observe(octets); }
  void set(Level l, std::uint64_t n) { level_[static_cast<std::size_t>(l)].set(n); }

  const LatencyHistogram& get(Latency l) const { return latency_[static_cast<std::size_t>(l)]; }
  const SizeHistogram& get(Size s) const { return size_[static_cast<std::size_t>(s)]; }
  std::uint64_t get(Level l) const { return level_[static_cast<std::size_t>(l)].get(); }

 private:
  std::array<Cell, kCounts> cell_{};
  std::array<Cell, kLevels> level_{};
  std::array<LatencyHistogram, kLatencies> latency_{};
  std::array<SizeHistogram, kSizes> size_{};
};

}  // namespace mailglass::tally
