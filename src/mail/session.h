// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <variant>

#include "mail/pop3.h"
#include "mail/probe.h"
#include "mail/smtp.h"
#include "stream/reassembler.h"

namespace mailglass::mail {

using Reader = std::variant<Probe, Smtp, Pop3>;
static_assert(std::is_trivially_destructible_v<Reader>);

// What is kept for a flow that is, or may be, mail: from a fixed pool, one for each such flow.
struct Session {
  flow::Flow* flow = nullptr;
  stream::Conversation conversation;
  Voice voice;
  // What lay around the first segment with octets, and which way that went: MACs as destination and
  // source, the tunnel's ends as source and destination.
  std::array<std::uint8_t, 12> ether{};
  bool has_ether = false;
  tally::Direction path_direction{};
  tally::TunnelPath tunnel;
  Reader reader;
};

// All sessions of one worker: gives a flow its session when its first octets arrive, and takes it
// back when they turn out not to be mail, or when the flow is over.
class Sessions {
 public:
  Sessions(Context& context, Pool<Session>& pool, stream::Reassembler& reassembler)
      : context_(context), pool_(pool), reassembler_(reassembler) {}

  // A segment of a flow whose verdict is `undecided` or `mail`.
  void take(flow::Flow& flow, const wire::Segment& segment, tally::Direction direction);

  // Whether FINs both ways have been acknowledged, and nothing waits for octets that may yet come.
  bool is_over(const flow::Flow& flow) const;

  // The flow is over: the session's last words. No-op for a flow without a session.
  void close(flow::Flow& flow, tally::CloseReason reason);

 private:
  class Reading;

  Session* begin(flow::Flow& flow, const wire::Segment& segment, tally::Direction direction);
  void release(flow::Flow& flow, Session& session);

  Context& context_;
  Pool<Session>& pool_;
  stream::Reassembler& reassembler_;
};

}  // namespace mailglass::mail
