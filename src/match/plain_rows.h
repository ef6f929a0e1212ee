// SPDX-License-Identifier: BSD-3-Clause
// Rows of a pattern file that need no automaton. Private to src/match.
//
// Most expressions of the shipped files are a line's start, then octets one by one, each of some
// set, perhaps repeated, then a word's or the line's end: a few comparisons decide them, where a
// call of Hyperscan takes hundreds of instructions. What a row is beyond that is left to Hyperscan,
// which knows all rows: `ask` says whether its answer is all there is to say.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace mailglass::match {

class PlainRows {
 public:
  // The next row of the file, which Hyperscan has compiled. Start-up only: allocates.
  void add(std::string_view expression, bool caseless);

  // A bit for each row that matches; nothing where Hyperscan has to be asked.
  std::optional<std::uint64_t> ask(Bytes line) const;

 private:
  static constexpr std::size_t kMost = 64;    // ways, and rows
  static constexpr std::size_t kIndexed = 5;  // first octets of a line that rule ways out at once
  static constexpr std::size_t kEnd = 256;    // in place of an octet: the line is over

  struct Step {
    std::array<std::uint64_t, 4> set{};
    std::uint16_t least = 1, most = 1;

    bool has(std::uint8_t octet) const { return (set[octet / 64] >> octet % 64 & 1) != 0; }
    void add(std::uint8_t octet) { set[octet / 64] |= std::uint64_t{1} << octet % 64; }
    bool meets(const Step& other) const;
  };
  enum class End : std::uint8_t { anything, word, line, unknown };

  // One way in which a line may match a row: of `(a|b)c` there are two.
  struct Way {
    std::size_t row = 0;
    std::vector<Step> steps;
    std::size_t settled = 0, settled_octets = 0;  // steps that the index decides alone
    End end = End::unknown;
  };

  static bool parse(std::string_view expression, bool caseless, Way& way);
  static bool parse_step(std::string_view& rest, bool caseless, Step& step);
  static bool parse_set(std::string_view& rest, Step& step);
  static bool parse_repeat(std::string_view& rest, Step& step);
  static void leave_doubtful(Way& way);
  void add_ways(std::string_view expression, bool caseless);
  void add_way(std::string_view expression, bool caseless);
  void index(std::size_t number);
  static bool walk(const Way& way, Bytes line, std::size_t& at);
  static bool ends(const Way& way, Bytes line, std::size_t at);

  std::vector<Way> ways_;
  std::array<std::array<std::uint64_t, kEnd + 1>, kIndexed> possible_{};
  std::size_t rows_ = 0;
  bool too_many_ = false;
};

inline bool PlainRows::walk(const Way& way, Bytes line, std::size_t& at) {
  for (std::size_t i = way.settled; i < way.steps.size(); ++i) {
    const Step& step = way.steps[i];
    std::size_t times = 0;
    while (times < step.most && at < line.size() && step.has(line[at])) ++at, ++times;
    if (times < step.least) return false;
  }
  return true;
}

inline bool PlainRows::ends(const Way& way, Bytes line, std::size_t at) {
  const auto is_word = [&](std::size_t i) {
    const std::uint8_t c = line[i], letter = c | 0x20;
    return (letter >= 'a' && letter <= 'z') || (c >= '0' && c <= '9') || c == '_';
  };
  if (way.end == End::line) return at == line.size() || (at + 1 == line.size() && line[at] == '\n');
  if (way.end != End::word) return true;
  return (at != 0 && is_word(at - 1)) != (at < line.size() && is_word(at));
}

inline std::optional<std::uint64_t> PlainRows::ask(Bytes line) const {
  if (too_many_) return std::nullopt;
  std::uint64_t possible = ~std::uint64_t{0};
  for (std::size_t i = 0; i < kIndexed; ++i) {
    possible &= possible_[i][i < line.size() ? line[i] : kEnd];
  }
  std::uint64_t rows = 0;
  for (; possible != 0; possible &= possible - 1) {
    const Way& way = ways_[static_cast<std::size_t>(std::countr_zero(possible))];
    std::size_t at = way.settled_octets;
    if (!walk(way, line, at)) continue;
    if (way.end == End::unknown) return std::nullopt;
    if (ends(way, line, at)) rows |= std::uint64_t{1} << way.row;
  }
  return rows;
}

}  // namespace mailglass::match
