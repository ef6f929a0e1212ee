// SPDX-License-Identifier: BSD-3-Clause
// A thousand live mail sessions between each flood in turn. What is said of them must be what is
// said without the flood, to the last octet; memory must not grow once the flood has filled what
// there is; and twice the flood must not cost more than twice the time.
//
// For each flood one pipeline sees the sessions five times: twice alone (the reference, and what
// they cost), then with a quarter of the flood, which fills the tables, with another quarter, and
// with the rest, twice as much. Prints one JSON object; exit status 1 when a session is not
// complete or memory grows. Times are reported, and never decide.
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <array>
#include <cstdio>
#include <memory>

#include "app/installation.h"
#include "match/pattern_set.h"
#include "perf/arguments.h"
#include "perf/floods/heard.h"
#include "perf/floods/kinds.h"
#include "perf/floods/sessions.h"
#include "perf/program.h"
#include "perf/resident.h"
#include "perf/worker_clock.h"
#include "pipelines/mail.h"

namespace mailglass::perf {
namespace {

using Json = rapidjson::Writer<rapidjson::StringBuffer>;

constexpr std::size_t kBurst = 32;
constexpr std::size_t kChunk = 128 * kBurst;  // frames made, outside of what is measured, at a time
constexpr std::size_t kRingOctets = 8 << 20;
constexpr std::uint64_t kGrowth = 1 << 20;  // octets that are noise

struct Options {
  std::uint64_t packets = 5'000'000;
  unsigned sessions = 1000;
  unsigned body = 30'720;
  std::string only;
  std::string patterns = app::default_patterns_folder();
  bool small = false;
  pipelines::MailLimits limits;

  // The same in seconds, for tests: tables that a small flood fills.
  void shrink() {
    packets = 200'000;
    sessions = 100;
    body = 4096;
    limits.wire.datagrams = 64;
    limits.wire.blocks = 128;
    limits.flow.flows = 1 << 14;
    limits.stream.holds = 256;
    limits.stream.blocks = 2048;
    limits.mail.blocks = 1 << 13;
    limits.stream.history_mib = 1;
    limits.mail.sessions = 1 << 13;
  }
};

struct alignas(64) RingLine {
  std::byte octet[64];
};

struct Wave {
  std::uint64_t cycles = 0;
  std::uint64_t packets = 0;
  std::uint64_t resident = 0;  // octets behind it
  Heard heard;
};

class Trial {
 public:
  Trial(const Options& options, const Sessions& sessions, const Kind& kind,
        const match::PatternSet& patterns)
      : sessions_(sessions),
        kind_(kind),
        pipeline_(options.limits, {}, patterns, *counters_, ring_) {}

  // The sessions, and `flood` packets evenly between their frames.
  Wave wave(std::uint64_t flood) {
    Wave wave;
    wave.packets = sessions_.frames.size() + flood;
    const std::uint64_t before = cycles_;
    const std::uint64_t first = flooded_;
    const std::int64_t later = start_.us - sessions_.frames.front().time.us;
    for (std::size_t i = 0; i < sessions_.frames.size(); ++i) {
      const Frame& frame = sessions_.frames[i];
      const Tick time{frame.time.us + later};
      add(frame.data, time);
      if (has_octets(frame.data)) said_ = frame.data;
      const std::uint64_t due = first + flood * (i + 1) / sessions_.frames.size();
      while (flooded_ < due && !said_.empty()) {
        std::uint8_t* const room = forged_[taken_].data();
        add({room, kind_.write(flooded_++, said_, forged_[taken_])}, time);
      }
    }
    flush();
    start_.us += sessions_.lasts_us() + kMicrosecondsPerSecond;
    wave.cycles = cycles_ - before;
    wave.heard = listener_.heard();
    wave.resident = resident_octets();
    return wave;
  }

  tally::Counters& counters() { return *counters_; }

 private:
  static bool has_octets(Bytes frame) {
    const bool v4 = frame[12] == 0x08;
    const std::size_t tcp = v4 ? 34 : 54;
    const int length = v4 ? frame[16] << 8 | frame[17] : 40 + (frame[18] << 8 | frame[19]);
    return 14 + static_cast<std::size_t>(length) > tcp + (frame[tcp + 12] >> 4) * 4u;
  }

  void add(Bytes octets, Tick time) {
    chunk_[taken_++] = {octets, time, Verified::good, Verified::good};
    if (taken_ == kChunk) flush();
  }

  void flush() {
    const std::uint64_t start = clock_.cycles();
    for (std::size_t at = 0; at < taken_; at += kBurst) {
      pipeline_.take(wire::LinkType::kEthernet,
                     std::span(chunk_).subspan(at, std::min(kBurst, taken_ - at)));
    }
    cycles_ += clock_.cycles() - start;
    taken_ = 0;
    ring_.drain([this](const tally::EventView& record) { listener_.take(record); });
  }

