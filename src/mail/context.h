// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>

#include "flow/flow.h"
#include "mail/digests.h"
#include "mail/limits.h"
#include "match/scanner.h"
#include "stream/hold.h"
#include "tally/event_ring.h"

namespace mailglass::mail {

using stream::Block;
using stream::BlockPool;

// What the readers of one worker share: its counters, its ring, its patterns, its memory.
struct Context {
  const Limits& limits;
  const Credentials& credentials;
  const match::Scanner& scanner;
  stream::BlockPool& blocks;
  tally::Counters& counters;
  tally::EventRing& events;
  Digests* digests = nullptr;                  // of attachments; null: none are wanted
  std::array<char, Block::kOctets> scratch{};  // a text put together, until it is said
};

}  // namespace mailglass::mail
