// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/bytes.h"

namespace mailglass::stream {

// Octets that came twice with different values: from the first that differs to the end of what was
// compared, in both copies. None: both are empty.
struct Conflict {
  std::uint64_t offset = 0;  // in the stream
  Bytes first, later;        // equally long; they die with the call they are handed to

  bool found() const { return !first.empty(); }
};

// Compares two copies of the octets at `offset`, equally long.
inline Conflict conflict_of(std::uint64_t offset, Bytes first, Bytes later) {
  const auto differ = std::mismatch(first.begin(), first.end(), later.begin());
  const auto same = static_cast<std::size_t>(differ.first - first.begin());
  return {offset + same, first.subspan(same), later.subspan(same)};
}

}  // namespace mailglass::stream
