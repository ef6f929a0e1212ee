// SPDX-License-Identifier: BSD-3-Clause
// A reassembler with small pools in a test's hands: segments in stream offsets go in, and what the
// sink is told comes out as text: ">" the client's octets, "<" the server's, "[n]" a gap, "!" a
// conflict. After `finish` every block and hold must be back in its pool.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "flow/connection.h"
#include "stream/reassembler.h"

namespace mailglass::test {

using tally::Count;
using tally::Direction;

class Told final : public stream::Sink {
 public:
  void data(Direction d, Bytes octets, Tick) override {
    begin(d);
    text_.append(as_text(octets));
    octets_[static_cast<int>(d)] += octets.size();
    if (text_.size() >= stop_after_) conversation_->stopped = true;
  }
  void gap(Direction d, std::uint64_t octets, Tick) override {
    begin(d);
    text_ += "[" + std::to_string(octets) + "]";
    gaps_[static_cast<int>(d)] += octets;
  }
  void conflict(Direction d, const stream::Conflict& conflict, Tick) override {
    begin(d);
    text_ += "!";
    EXPECT_EQ(conflict.first.size(), conflict.later.size());
    EXPECT_NE(conflict.first[0], conflict.later[0]);
    conflict_at_ = conflict.offset;
  }

  void stop_after(std::size_t octets, stream::Conversation& c) {
    stop_after_ = octets;
    conversation_ = &c;
  }
  std::uint64_t conflict_at() const { return conflict_at_; }
  const std::string& text() const { return text_; }
  std::uint64_t octets(Direction d) const { return octets_[static_cast<int>(d)]; }
  std::uint64_t gaps(Direction d) const { return gaps_[static_cast<int>(d)]; }

 private:
  void begin(Direction d) {
    const char mark = d == Direction::to_server ? '>' : '<';
    if (mark != speaker_) text_ += speaker_ = mark;
  }

  std::string text_;
  char speaker_ = 0;
  std::uint64_t conflict_at_ = 0;
  std::uint64_t octets_[2] = {}, gaps_[2] = {};
  std::size_t stop_after_ = static_cast<std::size_t>(-1);
  stream::Conversation* conversation_ = nullptr;
};

struct RigLimits {
  std::uint32_t holds = 4;
  std::uint32_t blocks = 16;
  stream::Limits stream = {.patience_segments = 4, .patience_ms = 1000};
};

class Rig {
 public:
  explicit Rig(const RigLimits& limits = {})
      : hold_slots_(limits.holds),
        hold_links_(limits.holds),
        holds_(hold_slots_, hold_links_),
        block_slots_(limits.blocks),
        block_links_(limits.blocks),
        blocks_(block_slots_, block_links_),
        history_ring_(stream::History::kLeastOctets / 8),
        history_({reinterpret_cast<std::uint8_t*>(history_ring_.data()), history_ring_.size() * 8}),
        reassembler_(limits.stream, {holds_, blocks_, history_}, counters_) {}

  // What a segment may carry besides its octets.
  struct With {
    std::uint64_t ack = 0;  // offset of the other side
    std::uint8_t flags = wire::kAck;
    std::uint32_t cut = 0;  // octets on the wire behind those captured
  };

  Rig& handshake(std::uint32_t client_isn = 1000, std::uint32_t server_isn = 5000) {
    isn_[0] = client_isn;
    isn_[1] = server_isn;
    wire::Segment syn;
    syn.flags = wire::kSyn;
    syn.seq = SeqNum(client_isn);
    flow::track(flow_, syn, Direction::to_server);
    syn.flags = wire::kSyn | wire::kAck;
    syn.seq = SeqNum(server_isn);
    syn.ack = SeqNum(client_isn + 1);
    flow::track(flow_, syn, Direction::to_client);
    return *this;
  }

  Rig& client(std::uint64_t offset, std::string_view octets, const With& with) {
    return take(Direction::to_server, offset, octets, with);
  }
  Rig& server(std::uint64_t offset, std::string_view octets, const With& with) {
    return take(Direction::to_client, offset, octets, with);
  }
  Rig& client(std::uint64_t offset, std::string_view octets, std::uint64_t ack = 0) {
    return client(offset, octets, With{.ack = ack});
  }
  Rig& server(std::uint64_t offset, std::string_view octets, std::uint64_t ack = 0) {
    return server(offset, octets, With{.ack = ack});
  }
  Rig& wait_ms(std::int64_t ms) {
    now_.us += ms * 1000;
    return *this;
  }

  Rig& take(Direction d, std::uint64_t offset, std::string_view octets, const With& with) {
    const auto side = static_cast<unsigned>(d);
    wire::Segment s;
    s.time = now_;
    s.flags = with.flags;
    s.seq = SeqNum(isn_[side]) + 1 + static_cast<std::uint32_t>(offset);
    s.ack = SeqNum(isn_[1 - side]) + 1 + static_cast<std::uint32_t>(with.ack);
    const Octets copy(octets.begin(), octets.end());  // ends where a reader must stop
    s.payload = copy;
    s.length = static_cast<std::uint32_t>(octets.size()) + with.cut;
    flow::track(flow_, s, d);
    if (!conversation_.stopped) reassembler_.take(flow_, conversation_, s, d, told_);
    if (conversation_.stopped) reassembler_.release(conversation_);
    check_accounts();
    return *this;
  }

  // The flow is over. Returns what the sink was told in all.
  std::string finish() {
    if (!conversation_.stopped) reassembler_.flush(conversation_, now_, told_);
    check_accounts();
    EXPECT_EQ(holds_.used(), 0u);
    EXPECT_EQ(blocks_.used(), 0u);
    finished_ = true;
    return told_.text();
  }
  ~Rig() { EXPECT_TRUE(finished_) << "the test never asked whether the pools came back"; }

  std::string told() const { return told_.text(); }
  Told& sink() { return told_; }
  std::uint64_t count(Count c) const { return counters_.get(c); }
  stream::Conversation& conversation() { return conversation_; }
  stream::Reassembler& reassembler() { return reassembler_; }
  flow::Flow& flow() { return flow_; }
  Pool<stream::Hold>& holds() { return holds_; }
  stream::BlockPool& blocks() { return blocks_; }

 private:
  using Octets = std::vector<std::uint8_t>;

  // Everything before `next` was either delivered or is missing.
  void check_accounts() const {
    if (conversation_.stopped || oneside_) return;
    for (const Direction d : {Direction::to_server, Direction::to_client}) {
      const stream::Stream& side = conversation_[d];
      EXPECT_EQ(told_.octets(d) + side.missing, side.next);
    }
  }

 public:
  // A one-sided capture moves the silent side on without a gap.
  Rig& oneside() {
    oneside_ = true;
    return *this;
  }

 private:
  std::vector<stream::Hold> hold_slots_;
  std::vector<std::uint32_t> hold_links_;
  Pool<stream::Hold> holds_;
  std::vector<stream::Block> block_slots_;
  std::vector<std::uint32_t> block_links_;
  stream::BlockPool blocks_;
  std::vector<std::uint64_t> history_ring_;
  stream::History history_;
  tally::Counters counters_;
  stream::Reassembler reassembler_;
  flow::FlowGroup group_;
  flow::Flow& flow_ = group_.flow[0];
  stream::Conversation conversation_;
  Told told_;
  Tick now_{1'000'000};
  std::uint32_t isn_[2] = {1000, 5000};
  bool finished_ = false;
  bool oneside_ = false;
};

}  // namespace mailglass::test
