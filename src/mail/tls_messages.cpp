// SPDX-License-Identifier: BSD-3-Clause
#include "mail/tls_messages.h"

#include <algorithm>

#include "mail/line.h"

namespace mailglass::mail {

using tally::Count;

namespace {

constexpr std::uint8_t kAlert = 21;
constexpr std::uint8_t kMajor = 3;  // of every version from SSL 3.0 to TLS 1.3
constexpr std::uint8_t kMaxMinor = 4;
constexpr std::size_t kMaxRecord = 16384 + 2048;  // RFC 5246 section 6.2.3

// A Certificate begins with the length of the list and that of its first entry, three octets each
// (RFC 5246 section 7.4.2).
constexpr std::uint32_t kEntryAt = 6;

template <std::size_t Capacity>
bool fill(FixedVector<std::uint8_t, Capacity>& header, Bytes& from) {
  while (!header.full() && !from.empty()) {
    static_cast<void>(header.push(from.front()));
    from = from.subspan(1);
  }
  return header.full();
}

}  // namespace

TlsMessages::Step TlsMessages::take(BlockPool& pool, tally::Counters& counters, Bytes& rest) {
  if (whole_) release(pool);
  while (!rest.empty()) {
    if (record_left_ == 0) {
      if (!fill(record_, rest)) return Step::more;
      const Step begun = begin_record();
      if (begun != Step::more) return begun;
      continue;
    }
    const std::size_t before = std::min<std::size_t>(record_left_, rest.size());
    Bytes part = rest.first(before);
    const Step step = in_alert_ ? take_alert(part) : take_message(pool, counters, part);
    const std::size_t taken = before - part.size();
    rest = rest.subspan(taken);
    record_left_ = static_cast<std::uint16_t>(record_left_ - taken);
    if (step != Step::more) return step;
  }
  return Step::more;
}

TlsMessages::Step TlsMessages::begin_record() {
  const std::uint8_t content = record_[0];
  const std::size_t length = std::size_t{record_[3]} << 8 | record_[4];
  const bool plausible = record_[1] == kMajor && record_[2] <= kMaxMinor && length <= kMaxRecord;
  record_.clear();
  if (!plausible || content < 20 || content > 24) return Step::malformed;
  // No other record may stand between those of one message.
  const bool inside = !header_.empty() || skip_ != 0;
  if (content != kTlsHandshake && inside) return Step::malformed;
  in_alert_ = content == kAlert;
  if (in_alert_ ? length != 2 : content != kTlsHandshake) return Step::other;
  if (length == 0) return Step::malformed;
  record_left_ = static_cast<std::uint16_t>(length);
  alert_.clear();
  return Step::more;
}

TlsMessages::Step TlsMessages::take_alert(Bytes& part) {
  return fill(alert_, part) ? Step::alert : Step::more;
}

TlsMessages::Step TlsMessages::take_message(BlockPool& pool, tally::Counters& counters,
                                            Bytes& part) {
  const std::size_t skipped = std::min<std::size_t>(skip_, part.size());
  part = part.subspan(skipped);
  skip_ -= static_cast<std::uint32_t>(skipped);
  if (!fill(header_, part)) return Step::more;
  if (!begun_) begin_message();
  while (kept_ < wanted_ && !cut_) {
    if (part.empty()) return Step::more;
    cut_ = !append(pool, counters, part);
    if (type_ != TlsType::certificate || kept_ != kEntryAt) continue;
    const std::uint8_t* first = pool[block_[0]].octet + 3;
    const std::uint32_t entry =
        static_cast<std::uint32_t>(first[0] << 16 | first[1] << 8 | first[2]);
    wanted_ = std::min(length_, kEntryAt + entry);
  }
  whole_ = true;
  return Step::message;
}

void TlsMessages::begin_message() {
  begun_ = true;
  type_ = static_cast<TlsType>(header_[0]);
  length_ = static_cast<std::uint32_t>(header_[1] << 16 | header_[2] << 8 | header_[3]);
  wanted_ = type_ == TlsType::certificate ? std::min(length_, kEntryAt) : length_;
}

// False when there is no room, and nothing was taken.
bool TlsMessages::append(BlockPool& pool, tally::Counters& counters, Bytes& part) {
  const std::size_t index = kept_ / Block::kOctets, at = kept_ % Block::kOctets;
  if (index == kBlocks) {
    counters.add(Count::tls_cut_capacity);
    return false;
  }
  if (at == 0) block_[index] = pool.take();
  if (block_[index] == kNoSlot) {
    counters.add(Count::tls_cut_blocks);
    return false;
  }
  const std::size_t count =
      std::min({part.size(), std::size_t{wanted_ - kept_}, Block::kOctets - at});
  std::memcpy(pool[block_[index]].octet + at, part.data(), count);
  kept_ += static_cast<std::uint32_t>(count);
  part = part.subspan(count);
  return true;
}

std::string_view TlsMessages::part(const BlockPool& pool, std::size_t index) const {
  const std::size_t from = index * Block::kOctets;
  if (from >= kept_) return {};
  return as_text(Bytes(pool[block_[index]].octet, std::min(kept_ - from, Block::kOctets)));
}

void TlsMessages::release(BlockPool& pool) {
  for (std::uint32_t& block : block_) {
    if (block != kNoSlot) pool.give_back(block);
    block = kNoSlot;
  }
  skip_ = length_ - kept_;
  header_.clear();
  length_ = wanted_ = kept_ = 0;
  begun_ = whole_ = cut_ = false;
}

}  // namespace mailglass::mail
