// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <concepts>
#include <cstddef>
#include <span>

#include "base/frame.h"
#include "wire/decode.h"

namespace mailglass::nic {

// Where a worker takes its frames from. One thread.
//
//   burst    fills at most as many frames as the span has, and says how many. Their bytes stay
//            valid until `release`, which is due before the next burst.
//   at_end   nothing will come any more. A burst that brought nothing is not the end.
template <typename P>
concept Port = requires(P& port, const P& seen, std::span<Frame> frames) {
  { port.burst(frames) } -> std::same_as<std::size_t>;
  { port.release() } -> std::same_as<void>;
  { seen.link() } -> std::same_as<wire::LinkType>;
  { seen.at_end() } -> std::same_as<bool>;
};

}  // namespace mailglass::nic
