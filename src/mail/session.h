// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <variant>

#include "mail/pop3.h"
#include "mail/probe.h"
#include "mail/smtp.h"
#include "mail/tls.h"
#include "stream/reassembler.h"

namespace mailglass::mail {

using Reader = std::variant<Probe, Smtp, Pop3, Tls>;
static_assert(std::is_trivially_destructible_v<Reader>);

// What TCP receivers read differently, each told once a direction; what is found before the
// protocol is known is told when it is.
struct Doubts {
  struct Kind {
    std::uint8_t found = 0, told = 0;  // bit by Direction
  };
  Kind overlap, urgent;
};

// What is kept for a flow that is, or may be, mail: from a fixed pool, one for each such flow.
struct Session {
  flow::Flow* flow = nullptr;
  stream::Conversation conversation;
  Voice voice;
  Doubts doubts;
  bool turned = false;  // TURN was accepted: the client of the connection is the server
  Reader reader;
};

// All sessions of one worker: gives a flow its session when its first octets arrive, and takes it
// back when they turn out not to be mail, or when the flow is over.
class Sessions {
 public:
  Sessions(Context& context, Pool<Session>& pool, stream::Reassembler& reassembler)
      : context_(context), pool_(pool), reassembler_(reassembler) {}

  // Whether a FIN or RST can be one of the flow's, so far as its session knows; any other segment
  // is. Who is not asked about the number of an RST could end inspection by one. Behind its start
  // TLS is not followed: any RST is, and is remembered for `overtaken`.
  bool acceptable(const flow::Flow& flow, const wire::Segment& segment, tally::Direction direction);

  // Whether a RST of the flow's only overtook the segment's octets.
  bool overtaken(const flow::Flow& flow, const wire::Segment& segment,
                 tally::Direction direction) const;

  // Whether the segment is of another connection, that has the flow's ports now. Of segments
  // without SYN, FIN and RST only those of a `contested` flow can be. `start` is what is known of
  // its beginning, if that was no SYN.
  bool replaced(flow::Flow& flow, const wire::Segment& segment, tally::Direction direction,
                stream::Rival& start);

  // A segment of a flow whose verdict is `undecided` or `mail`.
  void take(flow::Flow& flow, const wire::Segment& segment, tally::Direction direction);

  // A segment that must not be taken, for its checksum: its octets are read if the receiver
  // acknowledges them all the same.
  void set_aside(flow::Flow& flow, const wire::Segment& segment, tally::Direction direction);

  // The memory is needed: what waits behind holes waits no longer.
  void give_up_holes(flow::Flow& flow, Tick now);

  // Whether FINs both ways have been acknowledged, and nothing waits for octets that may yet come.
  bool is_over(const flow::Flow& flow) const;

  // The flow is over: the session's last words. No-op for a flow without a session.
  void close(flow::Flow& flow, tally::CloseReason reason);

 private:
  class Reading;

  Session* begin(flow::Flow& flow, const wire::Segment& segment, tally::Direction direction);
  void settle(flow::Flow& flow, Session& session, bool swapped);
  void release(flow::Flow& flow, Session& session);

  Context& context_;
  Pool<Session>& pool_;
  stream::Reassembler& reassembler_;
};

}  // namespace mailglass::mail
