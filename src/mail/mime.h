// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <type_traits>

#include "mail/dots.h"
#include "mail/part_reader.h"

namespace mailglass::mail {

// The structure of one message's body (RFC 2046 section 5): which multiparts and messages it is
// inside of, and where their delimiter lines are. Lives in one block of the shared pool while the
// message is under transfer. Header fields are read by MessageReader, parts by PartReader.
class Mime {
 public:
  static constexpr std::size_t kDepth = 16;   // the most that mail.mime_depth may say
  static constexpr std::size_t kArena = 448;  // octets of the open boundaries together

  // Where the boundary of the entity whose header is being read is kept.
  std::span<std::uint8_t> boundary_room() {
    return std::span(arena_).subspan(arena_used_, std::min(kKeptBoundary, kArena - arena_used_));
  }

  // The header of an entity is over. True when its body begins with a header again.
  bool begin_body(Turn& turn, tally::Message& message, const Entity& entity);
  // Takes octets of bodies from the front of `data`, until none is left or a part's header begins:
  // then true.
  bool take(Turn& turn, const tally::Message& message, Data& data);
  // Octets of a header, which MessageReader takes; or, negative, gives back.
  void pass(std::int64_t octets) { position_ += static_cast<std::uint64_t>(octets); }
  // Whether a line of a header is a delimiter, and so the header has no end.
  bool is_delimiter(Bytes line) const;
  void lose(Turn& turn, const tally::Message& message);
  void end(Turn& turn, const tally::Message& message, bool complete);

  // RFC 2046 section 5.1.5.
  MediaType default_type() const {
    return levels_ != 0 && level_[levels_ - 1].digest ? MediaType::message : MediaType::text_plain;
  }
  std::uint8_t depth() const { return levels_; }

 private:
  enum class At : std::uint8_t {
    text,  // inside a line that is no delimiter
    cr,    // behind a CR, which is held
    line,  // at a line's start or in its first octets, which are held with the end before it
    rest,  // in the rest of a delimiter line
  };
  struct Level {
    std::uint64_t begin;        // Mime::position_ where its body began
    std::uint32_t part;         // Header::part
    std::uint16_t boundary_at;  // in the arena
    std::uint8_t boundary;      // its octets; 0: a message, which has none
    bool digest : 1, closed : 1, attachment : 1, gap : 1;
  };
  static_assert(sizeof(Level) == 16);
  enum Told : std::uint8_t {
    kDepthTold = 1,
    kPartsTold = 2,
    kBoundaryTold = 4,
    kBase64Told = 8,
    kQpTold = 16,
    kUuTold = 32
  };

  void content(Turn& turn, const tally::Message& message, Bytes octets);
  void hold_line(Turn& turn, const tally::Message& message, Bytes& rest);
  void judge(Turn& turn, const tally::Message& message, bool whole);
  void begin_line() { at_ = At::line, held_ = line_at_ = 0; }
  void release(Turn& turn, const tally::Message& message);
  const Level* delimits(Bytes line, bool& closes) const;
  void end_part(Turn& turn, const tally::Message& message, bool complete);
  void close_to(Turn& turn, const tally::Message& message, std::size_t levels, bool complete);
  bool push(const Entity& entity, std::uint32_t part, std::size_t limit);
  void tell(Turn& turn, const tally::Message& message, Told bit, tally::Anomaly anomaly);

  std::uint64_t position_ = 0;  // octets of the message so far, from its first body on
  std::uint16_t arena_used_ = 0;
  std::uint8_t levels_ = 0;
  std::uint8_t boundaries_ = 0;  // of them, those with a boundary
  std::uint8_t held_ = 0, line_at_ = 0;
  std::uint8_t told_ = 0;
  At at_ = At::text;
  bool part_follows_ = false;  // behind the delimiter line now being read
  PartReader part_;
  Level level_[kDepth];
  std::uint8_t arena_[kArena];
  std::uint8_t line_[2 + 2 + kKeptBoundary + 2];  // a line end, "--", a boundary, "--"
};
static_assert(sizeof(Mime) <= Block::kOctets && std::is_trivially_destructible_v<Mime>);

}  // namespace mailglass::mail
