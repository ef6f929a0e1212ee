// SPDX-License-Identifier: BSD-3-Clause
#include "app/suggestion.h"

#include <algorithm>
#include <vector>

namespace mailglass::app {
namespace {

// Edits that lead from one word to the other (optimal string alignment).
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1), above(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) above[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t changed = above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({changed, above[j] + 1, row[j - 1] + 1});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], before[j - 2] + 1);
      }
    }
    std::swap(before, above);
    std::swap(above, row);
  }
  return above[b.size()];
}

}  // namespace

std::string suggestion(std::string_view word, std::span<const std::string> candidates) {
  constexpr std::size_t kLongest = 64;  // nobody mistypes a word of that length
  std::string_view best;
  std::size_t least = kLongest;
  for (const std::string& candidate : candidates) {
    if (word.size() > kLongest || candidate.empty()) continue;
    const std::size_t edits = distance(word, candidate);
    if (edits < least && edits <= std::max<std::size_t>(1, candidate.size() / 3)) {
      least = edits;
      best = candidate;
    }
  }
  return best.empty() ? "" : "; did you mean " + std::string(best) + '?';
}

}  // namespace mailglass::app
