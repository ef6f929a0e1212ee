// SPDX-License-Identifier: BSD-3-Clause
// Segments in, octets in order out, a gap is a number.
//
// Two orders are kept. Within a direction, the order of sequence numbers (RFC 9293 section 3.4).
// Between the directions, the order of cause: a segment that acknowledges octets of the other side
// is delivered after those octets, so a reply never overtakes its command, whatever the order in
// which a mirror port or two RSS queues handed the frames over. In-order octets are passed on where
// they lie; only what must wait is copied, into the pools handed in.
//
// A hole is given up, and said so, when the receiver is known to have the octets and patience is
// spent or there is no room to wait, or when the flow ends. While the receiver still asks for the
// octets, the hole stays and what lies behind it is what has to go.
#pragma once

#include <optional>

#include "flow/flow.h"
#include "stream/conversation.h"
#include "stream/hold.h"
#include "stream/limits.h"
#include "tally/counters.h"

namespace mailglass::stream {

// The receiver of a conversation's octets. It may set Conversation::stopped in any call, after
// which it gets none.
class Sink {
 public:
  // `octets` follow what came before in `direction`; `time` is that of the segment.
  virtual void data(Direction direction, Bytes octets, Tick time) = 0;
  // `octets` of `direction` were never seen and never will be.
  virtual void gap(Direction direction, std::uint64_t octets, Tick time) = 0;
  // The first copy counts.
  virtual void conflict(Direction direction, const Conflict& conflict, Tick time) = 0;

 protected:
  ~Sink() = default;
};

class Reassembler {
 public:
  // What is handed in outlives the reassembler.
  struct Memory {
    Pool<Hold>& holds;
    BlockPool& blocks;
    History& history;
  };
  Reassembler(const Limits& limits, const Memory& memory, tally::Counters& counters)
      : limits_(limits),
        holds_(memory.holds),
        blocks_(memory.blocks),
        history_(memory.history),
        counters_(counters) {}

  // Whether the receiver can take the segment for one of this connection, as far as its number
  // shows. Asked before a FIN or RST moves the flow's state on.
  bool acceptable(const flow::Flow& flow, const Conversation& c, const wire::Segment& segment,
                  Direction direction) const;

  // Whether the segment's octets were only overtaken by their sender's RST. Asked before they move
  // the flow's state on: who talks on after a RST has not ended the connection.
  bool overtaken(const flow::Flow& flow, const Conversation& c, const wire::Segment& segment,
                 Direction direction) const;

  void take(flow::Flow& flow, Conversation& c, const wire::Segment& segment, Direction direction,
            Sink& sink);

  // Remembers a RST for `overtaken`. Part of `take`; of a conversation that is stopped by itself.
  void note_reset(const flow::Flow& flow, Conversation& c, const wire::Segment& segment,
                  Direction direction);

  // Octets whose checksum is wrong: their receiver drops them, unless it was the capture that was
  // changed. Read if the receiver acknowledges them and no other copy came.
  void set_aside(const flow::Flow& flow, Conversation& c, const wire::Segment& segment,
                 Direction direction);

  // Gives up every hole, so that nothing is held any more: others need the room.
  void give_up(Conversation& c, Tick now, Sink& sink);

  // The flow is over: delivers what is held, with gaps where something is missing.
  void flush(Conversation& c, Tick now, Sink& sink);

  // Gives back what the conversation holds, undelivered.
  void release(Conversation& c);

 private:
  // What shows that octets we lack were sent: later ones of the same sender, or only the word of
  // the receiver, who may be lying.
  enum class Proof : std::uint8_t { octets, acknowledgement };

  // What keeps held octets from being delivered: octets of `side` up to `until`.
  struct Obstacle {
    Direction side;
    std::uint64_t until;
    Proof proof;
  };

  // A segment's payload in stream offsets.
  struct Piece {
    Range range;  // of the captured octets
    Bytes octets;
    std::uint64_t end;  // of the octets as declared
    bool on_syn;        // the receiver may refuse them

    void cut_front(std::uint64_t offset);
  };

  // acceptance.cpp: which octets of a segment are new.
  std::uint64_t note_acknowledgement(flow::Flow& flow, Conversation& c,
                                     const wire::Segment& segment, Direction direction);
  std::optional<Piece> piece_of(const flow::Flow& flow, Conversation& c,
                                const wire::Segment& segment, Direction direction, Sink& sink);
  void judge_syn(const flow::Flow& flow, Conversation& c, const wire::Segment& segment,
                 Direction direction);
  void refuse_syn(Stream& side);
  void repeated(Conversation& c, const wire::Segment& segment, Direction direction,
                std::int64_t begin, std::size_t octets, Sink& sink);
  void recover(Conversation& c, Direction direction, Sink& sink);
  bool beyond_window(const Conversation& c, Direction direction, std::int64_t begin) const;
  bool take_back(Stream& me, std::int64_t end) const;

  // reassembler.cpp: what becomes of them.
  bool is_next(const flow::Flow& flow, const Conversation& c, const wire::Segment& segment,
               Direction direction) const;
  std::uint64_t first_held(const Stream& me) const;
  void take_any(flow::Flow& flow, Conversation& c, const wire::Segment& segment,
                Direction direction, std::uint64_t after, Sink& sink);
  void accept(Conversation& c, Direction direction, Piece piece, Sink& sink);
  void deliver(Conversation& c, Direction direction, const Piece& piece, Sink& sink);
  bool hold(Conversation& c, Direction direction, const Piece& piece, Sink& sink);
  bool make_room(Conversation& c, Direction direction, const Piece& piece, bool& is_due,
                 Sink& sink);
  bool pump(Conversation& c, Sink& sink);
  bool pump_side(Conversation& c, Direction direction, Sink& sink);
  std::uint64_t awaited(const Conversation& c, Direction direction, const Range& range) const;
  bool due(const Conversation& c, Direction direction, const Range& first) const;
  std::optional<Obstacle> obstacle(const Conversation& c) const;
  bool gone(const Conversation& c, const Obstacle& obstacle) const;
  bool overdue(Conversation& c, const Obstacle& obstacle, Tick now) const;
  void give_way(Conversation& c, const Obstacle& obstacle, Tick now, Sink& sink);
  void give_way_or_forget(Conversation& c, const Obstacle& obstacle, Tick now, Sink& sink);
  void skip(Conversation& c, Direction direction, std::uint64_t to, Proof proof, Tick now,
            Sink& sink);
  void advance(Conversation& c, Direction direction, std::uint64_t to);
  void release(Stream& side);

  const Limits limits_;
  Pool<Hold>& holds_;
  BlockPool& blocks_;
  History& history_;
  tally::Counters& counters_;
};

}  // namespace mailglass::stream
