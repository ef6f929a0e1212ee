// SPDX-License-Identifier: BSD-3-Clause
// Start-up only: takes expressions apart. What is not understood is End::unknown, never an error:
// Hyperscan has judged the syntax, and will judge the lines.
#include "match/plain_rows.h"

#include <charconv>
#include <limits>
#include <string>

namespace mailglass::match {
namespace {

constexpr std::string_view kMeta = "\\^$.[]|()?*+{}";

// Where the set or escape that begins at `at` ends; another octet ends behind itself.
std::size_t behind(std::string_view text, std::size_t at) {
  if (text[at] == '\\') return at + 2;
  if (text[at] != '[') return at + 1;
  for (++at; at < text.size() && text[at] != ']'; ++at) {
    if (text[at] == '\\') ++at;
  }
  return at + 1;
}

// What `behind` would misread: quotations, classes by name, a set that has "]" in it.
bool is_strange(std::string_view text) {
  for (const std::string_view mark : {"\\Q", "[:", "[]", "[^]"}) {
    if (text.find(mark) != text.npos) return true;
  }
  return false;
}

// The octet an escape stands for; none for a class or an assertion.
std::optional<char> escaped(char letter) {
  switch (letter) {
    case 'r':
      return '\r';
    case 'n':
      return '\n';
    case 't':
      return '\t';
    default:
      break;
  }
  const bool word = (letter >= '0' && letter <= '9') || (letter >= 'A' && letter <= 'Z') ||
                    (letter >= 'a' && letter <= 'z');
  return word ? std::nullopt : std::optional(letter);
}

}  // namespace

bool PlainRows::Step::meets(const Step& other) const {
  for (std::size_t i = 0; i < set.size(); ++i) {
    if ((set[i] & other.set[i]) != 0) return true;
  }
  return false;
}

void PlainRows::add(std::string_view expression, bool caseless) {
  if (is_strange(expression)) {
    add_way("", caseless);
  } else {
    add_ways(expression, caseless);
  }
  ++rows_;
}

// Writes out the first group, then those that are left.
void PlainRows::add_ways(std::string_view text, bool caseless) {
  if (too_many_) return;
  std::size_t open = 0;
  while (open < text.size() && text[open] != '(') open = behind(text, open);
  if (open < text.size()) {
    std::vector<std::string_view> alternatives;
    std::size_t from = open + 1, at = from;
    for (; at < text.size() && text[at] != ')' && text[at] != '('; at = behind(text, at)) {
      if (text[at] != '|') continue;
      alternatives.push_back(text.substr(from, at - from));
      from = at + 1;
    }
    const bool simple = at < text.size() && text[at] == ')' && text[open + 1] != '?' &&
                        (at + 1 == text.size() ||
                         std::string_view("?*+{").find(text[at + 1]) == std::string_view::npos);
    if (simple) {
      alternatives.push_back(text.substr(from, at - from));
      for (const std::string_view one : alternatives) {
        const std::string way =
            std::string(text.substr(0, open)).append(one).append(text.substr(at + 1));
        add_ways(way, caseless);
      }
      return;
    }
  }
  add_way(text, caseless);
}

void PlainRows::add_way(std::string_view text, bool caseless) {
  if (ways_.size() == kMost || rows_ == kMost) {
    too_many_ = true;
    return;
  }
  Way way;
  way.row = rows_;
  if (!parse(text, caseless, way)) way.end = End::unknown;
  leave_doubtful(way);
  ways_.push_back(std::move(way));
  index(ways_.size() - 1);
}

// False: `way` has the steps up to where it was not understood.
bool PlainRows::parse(std::string_view rest, bool caseless, Way& way) {
  if (!rest.starts_with('^')) return false;
  rest.remove_prefix(1);
  // An alternative outside of any group has no common front.
  for (std::size_t at = 0; at < rest.size(); at = behind(rest, at)) {
    if (rest[at] == '|') return false;
  }
  while (!rest.empty()) {
    if (rest == "$" || rest == "\\b") {
      way.end = rest == "$" ? End::line : End::word;
      return true;
    }
    Step step;
    if (!parse_step(rest, caseless, step)) return false;
    way.steps.push_back(step);
  }
  way.end = End::anything;
  return true;
}

bool PlainRows::parse_step(std::string_view& rest, bool caseless, Step& step) {
  const std::string_view before = rest;
  const char first = rest.front();
  if (first == '[') {
    if (!parse_set(rest, step)) return false;
  } else if (first == '\\') {
    const auto octet = rest.size() > 1 ? escaped(rest[1]) : std::nullopt;
    if (!octet) return false;
    step.add(static_cast<std::uint8_t>(*octet));
    rest.remove_prefix(2);
  } else if (kMeta.find(first) != kMeta.npos) {
    return false;
  } else {
    step.add(static_cast<std::uint8_t>(first));
    rest.remove_prefix(1);
  }
  if (caseless) {
    for (std::uint8_t letter = 'a'; letter <= 'z'; ++letter) {
      const auto upper = static_cast<std::uint8_t>(letter - 0x20);
      if (step.has(letter)) step.add(upper);
      if (step.has(upper)) step.add(letter);
    }
  }
  if (parse_repeat(rest, step)) return true;
  rest = before;
  return false;
}

// [abc], [a-z]; no [^abc], whose folding of case is another matter.
bool PlainRows::parse_set(std::string_view& rest, Step& step) {
  std::size_t at = 1;
  int last = -1;
  bool range = false;
  for (; at < rest.size() && rest[at] != ']'; ++at) {
    char octet = rest[at];
    if (octet == '^' || octet == '[') return false;
    if (octet == '-' && last >= 0 && at + 1 < rest.size() && rest[at + 1] != ']') {
      range = true;
      continue;
    }
    if (octet == '\\') {
      const auto meant = ++at < rest.size() ? escaped(rest[at]) : std::nullopt;
      if (!meant) return false;
      octet = *meant;
    }
    const auto value = static_cast<std::uint8_t>(octet);
    for (int i = range ? last : value; i <= value; ++i) step.add(static_cast<std::uint8_t>(i));
    last = range ? -1 : value;
    range = false;
  }
  if (at >= rest.size() || range) return false;
  rest.remove_prefix(at + 1);
  return true;
}

bool PlainRows::parse_repeat(std::string_view& rest, Step& step) {
  constexpr std::uint16_t kNoEnd = std::numeric_limits<std::uint16_t>::max();
  const char sign = rest.empty() ? '\0' : rest.front();
  if (sign == '?' || sign == '*' || sign == '+') {
    step.least = sign == '+' ? 1 : 0;
    step.most = sign == '?' ? 1 : kNoEnd;
    rest.remove_prefix(1);
  } else if (sign == '{') {
    const char* const end = rest.data() + rest.size();
    auto [at, error] = std::from_chars(rest.data() + 1, end, step.least);
    if (error != std::errc{} || at == end) return false;
    step.most = step.least;
    if (*at == ',') {
      const auto most = std::from_chars(at + 1, end, step.most);
      if (most.ec != std::errc{} || most.ptr == end) return false;
      at = most.ptr;
    }
    if (*at != '}') return false;
    rest.remove_prefix(static_cast<std::size_t>(at + 1 - rest.data()));
  }
  // A lazy or possessive repetition.
  return rest.empty() || std::string_view("?*+{").find(rest.front()) == std::string_view::npos;
}

// A step that is taken as often as it can must leave the next one nothing to choose.
void PlainRows::leave_doubtful(Way& way) {
  for (std::size_t i = 0; i < way.steps.size(); ++i) {
    if (way.steps[i].least == way.steps[i].most) continue;
    bool clear = true, ended = false;
    for (std::size_t j = i + 1; j < way.steps.size() && clear && !ended; ++j) {
      clear = !way.steps[i].meets(way.steps[j]);
      ended = way.steps[j].least != 0;
    }
    // Where it may be the last one, a word may end after fewer; an LF may be the line's end's.
    if (!ended && way.end == End::word) clear = false;
    if (!ended && way.end == End::line && way.steps[i].has('\n')) clear = false;
    if (clear) continue;
    way.steps.resize(i);
    way.end = End::unknown;
    return;
  }
}

void PlainRows::index(std::size_t number) {
  Way& way = ways_[number];
  const std::uint64_t bit = std::uint64_t{1} << number;
  std::size_t fixed = 0;  // octets whose place is known
  for (const Step& step : way.steps) {
    for (std::uint16_t i = 0; i < step.least && fixed < kIndexed; ++i, ++fixed) {
      for (std::size_t octet = 0; octet < kEnd; ++octet) {
        if (step.has(static_cast<std::uint8_t>(octet))) possible_[fixed][octet] |= bit;
      }
    }
    if (step.least != step.most) break;
    if (way.settled_octets + step.least > kIndexed) continue;
    ++way.settled;
    way.settled_octets += step.least;
  }
  for (; fixed < kIndexed; ++fixed) {
    for (std::uint64_t& any : possible_[fixed]) any |= bit;
  }
}

}  // namespace mailglass::match
