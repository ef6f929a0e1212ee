// SPDX-License-Identifier: BSD-3-Clause
// The whole way of a packet through one worker: mail.cpp shows it on one screen.
#pragma once

#include <memory>
#include <span>

#include "base/frame.h"
#include "flow/limits.h"
#include "mail/limits.h"
#include "stream/limits.h"
#include "tally/counters.h"
#include "tally/event_ring.h"
#include "wire/decode.h"
#include "wire/limits.h"

namespace mailglass::match {
class PatternSet;
class Scanner;
}  // namespace mailglass::match

namespace mailglass::pipelines {

constexpr std::size_t kMaxBurst = 64;

struct MailLimits {
  wire::Limits wire;
  flow::Limits flow;
  stream::Limits stream;
  mail::Limits mail;
  std::uint64_t hash_seed = 0;  // secret in service, so that nobody can aim at one bucket
};

// Everything one worker needs to inspect mail. Allocates all its memory when made, none after:
// make it on the core that runs it. One thread.
class MailPipeline {
 public:
  // `patterns`, `counters` and `events` outlive the pipeline. Throws std::bad_alloc.
  MailPipeline(const MailLimits& limits, const mail::Credentials& credentials,
               const match::PatternSet& patterns, tally::Counters& counters,
               tally::EventRing& events);
  ~MailPipeline();

  // One burst: at most kMaxBurst frames, all of one link type. Frames may die after the call.
  void take(wire::LinkType link, std::span<const Frame> frames);

  // A burst that brought nothing: lets flows age. `now` never steps back by more than a second.
  void idle(Tick now);

  // Other patterns, from the next line on. `scanner` gets the old ones; its patterns outlive the
  // pipeline, or the next `adopt`.
  void adopt(match::Scanner& scanner);

  // The end of the capture, or of the service: closes every flow and says so in events.
  void finish();

 private:
  struct Stages;
  std::unique_ptr<Stages> stages_;
};

}  // namespace mailglass::pipelines
