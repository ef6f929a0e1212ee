// SPDX-License-Identifier: BSD-3-Clause
// Reassembly as a stupid model: a map, an octet at a time, without limits. Shared by unit tests and
// the fuzzer.
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "wire/fragments.h"

namespace mailglass::test {

class FragmentModel {
 public:
  explicit FragmentModel(std::int64_t seconds) : timeout_us_(seconds * kMicrosecondsPerSecond) {}

  struct Outcome {
    tally::Drop drop;
    std::vector<std::uint8_t> whole;
    std::uint8_t next = 0;
  };

  // `key` stands for the fragment's own.
  Outcome take(int key, const wire::Fragment& f, Tick now) {
    using tally::Drop;
    const std::size_t end = f.offset + f.octets.size();
    if (f.octets.empty() || (f.more && f.octets.size() % 8 != 0) ||
        f.header_octets + end > wire::kMaxDatagram) {
      return {Drop::fragment_malformed, {}};
    }
    if (const auto old = state_.find(key);
        old != state_.end() && now.us - old->second.first.us > timeout_us_) {
      state_.erase(old);
    }
    State& s = state_.try_emplace(key, State{now, {}, {}, false, 0}).first->second;
    if (s.refused) return {Drop::fragment_overlap, {}};
    if (contradicts(s, f, end)) return refuse(s);
    s.octets.resize(std::max(s.octets.size(), end));
    std::size_t here = 0, same = 0;
    for (std::size_t i = 0; i < f.octets.size(); ++i) {
      const auto& octet = s.octets[f.offset + i];
      here += octet.has_value() ? 1 : 0;
      same += octet == f.octets[i] ? 1 : 0;
    }
    if (here != 0) {
      return same == f.octets.size() ? Outcome{Drop::fragment_duplicate, {}} : refuse(s);
    }
    for (std::size_t i = 0; i < f.octets.size(); ++i) s.octets[f.offset + i] = f.octets[i];
    if (!f.more) s.total = end;
    if (f.offset == 0) s.next = f.next;
    if (s.total != s.octets.size()) return {Drop::fragment_held, {}};
    Outcome outcome{Drop::none, {}, s.next};
    for (const auto& octet : s.octets) {
      if (!octet) return {Drop::fragment_held, {}};
      outcome.whole.push_back(*octet);
    }
    state_.erase(key);
    return outcome;
  }

 private:
  struct State {
    Tick first;
    std::vector<std::optional<std::uint8_t>> octets;
    std::optional<std::size_t> total;
    bool refused;
    std::uint8_t next;
  };

  static bool contradicts(const State& s, const wire::Fragment& f, std::size_t end) {
    if (f.more) return s.total && end > *s.total;
    return (s.total && *s.total != end) || s.octets.size() > end;
  }
  static Outcome refuse(State& s) {
    s.refused = true;
    return {tally::Drop::fragment_overlap, {}};
  }

  std::int64_t timeout_us_;
  std::map<int, State> state_;
};

// The rule broken, or null: the same fragments into both.
class FragmentComparison {
 public:
  FragmentComparison(wire::Fragments& fragments, std::int64_t seconds)
      : fragments_(fragments), model_(seconds) {}

  const char* take(int key, const wire::Fragment& fragment, Tick now) {
    fragments_.begin_burst();
    const auto got = fragments_.take(fragment, now);
    const auto wanted = model_.take(key, fragment, now);
    if (got.drop != wanted.drop) return "the model's fate";
    if (got.drop != tally::Drop::none) return nullptr;
    ++wholes;
    if (got.next != wanted.next) return "the protocol of the first fragment";
    return std::equal(got.whole.begin(), got.whole.end(), wanted.whole.begin(), wanted.whole.end())
               ? nullptr
               : "the model's octets";
  }

  std::uint64_t wholes = 0;

 private:
  wire::Fragments& fragments_;
  FragmentModel model_;
};

}  // namespace mailglass::test
