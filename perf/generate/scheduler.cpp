// SPDX-License-Identifier: BSD-3-Clause
#include "scheduler.h"

#include <algorithm>
#include <utility>

#include "addresses.h"
#include "dialogue.h"

namespace mailglass::generate {

namespace {

constexpr std::uint64_t kStart = 1'767'600'000ULL * 1'000'000;  // 2026-01-05 08:00:00 UTC

bool is_background(Protocol protocol) {
  return protocol == Protocol::kHttp || protocol == Protocol::kTls;
}

std::uint16_t server_port(Protocol protocol, bool submission) {
  switch (protocol) {
    case Protocol::kPop3:
      return 110;
    case Protocol::kHttp:
      return 80;
    case Protocol::kTls:
      return 443;
    case Protocol::kSmtp:
    case Protocol::kConnection:
      break;
  }
  return submission ? kSubmissionPort : 25;
}

Script write_script(const Scene& scene, Random& random, SessionRecord& record) {
  switch (record.protocol) {
    case Protocol::kSmtp:
      return smtp_dialogue(scene, random, record);
    case Protocol::kPop3:
      return pop3_dialogue(scene, random, record);
    case Protocol::kHttp:
      return http_dialogue(scene, random);
    case Protocol::kTls:
      return tls_dialogue(scene, random);
    case Protocol::kConnection:
      break;
  }
  Script silence(random);
  silence.closes_first = Side::kClient;
  return silence;
}

// Handshake and close, a segment a turn or more, half as many acknowledgments.
double planned_packets(const Script& script, const Options& options) {
  const double segment = options.segment != 0 ? options.segment : options.mss;
  double packets = 7;
  for (const auto& turn : script.turns()) {
    packets += 1 + 1.5 * static_cast<double>(turn.payload.size()) / segment;
  }
  return packets;
}

}  // namespace

Scheduler::Scheduler(const Options& options, PacketWriter& out, Truth& truth)
    : options_(options), out_(out), truth_(truth), corpus_(options.seed) {}

void Scheduler::run() {
  Random random(options_.seed);
  slots_.resize(options_.concurrency);
  // The first sessions do not all begin at once.
  for (std::size_t slot = 0; slot < slots_.size() && more_wanted(); ++slot) {
    open(slot, kStart + random.below(20'000));
  }
  while (!due_.empty()) {
    const Due due = due_.top();
    due_.pop();
    Session& session = *slots_[due.slot];
    speak(session);
    flood_until(progress());
    if (!session.speaker.done()) {
      due_.push({session.speaker.next_time_us(), due.slot});
      continue;
    }
    session.record.wear = session.speaker.wear();
    truth_.add(session.record);
    slots_[due.slot].reset();
    if (more_wanted()) open(due.slot, due.time_us + random.below(2 * options_.gap_us + 1));
  }
  flood_until(1.0);
}

bool Scheduler::more_wanted() const {
  return (options_.sessions == 0 || opened_ < options_.sessions) &&
         (options_.size == 0 || out_.file_octets() - flood_octets_ < options_.size);
}

void Scheduler::open(std::size_t slot, std::uint64_t time_us) {
  const std::uint64_t number = ++opened_;
  Random random = Random::for_session(options_.seed, number);
  SessionRecord record;
  record.number = number;
  record.protocol = choose_protocol(random);
  const bool submission = record.protocol == Protocol::kSmtp && random.chance(options_.auth);
  const Ends ends = session_ends(number, random.chance(options_.ipv6), record.protocol,
                                 server_port(record.protocol, submission));
  record.client = ends.client.address.text();
  record.server = ends.server.address.text();
  record.client_port = ends.client.port;
  record.server_port = ends.server.port;

  const Scene scene{options_, corpus_, time_us, record.client};
  Script script = write_script(scene, random, record);
  (is_background(record.protocol) ? background_planned_ : mail_planned_) +=
      planned_packets(script, options_);
  slots_[slot] = std::make_unique<Session>(
      Session{std::move(record), TcpSpeaker(ends, std::move(script), options_, random, time_us)});
  due_.push({time_us, slot});
}

Protocol Scheduler::choose_protocol(Random& random) const {
  if (options_.connections_only) return Protocol::kConnection;
  const double planned = mail_planned_ + background_planned_;
  if (options_.background > 0 && background_planned_ <= options_.background * planned) {
    return random.chance(0.5) ? Protocol::kHttp : Protocol::kTls;
  }
  return random.chance(options_.smtp_share) ? Protocol::kSmtp : Protocol::kPop3;
}

void Scheduler::speak(Session& session) {
  const std::uint64_t before = out_.packets();
  session.speaker.speak(out_);
  session.record.packets += out_.packets() - before;
}

double Scheduler::progress() const {
  const double by_size = options_.size == 0
                             ? 0
                             : static_cast<double>(out_.file_octets() - flood_octets_) /
                                   static_cast<double>(options_.size);
  const double by_sessions = options_.sessions == 0 ? 0
                                                    : static_cast<double>(opened_) /
                                                          static_cast<double>(options_.sessions);
  return std::min(1.0, std::max(by_size, by_sessions));
}

void Scheduler::flood_until(double progress) {
  const auto wanted =
      static_cast<std::uint64_t>(static_cast<double>(options_.syn_flood) * progress);
  for (; syns_ < wanted; ++syns_) {
    const Ends ends = flood_ends(syns_, options_.seed);
    TcpOptions tcp_options;
    tcp_options.maximum_segment_size(1460);
    const std::uint64_t before = out_.file_octets();
    out_.commit(
        out_.last_time_us(),
        write_frame({.from = ends.client,
                     .to = ends.server,
                     .vlan = static_cast<std::uint16_t>(options_.vlan),
                     .ip_id = static_cast<std::uint16_t>(syns_ & 0xffffU),
                     .sequence = static_cast<std::uint32_t>(syns_ * 2'246'822'519U & 0xffff'ffffU),
                     .flags = kSyn,
                     .window = 1024,
                     .options = tcp_options},
                    out_.room()));
    flood_octets_ += out_.file_octets() - before;
    truth_.add_flood_syn();
  }
}

}  // namespace mailglass::generate
