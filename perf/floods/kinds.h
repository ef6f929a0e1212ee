// SPDX-License-Identifier: BSD-3-Clause
// The floods: what each sends, packet by packet. Deterministic; sources are never those of the
// honest sessions, except where the flood is aimed at them.
#pragma once

#include <span>

#include "base/bytes.h"

namespace mailglass::perf {

constexpr std::size_t kFloodFrame = 1600;  // octets a packet of a flood may have

struct Kind {
  const char* name;
  const char* what;
  // Writes packet `number` into `frame` (kFloodFrame octets) and returns its size. `said` is the
  // last frame of the honest sessions that had octets for their streams.
  std::size_t (*write)(std::uint64_t number, Bytes said, std::span<std::uint8_t> frame);
};

std::span<const Kind> kinds();

}  // namespace mailglass::perf
