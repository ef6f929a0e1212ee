// SPDX-License-Identifier: BSD-3-Clause
// What a bridge adds to a frame's way: from a ring that is its one port's receive queue to the ring
// that is the other's transmit queue. One thread puts frames of a capture in and takes them out;
// one worker bridges them, in turn with a loop that only forwards, as testpmd's io does. Frames
// come out unchanged and in order, or the run is void. One JSON object on standard output.
#include <rte_cycles.h>
#include <rte_eth_ring.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>
#include <rte_pause.h>
#include <rte_ring.h>

#include <cstdio>
#include <cstring>
#include <map>
#include <memory>
#include <stdexcept>

#include "app/installation.h"
#include "app/worker.h"
#include "match/pattern_set.h"
#include "nic/live_ports.h"
#include "perf/arguments.h"
#include "perf/preload.h"
#include "perf/program.h"

namespace mailglass::perf {
namespace {

constexpr unsigned kSlots = 4096;
constexpr unsigned kLoads[] = {1, 32, 512};  // frames at once
constexpr double kQuietUs = 60;              // between two handfuls: the worker is done, and idle
constexpr std::size_t kRingOctets = 16 << 20;

struct Options {
  std::string capture;
  std::string patterns = app::default_patterns_folder();
  std::string idle = "poll";
  unsigned rounds = 5;
  unsigned frames = 20000;  // of each load in each round
};

struct Ends {
  rte_ring* in = nullptr;
  rte_ring* out = nullptr;
  std::string device;
  std::uint16_t port = 0;
};

Ends make_port(const std::string& name) {
  Ends ends;
  ends.in = rte_ring_create((name + "-in").c_str(), kSlots, SOCKET_ID_ANY, 0);
  ends.out = rte_ring_create((name + "-out").c_str(), kSlots, SOCKET_ID_ANY, 0);
  const int port = rte_eth_from_rings(name.c_str(), &ends.in, 1, &ends.out, 1, 0);
  if (port < 0) throw std::runtime_error("no port of rings");
  ends.port = static_cast<std::uint16_t>(port);
  ends.device = "net_ring_" + name;
  return ends;
}

void start_port(const Ends& ends, rte_mempool* pool) {
  rte_eth_conf conf{};
  if (rte_eth_dev_configure(ends.port, 1, 1, &conf) != 0 ||
      rte_eth_rx_queue_setup(ends.port, 0, 1024, 0, nullptr, pool) != 0 ||
      rte_eth_tx_queue_setup(ends.port, 0, 1024, 0, nullptr) != 0 ||
      rte_eth_dev_start(ends.port) != 0) {
    throw std::runtime_error("a port of rings does not start");
  }
}

// ---- the thread that measures -------------------------------------------------------------------

class Meter {
 public:
  Meter(const Capture& capture, rte_mempool* pool) : capture_(capture), pool_(pool) {}

  // `frames` of them, `load` at once. Cycles of each, from the time it was put in.
  void measure(const Ends& from, const Ends& to, unsigned load, unsigned frames,
               std::vector<std::uint64_t>& cycles) {
    std::vector<void*> mbufs(load);
    const auto quiet =
        static_cast<std::uint64_t>(static_cast<double>(rte_get_tsc_hz()) / 1e6 * kQuietUs);
    for (unsigned done = 0; done < frames; done += load) {
      for (void*& mbuf : mbufs) mbuf = next();
      const std::uint64_t start = rte_rdtsc_precise();
      if (rte_ring_enqueue_bulk(from.in, mbufs.data(), load, nullptr) != load) {
        throw std::runtime_error("the bridge does not take frames");
      }
      for (unsigned out = 0; out < load;) {
        void* some[64];
        const unsigned n = rte_ring_dequeue_burst(to.out, some, std::size(some), nullptr);
        const std::uint64_t now = rte_rdtsc_precise();
        for (unsigned i = 0; i < n; ++i, ++out) {
          cycles.push_back(now - start);
          expect(some[i] == mbufs[out]);
          rte_pktmbuf_free(static_cast<rte_mbuf*>(some[i]));
        }
        if (n == 0 && now - start > rte_get_tsc_hz()) {
          throw std::runtime_error("a frame did not come out within a second: void");
        }
      }
      for (const std::uint64_t from_then = rte_rdtsc(); rte_rdtsc() - from_then < quiet;) {
        rte_pause();
      }
    }
  }

 private:
  rte_mbuf* next() {
    const Capture::Place& place = capture_.frames[at_++ % capture_.frames.size()];
    rte_mbuf* const mbuf = rte_pktmbuf_alloc(pool_);
    if (mbuf == nullptr) throw std::runtime_error("no packet buffer is left");
    const auto size = static_cast<std::uint16_t>(std::min<std::size_t>(place.size, 2000));
    std::memcpy(rte_pktmbuf_append(mbuf, size), capture_.octets.data() + place.at, size);
    return mbuf;
  }
  static void expect(bool same) {
    if (!same) throw std::runtime_error("frames came out in another order: void");
  }

