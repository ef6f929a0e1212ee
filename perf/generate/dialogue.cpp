// SPDX-License-Identifier: BSD-3-Clause
#include "dialogue.h"

#include <utility>

namespace mailglass::generate {

Script::Script(Random& random)
    : random_(random.next()), round_trip_us_(random_.between(200, 20'000)) {}

void Script::client(Payload payload) {
  const std::uint64_t think = round_trip_us_ + random_.between(20, 500);
  turns_.push_back({Side::kClient, think, std::move(payload)});
}

void Script::server(Payload payload) {
  turns_.push_back({Side::kServer, random_.between(100, 5'000), std::move(payload)});
}

}  // namespace mailglass::generate
