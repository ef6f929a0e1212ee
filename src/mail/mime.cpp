// SPDX-License-Identifier: BSD-3-Clause
#include "mail/mime.h"

#include "base/bulk.h"

namespace mailglass::mail {
namespace {

using tally::Anomaly;
using tally::Count;

// Where the first line end that may belong to a delimiter begins: one with "--" behind it, or
// whose next octets are not here yet. The text's size when there is none.
std::size_t find_line_end(const Data& data) {
  const Bytes text = data.octets;
  const auto dash = [&](std::size_t i) { return i >= text.size() || text[i] == '-'; };
  std::size_t at = data.dashes <= text.data()
                       ? 0
                       : std::min(static_cast<std::size_t>(data.dashes - text.data()), text.size());
  at += bulk.line_before_dashes(text.data() + at, text.size() - at);
  for (; at < text.size(); ++at) {
    if (text[at] != '\n' || !dash(at + 1) || !dash(at + 2)) continue;
    return at != 0 && text[at - 1] == '\r' ? at - 1 : at;
  }
  return !text.empty() && text.back() == '\r' ? text.size() - 1 : text.size();
}

}  // namespace

void Mime::tell(Turn& turn, const tally::Message& message, Told bit, Anomaly anomaly) {
  if ((told_ & bit) != 0) return;
  told_ |= bit;
  const bool by_client = message.transfer <= tally::Transfer::bdat;
  turn.anomaly(anomaly, by_client ? tally::Direction::to_server : tally::Direction::to_client, {},
               message.tx);
}

bool Mime::begin_body(Turn& turn, tally::Message& message, const Entity& entity) {
  const std::uint32_t part = message.parts;
  if (entity.boundary_too_long) {
    tell(turn, message, kBoundaryTold, Anomaly::mime_boundary_too_long);
  }
  message.depth = std::max(message.depth, levels_);
  begin_line();
  const bool is_message = entity.type == MediaType::message && entity.identity();
  const bool is_multipart = entity.composite() && entity.boundary != 0;
  if (is_message || is_multipart || entity.boundary_unkept) {
    if (push(entity, part, std::min<std::size_t>(turn.context.limits.mime_depth, kDepth)))
      return is_message;
    tell(turn, message, kDepthTold, Anomaly::mime_too_deep);
  }
  Entity leaf = entity;
  if (part > turn.context.limits.mime_parts) {
    tell(turn, message, kPartsTold, Anomaly::mime_too_many_parts);
    leaf.attachment = false;
    leaf.type = MediaType::other;
  }
  part_.begin(turn, leaf, part, levels_);
  return false;
}

bool Mime::push(const Entity& entity, std::uint32_t part, std::size_t limit) {
  if (entity.boundary_unkept) return false;
  const std::size_t boundary = entity.type == MediaType::message ? 0 : entity.boundary;
  if (levels_ >= limit || boundary > kArena - arena_used_) return false;
  Level& level = level_[levels_++];
  level = {position_, part,  arena_used_,       static_cast<std::uint8_t>(boundary),
           false,     false, entity.attachment, false};
  level.digest = entity.type == MediaType::digest;
  arena_used_ = static_cast<std::uint16_t>(arena_used_ + boundary);
  if (boundary != 0) ++boundaries_;
  return true;
}

bool Mime::take(Turn& turn, const tally::Message& message, Data& data) {
  Bytes& rest = data.octets;
  while (!rest.empty()) {
    if (boundaries_ == 0) {
      content(turn, message, rest);
      rest = {};
      break;
    }
    switch (at_) {
      case At::text: {
        const std::size_t length = find_line_end(data);
        content(turn, message, rest.first(length));
        rest = rest.subspan(length);
        if (rest.empty()) break;
        line_[0] = rest.front();
        held_ = line_at_ = 1;
        at_ = rest.front() == '\r' ? At::cr : At::line;
        rest = rest.subspan(1);
        break;
      }
      case At::cr:
        if (rest.front() == '\n') {
          line_[1] = '\n';
          held_ = line_at_ = 2;
          at_ = At::line;
          rest = rest.subspan(1);
        } else {
          release(turn, message);
        }
        break;
      case At::line:
        hold_line(turn, message, rest);
        break;
      case At::rest: {
        const void* lf = std::memchr(rest.data(), '\n', rest.size());
        const std::size_t length =
            lf == nullptr
                ? rest.size()
                : static_cast<std::size_t>(static_cast<const std::uint8_t*>(lf) - rest.data()) + 1;
        position_ += length;
        rest = rest.subspan(length);
        if (lf != nullptr) begin_line();
        break;
      }
    }
    if (part_follows_ && at_ == At::line) {
      part_follows_ = false;
      return true;
    }
  }
  return false;
}

// Takes what may be a delimiter line, up to where it is sure.
void Mime::hold_line(Turn& turn, const tally::Message& message, Bytes& rest) {
  while (!rest.empty()) {
    const std::uint8_t octet = rest.front();
    if (held_ - line_at_ < 2 && octet != '-') return release(turn, message);
    line_[held_++] = octet;
    rest = rest.subspan(1);
    if (octet == '\n') return judge(turn, message, true);
    if (held_ == sizeof line_) return judge(turn, message, false);
  }
}

// No delimiter: what is held is the part's.
void Mime::release(Turn& turn, const tally::Message& message) {
  at_ = At::text;
  const std::size_t held = held_;
  held_ = line_at_ = 0;
  content(turn, message, {line_, held});
}

void Mime::judge(Turn& turn, const tally::Message& message, bool whole) {
  bool closes = false;
  const Level* level = delimits(Bytes(line_, held_).subspan(line_at_), closes);
  if (level == nullptr) {
    if (!whole) return release(turn, message);
    // Its line end may be that of a delimiter line in turn.
    const std::size_t end = held_ - (line_[held_ - 2] == '\r' ? 2u : 1u);
    const std::size_t held = held_ - end;
    content(turn, message, {line_, end});
    std::memmove(line_, line_ + end, held);
    held_ = line_at_ = static_cast<std::uint8_t>(held);
    return;
  }
  const auto index = static_cast<std::size_t>(level - level_);
  close_to(turn, message, index + 1, true);
  position_ += held_;
  level_[index].closed = closes;
  part_follows_ = !closes;
  begin_line();
  if (!whole) at_ = At::rest;
}

// The level whose delimiter `line` is: of several the longest, of equals the innermost.
const Mime::Level* Mime::delimits(Bytes line, bool& closes) const {
  const Level* found = nullptr;
  if (line.size() < 3 || line[0] != '-' || line[1] != '-') return nullptr;
  const Bytes text = line.subspan(2);
  for (std::size_t i = levels_; i-- > 0;) {
    const Level& level = level_[i];
    if (level.boundary == 0 || level.closed || text.size() < level.boundary) continue;
    if (found != nullptr && found->boundary >= level.boundary) continue;
    if (std::memcmp(text.data(), arena_ + level.boundary_at, level.boundary) == 0) found = &level;
  }
  if (found == nullptr) return nullptr;
  const Bytes behind = text.subspan(found->boundary);
  closes = behind.size() >= 2 && behind[0] == '-' && behind[1] == '-';
  return found;
}

bool Mime::is_delimiter(Bytes line) const {
  bool closes;
  return boundaries_ != 0 && delimits(line, closes) != nullptr;
}

void Mime::content(Turn& turn, const tally::Message& message, Bytes octets) {
  position_ += octets.size();
  if (part_.open() && !octets.empty()) part_.take(turn, message, octets);
}

void Mime::lose(Turn& turn, const tally::Message& message) {
  if (at_ == At::cr || at_ == At::line) release(turn, message);
  at_ = At::text;
  part_follows_ = false;
  if (part_.open()) part_.lose(turn, message);
  for (std::size_t i = 0; i < levels_; ++i) level_[i].gap = true;
}

void Mime::end_part(Turn& turn, const tally::Message& message, bool complete) {
  if (!part_.open()) return;
  part_.end(turn, message, complete);
  if (part_.invalid_base64()) tell(turn, message, kBase64Told, Anomaly::mime_invalid_base64);
  if (part_.invalid_quoted_printable()) tell(turn, message, kQpTold, Anomaly::mime_invalid_qp);
  if (part_.invalid_uuencode()) tell(turn, message, kUuTold, Anomaly::mime_invalid_uuencode);
}

// Ends the part being read, and what it is in down to `levels`.
void Mime::close_to(Turn& turn, const tally::Message& message, std::size_t levels, bool complete) {
  end_part(turn, message, complete);
  while (levels_ > levels) {
    const Level& level = level_[--levels_];
    if (level.boundary != 0) --boundaries_;
    arena_used_ = level.boundary_at;
    if (!level.attachment || level.part > turn.context.limits.mime_parts) continue;
    tally::Part whole;  // a message sent as a file: told by its size alone
    whole.octets = whole.size = position_ - level.begin;
    whole.tx = message.tx;
    whole.command = message.command;
    whole.part = level.part;
    whole.depth = levels_;
    whole.complete = complete && !level.gap;
    whole.gap = level.gap;
    turn.counters().add(Count::attachments_7bit);
    turn.counters().add(Count::attachment_octets, whole.size);
    turn.say(whole, {std::string_view{}});
  }
}

void Mime::end(Turn& turn, const tally::Message& message, bool complete) {
  if (at_ == At::cr || at_ == At::line) release(turn, message);
  close_to(turn, message, 0, complete);
}

}  // namespace mailglass::mail