  const Capture& capture_;
  rte_mempool* pool_;
  std::size_t at_ = 0;
};

// ---- who is measured ----------------------------------------------------------------------------

void forward(const Ends& one, const Ends& other, const std::atomic<bool>& stop) {
  rte_mbuf* some[64];
  const auto pass = [&](const Ends& from, const Ends& to) {
    const std::uint16_t n = rte_eth_rx_burst(from.port, 0, some, std::size(some));
    for (std::uint16_t sent = 0; sent < n;) {
      sent = static_cast<std::uint16_t>(
          sent + rte_eth_tx_burst(to.port, 0, some + sent, static_cast<std::uint16_t>(n - sent)));
    }
  };
  while (!stop.load(std::memory_order_relaxed)) {
    pass(one, other);
    pass(other, one);
  }
}

// A mail pipeline behind live ports; its records are thrown away by the same thread, now and then.
class Inspection {
 public:
  explicit Inspection(const match::PatternSet& patterns)
      : storage_(static_cast<std::byte*>(std::aligned_alloc(64, kRingOctets))),
        ring_({storage_.get(), kRingOctets}, tally::WhenFull::drop),
        pipeline_(pipelines::MailLimits{}, {}, patterns, counters, ring_) {}

  void take(wire::LinkType link, std::span<const Frame> frames) { pipeline_.take(link, frames); }
  // A duty of the worker's loop: when nothing came.
  template <typename Pipeline>
  void before_burst(Pipeline&) {}
  template <typename Pipeline>
  void quiet(Pipeline&) {
    ring_.drain([](const tally::EventView&) {}, 64);
  }

  tally::Counters counters;

 private:
  struct Free {
    void operator()(std::byte* storage) const { std::free(storage); }
  };
  std::unique_ptr<std::byte[], Free> storage_;
  tally::EventRing ring_;
  pipelines::MailPipeline pipeline_;
};

struct ByReference {
  Inspection& inspection;
  template <typename Pipeline>
  void before_burst(Pipeline&) {}
  template <typename Pipeline>
  void quiet(Pipeline& p) {
    inspection.quiet(p);
  }
};

// ---- all together -------------------------------------------------------------------------------

using Samples = std::map<unsigned, std::vector<std::uint64_t>>;

double us(const std::vector<std::uint64_t>& sorted, double share) {
  const auto at = static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1));
  return static_cast<double>(sorted[at]) * 1e6 / static_cast<double>(rte_get_tsc_hz());
}

void print(const char* name, Samples& samples, const char* end) {
  std::printf("\"%s\":{", name);
  const char* comma = "";
  for (auto& [load, cycles] : samples) {
    std::sort(cycles.begin(), cycles.end());
    std::printf("%s\"%u\":{\"p50_us\":%.2f,\"p99_us\":%.2f,\"p999_us\":%.2f}", comma, load,
                us(cycles, 0.5), us(cycles, 0.99), us(cycles, 0.999));
    comma = ",";
  }
  std::printf("}%s", end);
}

void measure(const Options& options, nic::Idle idle) {
  const Capture capture = preload(options.capture);
  const auto patterns = match::PatternSet::load(options.patterns);
  nic::EalSettings eal_settings;
  eal_settings.memory_mib = 256;
  nic::Eal eal(eal_settings);
  rte_mempool* const pool =
      rte_pktmbuf_pool_create("frames", 16383, 0, 0, RTE_MBUF_DEFAULT_BUF_SIZE, SOCKET_ID_ANY);
  if (pool == nullptr) throw std::runtime_error("no packet buffers");
  const Ends plain[] = {make_port("plain0"), make_port("plain1")};
  const Ends bridged[] = {make_port("bridged0"), make_port("bridged1")};
  for (const Ends& ends : plain) start_port(ends, pool);
  Inspection inspection(*patterns);
  const nic::PortSettings ports[] = {{bridged[0].device}, {bridged[1].device}};
  nic::LiveSettings settings;
  settings.bridge = true;
  settings.idle = idle;
  tally::Counters* const counters[] = {&inspection.counters};
  nic::LivePorts live(eal, ports, settings, counters);

  Meter meter(capture, pool);
  Samples forwarding, bridging;
  for (unsigned round = 0; round < options.rounds; ++round) {
    for (const unsigned load : kLoads) {
      std::atomic<bool> stop{false};
      eal.launch([&] { forward(plain[0], plain[1], stop); });
      meter.measure(plain[0], plain[1], load, options.frames, forwarding[load]);
      stop = true;
      eal.join();
      stop = false;
      eal.launch([&] {
        app::Covered covered;
        app::run_to_completion(live.source(0), inspection, pipelines::kMaxBurst, stop, covered,
                               ByReference{inspection});
      });
      meter.measure(bridged[0], bridged[1], load, options.frames, bridging[load]);
      stop = true;
      eal.join();
    }
  }
  const auto shed = inspection.counters.get(tally::Count::drop_shed_overload);
  std::printf("{\"idle\":\"%s\",\"frames_inspected\":%llu,\"shed\":%llu,", options.idle.c_str(),
              static_cast<unsigned long long>(inspection.counters.get(tally::Count::segments)),
              static_cast<unsigned long long>(shed));
  print("forward_only", forwarding, ",");
  print("bridge", bridging, "}\n");
}

int run(int argc, char** argv) {
  Options options;
  Arguments arguments("Measures what a bridge adds to a frame's way; prints one JSON object.");
  arguments.text("CAPTURE", options.capture, "a pcap file");
  arguments.word("--idle", options.idle, {"poll", "adaptive"});
  arguments.number("--rounds", options.rounds, "", 1u, 100u);
  arguments.number("--frames", options.frames, "of each load in each round");
  arguments.text("--patterns", options.patterns);
  if (const auto status = arguments.parse(argc, argv)) return *status;
  measure(options, options.idle == "poll" ? nic::Idle::poll : nic::Idle::adaptive);
  return 0;
}

}  // namespace
}  // namespace mailglass::perf

int main(int argc, char** argv) {
  return mailglass::perf::told("latency", [&] { return mailglass::perf::run(argc, argv); });
}
