// SPDX-License-Identifier: BSD-3-Clause
#include "mail/part_reader.h"

namespace mailglass::mail {

using tally::Count;
using tally::Encoding;

void PartReader::begin(Turn& turn, const Entity& entity, std::uint32_t part, std::uint8_t depth) {
  part_ = {};
  part_.part = part;
  part_.depth = depth;
  part_.encoding = entity.encoding;
  decoder_ = TransferDecoder(entity.encoding);
  kept_ = 0;
  attachment_ = entity.attachment;
  text_ = turn.context.limits.urls != 0 &&
          (entity.type == MediaType::text_plain || entity.type == MediaType::text_html);
  urls_.begin_part();
  open_ = true;
  digest_ = kNoSlot;
  if (!attachment_ || turn.context.digests == nullptr) return;
  digest_ = turn.context.digests->begin();
  if (digest_ == kNoSlot) turn.counters().add(Count::mime_refused_digests);
}

void PartReader::drop_digest(Turn& turn) {
  if (digest_ != kNoSlot) turn.context.digests->abandon(digest_);
  digest_ = kNoSlot;
}

void PartReader::take(Turn& turn, const tally::Message& message, Bytes octets) {
  part_.octets += octets.size();
  if (!attachment_ && !text_) return;
  if (part_.encoding != Encoding::base64 && part_.encoding != Encoding::quoted_printable &&
      part_.encoding != Encoding::uuencode) {
    return decoded(turn, message, octets);
  }
  std::array<std::uint8_t, 1280> room;  // what a segment of 1448 octets decodes to, and more
  while (!octets.empty()) {
    if (part_.encoding == Encoding::base64 && !text_ && digest_ == kNoSlot &&
        kept_ == sizeof first_) {
      return decoder_.count(octets);
    }
    const std::size_t written = decoder_.decode(octets, room);
    decoded(turn, message, {room.data(), written});
  }
}

void PartReader::decoded(Turn& turn, const tally::Message& message, Bytes octets) {
  part_.size += octets.size();
  const std::size_t wanted =
      attachment_ ? std::min(octets.size(), std::size_t{sizeof first_} - kept_) : 0;
  if (wanted != 0) std::memcpy(first_ + kept_, octets.data(), wanted);
  kept_ = static_cast<std::uint16_t>(kept_ + wanted);
  if (digest_ != kNoSlot) turn.context.digests->update(digest_, octets);
  if (text_) urls_.take(turn, message, octets);
}

void PartReader::lose(Turn& turn, const tally::Message& message) {
  part_.gap = true;
  drop_digest(turn);
  decoder_.lose();
  if (text_) urls_.end_part(turn, message, true);
}

void PartReader::end(Turn& turn, const tally::Message& message, bool complete) {
  std::uint8_t rest[TransferDecoder::kRoom];
  if (attachment_ || text_) decoded(turn, message, {rest, decoder_.finish(rest)});
  if (text_) urls_.end_part(turn, message, !complete);
  open_ = false;
  if (!complete) drop_digest(turn);
  if (!attachment_) return;
  if (part_.encoding == Encoding::base64) part_.size = decoder_.size();
  part_.tx = message.tx;
  part_.command = message.command;
  part_.complete = complete && !part_.gap;
  turn.counters().add(static_cast<Count>(static_cast<unsigned>(Count::attachments_7bit) +
                                         static_cast<unsigned>(part_.encoding)));
  turn.counters().add(Count::attachment_octets, part_.size);
  const std::string_view first = as_text({first_, kept_});
  if (digest_ == kNoSlot) return turn.say(part_, {first});
  DigestValues values;
  turn.context.digests->end(digest_, values);
  const DigestSet& set = turn.context.digests->computed();
  const auto shown = [](bool computed, const auto& value) {
    return computed ? as_text(value) : std::string_view{};
  };
  turn.say(part_, {first, shown(set.md5, values.md5), shown(set.sha1, values.sha1),
                   shown(set.sha256, values.sha256)});
}

}  // namespace mailglass::mail
