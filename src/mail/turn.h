// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <initializer_list>
#include <string_view>

#include "mail/context.h"

namespace mailglass::mail {

// What a session keeps for its records' heads.
struct Voice {
  std::uint64_t session = 0;
  tally::Protocol protocol = tally::Protocol::unknown;
  std::uint8_t lost = 0;  // records that found the ring full since the last that did not
};

// One turn of a dialogue: what every reader needs while it takes some octets of one session.
struct Turn {
  Context& context;
  Voice& voice;
  const flow::Flow& flow;
  Tick time;

  tally::Counters& counters() { return context.counters; }
  BlockPool& blocks() { return context.blocks; }
  bool seen(tally::Direction d) const { return flow.seen(d) != 0; }
  // What was said in `d` may be unknown: not captured, or `damaged`. TLS may have begun unseen.
  bool in_the_dark(tally::Direction d, bool damaged) const {
    return damaged || flow.midstream || !seen(d);
  }

  template <typename Body>
  void say(const Body& body, std::initializer_list<std::string_view> texts = {}) {
    tally::MailEvent head;
    head.protocol = voice.protocol;
    head.lost = voice.lost;
    head.session = voice.session;
    head.time = time;
    counters().add(tally::Count::events_emitted);
    if (context.events.emit(head, body, texts)) {
      voice.lost = 0;
    } else {
      counters().add(tally::Count::events_dropped);
      if (voice.lost != 255) ++voice.lost;
    }
  }

  void anomaly(tally::Anomaly event, tally::Direction direction, std::string_view detail = {},
               std::uint32_t tx = 0) {
    counters().add(tally::count_of(event));
    say(tally::AnomalySeen{event, direction, tx}, {detail});
  }
};

}  // namespace mailglass::mail
