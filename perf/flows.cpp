// SPDX-License-Identifier: BSD-3-Clause
// What a packet of a flow that is not mail costs with 1k, 10k, 100k and 1M of them live: in the
// whole pipeline with its shipped limits, in our table alone, and in DPDK's rte_hash. Packets come
// in bursts, each of any flow. One round asks every candidate at every size in turn; figures are
// medians of rounds, ratios medians of each round's own. Prints one JSON object; exit status 1 when
// any answer was wrong.
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <array>
#include <cstdio>
#include <functional>
#include <map>

#include "app/installation.h"
#include "flow/table.h"
#include "match/pattern_set.h"
#include "perf/arguments.h"
#include "perf/forge.h"
#include "perf/micro/keys.h"
#include "perf/micro/rte_table.h"
#include "perf/program.h"
#include "perf/resident.h"
#include "perf/worker_clock.h"
#include "pipelines/mail.h"
#include "pipelines/store.h"

namespace mailglass::perf {
namespace {

constexpr std::array<std::uint32_t, 4> kLive = {1'000, 10'000, 100'000, kMaxFlows};

// Frames are made, or keys drawn, this many at a time, outside of what is measured. The same
// memory at every size: what differs between sizes is the table alone.
constexpr std::size_t kChunk = 128 * kBurst;

struct Options {
  unsigned rounds = 7;
  std::size_t packets = 1 << 20;
  std::string patterns = app::default_patterns_folder();
};

void require(bool right, const char* what) {
  if (!right) throw std::runtime_error(std::string("wrong answer: ") + what);
}

struct alignas(64) RingLine {
  std::byte octet[64];
};

// The whole pipeline, with `live` flows that shook hands and said something that is not mail.
class Piped {
 public:
  Piped(std::uint32_t live, const match::PatternSet& patterns)
      : live_(live), pipeline_({}, {}, patterns, *counters_, ring_), random_(kSeed) {
    const std::uint64_t before = resident_octets();
    for (std::uint32_t n = 0; n < live_; ++n) greet(n);
    flush();
    grown_ = resident_octets() - before;
    require(counters_->get(tally::Count::flows_opened) == live_, "not every flow was opened");
    require(counters_->get(tally::Count::probes_failed) == live_, "not every flow was judged");
  }

  // Without the ring of octets delivered last: they fill it whatever the number of flows.
  double octets_per_flow() const {
    const std::uint64_t ring = std::uint64_t{stream::Limits{}.history_mib} << 20;
    return static_cast<double>(grown_ - ring) / live_;
  }

  std::uint64_t round(std::size_t packets) {
    const std::uint64_t before = counters_->get(tally::Count::segments_other);
    const WorkerClock clock;
    std::uint64_t cycles = 0;
    for (std::size_t sent = 0; sent < packets; sent += kChunk) {
      for (std::size_t i = 0; i < kChunk; ++i) {
        say(static_cast<std::uint32_t>(random_() % live_), true, 500, wire::kAck);
      }
      const std::uint64_t start = clock.cycles();
      flush();
      cycles += clock.cycles() - start;
    }
    require(counters_->get(tally::Count::segments_other) - before == packets,
            "a packet was not one of a flow known not to be mail");
    return cycles;
  }

 private:
  void greet(std::uint32_t n) {
    if (frames_ + 4 > kChunk) flush();
    say(n, true, 99, wire::kSyn);
    say(n, false, 999, wire::kSyn | wire::kAck);
    say(n, true, 100, wire::kAck);
    say(n, true, 100, wire::kPsh | wire::kAck, "GET / HTTP/1.1\r\n");
  }

  void say(std::uint32_t n, bool client, std::uint32_t seq, unsigned flags,
           std::string_view payload = {}) {
    Forged f;
    f.source = client ? client_number(n) : kServer;
    f.destination = client ? kServer : client_number(n);
    f.source_port = client ? port_number(n) : kServerPort;
    f.destination_port = client ? kServerPort : port_number(n);
    f.seq = seq;
    f.ack = client ? 1000 : 100;
    f.flags = static_cast<std::uint8_t>(flags);
    f.payload = payload;
    sizes_[frames_] = forge(f, octets_[frames_]);
    ++frames_;
  }

  void flush() {
    std::array<Frame, kBurst> burst;
    for (std::size_t at = 0; at < frames_; at += kBurst) {
      const std::size_t count = std::min(kBurst, frames_ - at);
      for (std::size_t i = 0; i < count; ++i) {
        burst[i] = {Bytes(octets_[at + i].data(), sizes_[at + i]), now_, Verified::good,
                    Verified::good};
        now_.us += 1;
      }
      pipeline_.take(wire::LinkType::kEthernet, std::span(burst).first(count));
    }
    frames_ = 0;
  }

  const std::uint32_t live_;
  const std::unique_ptr<tally::Counters> counters_ = std::make_unique<tally::Counters>();
  std::vector<RingLine> storage_{1024};
  tally::EventRing ring_{{storage_[0].octet, 64 * 1024}, tally::WhenFull::drop};
  pipelines::MailPipeline pipeline_;
  std::vector<std::array<std::uint8_t, 128>> octets_{kChunk};
  std::array<std::size_t, kChunk> sizes_{};
  std::size_t frames_ = 0;
  std::mt19937 random_;
  Tick now_{1'767'225'600'000'000};  // 2026-01-01
  std::uint64_t grown_ = 0;
};

// Our table alone, used as the pipeline uses it.
class OurTable {
 public:
  bool open(const flow::FlowKey& key, std::uint32_t) {
    flow::FlowTable::Refusal refusal;
    return flows_.open(key, flows_.hash(key), Tick{}, refusal) != nullptr;
  }

  std::uint64_t look_up(const flow::FlowKey* keys) {
    std::array<std::uint64_t, kBurst> hash;
    for (std::size_t i = 0; i < kBurst; ++i) {
      hash[i] = flows_.hash(keys[i]);
      flows_.prefetch_bucket(hash[i]);
    }
    std::array<std::uint64_t, kBurst> spilled;
    std::size_t spills = 0;
    for (const std::uint64_t h : hash) {
      if (flows_.prefetch_flow(h)) spilled[spills++] = h;
    }
    for (std::size_t i = 0; i < spills; ++i) flows_.prefetch_spilled(spilled[i]);
    std::uint64_t found = 0;
    for (std::size_t i = 0; i < kBurst; ++i) {
      flow::Flow* flow = flows_.find(keys[i], hash[i]);
      if (flow == nullptr) continue;
      flow->see(tally::Direction::to_server);
      ++found;
    }
    return found;
  }

 private:
  pipelines::ZeroPages<flow::FlowGroup> groups_{flow::FlowTable::groups_for(kMaxFlows),
                                                pipelines::PageSize::huge};
  pipelines::ZeroPages<flow::Bucket> buckets_{flow::FlowTable::buckets_for(kMaxFlows),
                                              pipelines::PageSize::huge};
  flow::FlowTable flows_{groups_.span(), buckets_.span(), {}, kSeed};
};

template <typename Table>
class Alone {
 public:
  template <typename... Name>
  explicit Alone(std::uint32_t live, Name... name) : live_(live), table_(name...), random_(kSeed) {
    for (std::uint32_t n = 0; n < live_; ++n) {
      require(table_.open(key_number(n).key, n), "a table has no room for a flow");
    }
  }

  std::uint64_t round(std::size_t packets) {
    const WorkerClock clock;
    std::uint64_t cycles = 0, found = 0;
    for (std::size_t sent = 0; sent < packets; sent += kChunk) {
      for (flow::FlowKey& key : keys_) {
        key = key_number(static_cast<std::uint32_t>(random_() % live_)).key;
      }
      const std::uint64_t start = clock.cycles();
      for (std::size_t at = 0; at < kChunk; at += kBurst) found += table_.look_up(&keys_[at]);
      cycles += clock.cycles() - start;
    }
    require(found == packets, "a flow was not found");
    return cycles;
  }

 private:
  const std::uint32_t live_;
  Table table_;
  std::vector<flow::FlowKey> keys_{kChunk};
  std::mt19937 random_;
};

double median(std::vector<double> of) {
  std::sort(of.begin(), of.end());
  return of[of.size() / 2];
}

// The cycles a packet of each size, of all rounds.
using Rounds = std::map<std::uint32_t, std::vector<double>>;

void write(rapidjson::Writer<rapidjson::StringBuffer>& json, const Rounds& rounds) {
  json.StartObject();
  json.Key("cycles_per_packet");
  json.StartArray();
  for (const std::uint32_t live : kLive) json.Double(median(rounds.at(live)));
  json.EndArray();
  json.Key("to_first");
  json.StartArray();
  for (const std::uint32_t live : kLive) {
    std::vector<double> ratios = rounds.at(live);
    for (std::size_t i = 0; i < ratios.size(); ++i) ratios[i] /= rounds.at(kLive[0])[i];
    json.Double(median(ratios));
  }
  json.EndArray();
  json.EndObject();
}

int run(int argc, char** argv) {
  Options options;
  Arguments arguments("Measures the flow table with 1k to 1M live flows; prints one JSON object.");
  arguments.number("--rounds", options.rounds, "", 1u, 1000u);
  arguments.number("--packets", options.packets, "of each round, rounded up to whole chunks");
  arguments.text("--patterns", options.patterns);
  if (const auto status = arguments.parse(argc, argv)) return *status;
  const std::size_t packets = (options.packets + kChunk - 1) / kChunk * kChunk;

  const auto patterns = match::PatternSet::load(options.patterns);
  std::map<std::uint32_t, std::unique_ptr<Piped>> piped;
  std::map<std::uint32_t, std::unique_ptr<Alone<OurTable>>> ours;
  std::map<std::uint32_t, std::unique_ptr<Alone<RteTable>>> theirs;
  for (const std::uint32_t live : kLive) {
    piped[live] = std::make_unique<Piped>(live, *patterns);
    ours[live] = std::make_unique<Alone<OurTable>>(live);
    theirs[live] = std::make_unique<Alone<RteTable>>(live, "flows-" + std::to_string(live));
  }
  Rounds pipeline, table, rte_hash;
  for (unsigned round = 0; round <= options.rounds; ++round) {
    for (const std::uint32_t live : kLive) {
      const auto measure = [&](Rounds& of, auto& candidate) {
        const auto cycles = static_cast<double>(candidate.round(packets));
        if (round != 0) of[live].push_back(cycles / static_cast<double>(packets));
      };  // the first round only warms up
      measure(pipeline, *piped[live]);
      measure(table, *ours[live]);
      measure(rte_hash, *theirs[live]);
    }
  }

  rapidjson::StringBuffer out;
  rapidjson::Writer<rapidjson::StringBuffer> json(out);
  json.SetMaxDecimalPlaces(2);
  json.StartObject();
  json.Key("rounds");
  json.Uint(options.rounds);
  json.Key("packets");
  json.Uint64(packets);
  json.Key("live");
  json.StartArray();
  for (const std::uint32_t live : kLive) json.Uint(live);
  json.EndArray();
  json.Key("pipeline");
  write(json, pipeline);
  json.Key("table");
  write(json, table);
  json.Key("rte_hash");
  write(json, rte_hash);
  json.Key("octets_per_flow");
  json.Double(piped[kMaxFlows]->octets_per_flow());
  json.EndObject();
  std::puts(out.GetString());
  return 0;
}

}  // namespace
}  // namespace mailglass::perf

int main(int argc, char** argv) {
  return mailglass::perf::told("flows", [&] { return mailglass::perf::run(argc, argv); });
}
