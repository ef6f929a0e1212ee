// SPDX-License-Identifier: BSD-3-Clause
#include "flow/key.h"

namespace mailglass::flow {
std::uint64_t flow_id(const FlowKey& key, Tick first) {
  const std::uint64_t hash = hash_of(key, static_cast<std::uint64_t>(first.us) * kPi[2]);
  return hash >> 11 | 1;  // never 0
}

}  // namespace mailglass::flow