  const Sessions& sessions_;
  const Kind& kind_;
  WorkerClock clock_;
  const std::unique_ptr<tally::Counters> counters_ = std::make_unique<tally::Counters>();
  std::vector<RingLine> storage_{kRingOctets / sizeof(RingLine)};
  tally::EventRing ring_{{storage_[0].octet, kRingOctets}, tally::WhenFull::drop};
  pipelines::MailPipeline pipeline_;
  Listener listener_;
  std::vector<Frame> chunk_{kChunk};
  std::vector<std::array<std::uint8_t, kFloodFrame>> forged_{kChunk};
  std::size_t taken_ = 0;
  std::uint64_t flooded_ = 0;
  std::uint64_t cycles_ = 0;
  Bytes said_;
  Tick start_{1'767'225'600'000'000};  // 2026-01-01
};

void number(Json& json, const char* name, std::uint64_t value) {
  json.Key(name);
  json.Uint64(value);
}

void real(Json& json, const char* name, double value) {
  json.Key(name);
  json.Double(value);
}

void write(Json& json, const char* name, const Heard& heard) {
  json.Key(name);
  json.StartObject();
  number(json, "opened", heard.opened);
  number(json, "closed", heard.closed);
  number(json, "unfinished", heard.unfinished);
  number(json, "missing", heard.missing);
  number(json, "commands", heard.commands);
  number(json, "transactions", heard.transactions);
  number(json, "messages", heard.messages);
  number(json, "whole_messages", heard.whole);
  number(json, "message_octets", heard.message_octets);
  number(json, "records", heard.records);
  json.EndObject();
}

// What became of frames, flows and octets, by the counters' names; and of the pools.
void write(Json& json, const tally::Counters& counters) {
  using tally::Count;
  using tally::Level;
  json.Key("counters");
  json.StartObject();
  const auto count = [&](std::string_view name, Count id) {
    for (const char* of : {"drop_", "flow", "datagrams_", "fragment", "stream_", "sessions_",
                           "holds_", "blocks_", "lines_", "probes_", "events_", "segments"}) {
      if (name.starts_with(of) && counters.get(id) != 0) {
        return number(json, name.data(), counters.get(id));
      }
    }
  };
#define COUNT(id, family, value) count(#id, Count::id);
#define DROP(id, help) count("drop_" #id, Count::drop_##id);
#include "tally/counters.def"
  json.EndObject();
  json.Key("pools");
  json.StartObject();
#define LEVEL(id, family, value) number(json, #id, counters.get(Level::id));
#include "tally/counters.def"
  json.EndObject();
}

// True when the flood did no harm.
bool measure(Json& json, const Options& options, const Sessions& sessions, const Kind& kind,
             const match::PatternSet& patterns) {
  Trial trial(options, sessions, kind, patterns);
  const std::uint64_t quarter = options.packets / 4;
  const Wave reference = trial.wave(0), alone = trial.wave(0);
  const Wave filling = trial.wave(quarter), once = trial.wave(quarter),
             twice = trial.wave(2 * quarter);

  const Heard& right = reference.heard;
  const bool sound = right.opened == options.sessions && right.closed == options.sessions &&
                     right.unfinished == 0 && right.missing == 0 && right.whole == right.messages;
  if (!sound || alone.heard != right) throw std::runtime_error("sessions alone are not complete");
  bool complete = true;
  for (const Wave* wave : {&filling, &once, &twice}) complete = complete && wave->heard == right;
  const std::uint64_t most = std::max(once.resident, twice.resident);
  const std::uint64_t growth = most - std::min(most, filling.resident);
  const bool flat = growth <= kGrowth;

  const auto added = [&alone](const Wave& wave) {
    return static_cast<double>(wave.cycles) - static_cast<double>(alone.cycles);
  };
  json.StartObject();
  json.Key("flood");
  json.String(kind.name);
  json.Key("complete");
  json.Bool(complete);
  json.Key("memory_flat");
  json.Bool(flat);
  const auto share = static_cast<double>(quarter);
  real(json, "cycles_per_packet",
       static_cast<double>(twice.cycles) / static_cast<double>(twice.packets));
  real(json, "cycles_per_packet_without",
       static_cast<double>(alone.cycles) / static_cast<double>(alone.packets));
  real(json, "cycles_per_flood_packet_n", added(once) / share);
  real(json, "cycles_per_flood_packet_2n", added(twice) / (2 * share));
  real(json, "t2n_to_tn", added(twice) / added(once));
  number(json, "resident_before", reference.resident);
  number(json, "resident_filled", filling.resident);
  number(json, "resident_after", twice.resident);
  number(json, "grown", growth);
  write(json, "sessions", right);
  if (!complete) {
    write(json, "sessions_filling", filling.heard);
    write(json, "sessions_n", once.heard);
    write(json, "sessions_2n", twice.heard);
  }
  write(json, trial.counters());
  json.EndObject();
  return complete && flat;
}

int run(int argc, char** argv) {
  Options options;
  Arguments arguments(
      "Mail sessions between floods: complete, or exit status 1; prints one JSON object.");
  arguments.flag("--small", options.small, "small tables and floods, seconds");
  arguments.text("--only", options.only, "one flood, by its name");
  arguments.number("--packets", options.packets, "of each flood, unless --small");
  arguments.text("--patterns", options.patterns);
  if (const auto status = arguments.parse(argc, argv)) return *status;
  if (options.small) options.shrink();

  const auto patterns = match::PatternSet::load(options.patterns);
  const Sessions sessions = generate_sessions(options.sessions, options.body);
  rapidjson::StringBuffer out;
  Json json(out);
  json.SetMaxDecimalPlaces(2);
  json.StartObject();
  number(json, "sessions", options.sessions);
  number(json, "session_packets", sessions.frames.size());
  number(json, "flood_packets", options.packets);
  real(json, "seconds", static_cast<double>(sessions.lasts_us()) / 1e6);
  json.Key("floods");
  json.StartArray();
  int status = 0;
  for (const Kind& kind : kinds()) {
    if (!options.only.empty() && options.only != kind.name) continue;
    if (!measure(json, options, sessions, kind, *patterns)) {
      std::fprintf(stderr, "floods: %s (%s): sessions were hurt, or memory grew\n", kind.name,
                   kind.what);
      status = 1;
    }
  }
  json.EndArray();
  json.EndObject();
  std::puts(out.GetString());
  return status;
}

}  // namespace
}  // namespace mailglass::perf

int main(int argc, char** argv) {
  return mailglass::perf::told("floods", [&] { return mailglass::perf::run(argc, argv); });
}
