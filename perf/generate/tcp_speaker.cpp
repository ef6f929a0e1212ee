// SPDX-License-Identifier: BSD-3-Clause
#include "tcp_speaker.h"

#include <algorithm>
#include <utility>

namespace mailglass::generate {

namespace {

constexpr std::uint16_t kSynWindow = 64'240;
constexpr std::uint16_t kWindow = 502;  // times 2^7
constexpr std::uint8_t kWindowShift = 7;
constexpr std::size_t kTimestamps = 12;  // octets of the option in every segment
constexpr std::size_t kLongerIpv6 = 20;  // than IPv4

}  // namespace

TcpSpeaker::TcpSpeaker(const Ends& ends, Script script, const Options& options, Random random,
                       std::uint64_t start_us)
    : script_(std::move(script)), options_(options), random_(random), next_time_us_(start_us) {
  client_.host = ends.client;
  server_.host = ends.server;
  for (End* end : {&client_, &server_}) {
    end->next = static_cast<std::uint32_t>(random_.next());
    end->clock = static_cast<std::uint32_t>(random_.next());
    end->ip_id = static_cast<std::uint16_t>(random_.below(65'536));
  }
  const std::size_t full = options_.mss - (ends.client.address.v6 ? kLongerIpv6 : 0);
  segment_ = options_.segment == 0 ? full : std::min<std::size_t>(options_.segment, full);
}

void TcpSpeaker::speak(PacketWriter& out) {
  const Side closer = script_.closes_first;
  switch (phase_) {
    case Phase::kSyn:
      signal(Side::kClient, kSyn, out);
      phase_ = Phase::kSynAck;
      return wait(random_.between(20, 200));
    case Phase::kSynAck:
      signal(Side::kServer, kSyn | kAck, out);
      phase_ = Phase::kAck;
      return wait(script_.round_trip_us());
    case Phase::kAck:
      signal(Side::kClient, kAck, out);
      return begin_turn();
    case Phase::kTalk:
      return talk(out);
    case Phase::kFin:
      signal(closer, kFin | kAck, out);
      phase_ = Phase::kFinAcked;
      return short_wait();
    case Phase::kFinAcked:
      signal(other(closer), kAck, out);
      phase_ = Phase::kLastFin;
      return short_wait();
    case Phase::kLastFin:
      signal(other(closer), kFin | kAck, out);
      phase_ = Phase::kLastAck;
      return short_wait();
    case Phase::kLastAck:
      signal(closer, kAck, out);
      phase_ = Phase::kDone;
      return;
    case Phase::kDone:
      return;
  }
}

void TcpSpeaker::begin_turn() {
  if (turn_ == script_.turns().size()) {
    phase_ = Phase::kFin;
    return short_wait();
  }
  phase_ = Phase::kTalk;
  turn_start_ = end(turn().from).next;
  cut_ = 0;
  wait(turn().think_us);
}

void TcpSpeaker::talk(PacketWriter& out) {
  const Side speaker = turn().from;
  const std::size_t size = turn().payload.size();
  if (end(other(speaker)).must_acknowledge) {
    signal(other(speaker), kAck, out);
  } else if (again_ && (again_in_ == 0 || (cut_ == size && !held_))) {
    say_again(out);
  } else {
    say(next_range(), out);
  }
  const bool over = cut_ == size && !held_ && !again_ && !end(other(speaker)).must_acknowledge;
  if (!over) return short_wait();
  ++turn_;
  begin_turn();
}

TcpSpeaker::Range TcpSpeaker::cut() {
  const Range range{cut_, std::min(segment_, turn().payload.size() - cut_)};
  cut_ += range.length;
  end(turn().from).next += static_cast<std::uint32_t>(range.length);
  return range;
}

// The next segment in the order in which the tap sees them.
TcpSpeaker::Range TcpSpeaker::next_range() {
  const std::size_t size = turn().payload.size();
  if (held_ && (held_for_ == 0 || cut_ == size)) {
    const Range range = *held_;
    held_.reset();
    return range;
  }
  Range range = cut();
  if (held_) {
    --held_for_;
  } else if (cut_ < size && random_.chance(options_.reorder)) {
    held_ = range;
    held_for_ = random_.below(3);
    ++wear_.reordered;
    range = cut();
  }
  return range;
}

void TcpSpeaker::say(Range range, PacketWriter& out) {
  const Side speaker = turn().from;
  if (again_) --again_in_;
  const std::uint32_t sequence = turn_start_ + static_cast<std::uint32_t>(range.offset);
  if (random_.chance(options_.loss)) {
    ++wear_.lost_segments;
    wear_.lost_octets += range.length;
  } else {
    const bool last = range.offset + range.length == turn().payload.size();
    write(speaker, last ? kPsh | kAck : kAck, sequence, range, out);
    if (!again_ && random_.chance(options_.duplicate)) {
      again_ = range;
      again_in_ = random_.below(3);
    }
  }
  hear(end(other(speaker)), sequence, range.length);
}

void TcpSpeaker::say_again(PacketWriter& out) {
  const Side speaker = turn().from;
  const std::uint32_t sequence = turn_start_ + static_cast<std::uint32_t>(again_->offset);
  write(speaker, kAck, sequence, *again_, out);
  hear(end(other(speaker)), sequence, again_->length);
  again_.reset();
  ++wear_.duplicated;
}

// RFC 5681 section 4.2: every second segment is acknowledged; one out of order, one that fills a
// hole, and one that is old news, at once.
void TcpSpeaker::hear(End& receiver, std::uint32_t sequence, std::size_t length) {
  const std::uint32_t next = sequence + static_cast<std::uint32_t>(length);
  const bool hole = receiver.beyond != receiver.expected;
  if (sequence == receiver.expected) {
    receiver.expected = hole ? receiver.beyond : next;
    receiver.beyond = receiver.expected;
    receiver.must_acknowledge = hole || ++receiver.unacknowledged >= 2;
    return;
  }
  receiver.must_acknowledge = true;
  // Only one segment is ever held back, so what arrives behind it is one run.
  const auto ahead = static_cast<std::int32_t>(sequence - receiver.expected);
  if (ahead > 0 && !hole) receiver.hole_end = sequence;
  if (ahead > 0 && (!hole || sequence == receiver.beyond)) receiver.beyond = next;
}

void TcpSpeaker::signal(Side from, std::uint8_t flags, PacketWriter& out) {
  End& speaker = end(from);
  write(from, flags, speaker.next, {}, out);
  if ((flags & (kSyn | kFin)) != 0) {
    // SYN and FIN take a sequence number each.
    ++speaker.next;
    end(other(from)).expected = end(other(from)).beyond = speaker.next;
  }
}

void TcpSpeaker::write(Side from, std::uint8_t flags, std::uint32_t sequence, Range data,
                       PacketWriter& out) {
  End& speaker = end(from);
  End& listener = end(other(from));
  const std::uint32_t now = static_cast<std::uint32_t>(next_time_us_ / 1000) + speaker.clock;
  TcpOptions tcp_options;
  const bool syn = (flags & kSyn) != 0;
  if (syn) {
    const std::size_t longer = speaker.host.address.v6 ? kLongerIpv6 : 0;
    tcp_options.maximum_segment_size(
        static_cast<std::uint16_t>(options_.mss + kTimestamps - longer));
    tcp_options.sack_permitted();
  }
  tcp_options.timestamps(now, (flags & kAck) != 0 ? speaker.peer_clock : 0);
  if (syn) tcp_options.window_scale(kWindowShift);
  if (speaker.beyond != speaker.expected) tcp_options.sack(speaker.hole_end, speaker.beyond);

  const Segment segment{.from = speaker.host,
                        .to = listener.host,
                        .vlan = static_cast<std::uint16_t>(options_.vlan),
                        .ip_id = speaker.ip_id++,
                        .sequence = sequence,
                        .acknowledgment = (flags & kAck) != 0 ? speaker.expected : 0,
                        .flags = flags,
                        .window = syn ? kSynWindow : kWindow,
                        .options = tcp_options,
                        .payload = data.length > 0 ? &turn().payload : nullptr,
                        .offset = data.offset,
                        .length = data.length};
  out.commit(next_time_us_, write_frame(segment, out.room()));
  speaker.unacknowledged = 0;
  speaker.must_acknowledge = false;
  listener.peer_clock = now;
}

// Uniform, with the mean the user asked for.
void TcpSpeaker::short_wait() { wait(random_.below(2 * options_.gap_us + 1)); }

}  // namespace mailglass::generate
