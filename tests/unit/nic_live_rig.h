// SPDX-License-Identifier: BSD-3-Clause
// An EAL of four workers without hugepages, and ports made of rings: what is put into a queue here
// comes out of it there. All workers' sources are used from the test's own thread, in turn.
#pragma once

#include <gtest/gtest.h>
#include <rte_eth_ring.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>
#include <rte_ring.h>
#include <sched.h>

#include <cstring>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "nic/live_ports.h"

namespace mailglass::nic::test {

constexpr unsigned kWorkers = 4;

struct LiveDpdk : testing::Environment {
  void SetUp() override {
    own_network = unshare(CLONE_NEWNET) == 0;
    EalSettings settings;
    settings.workers = kWorkers;
    settings.memory_mib = 512;
    eal.emplace(settings);
    pool = rte_pktmbuf_pool_create("test-frames", 16383, 0, 0, RTE_MBUF_DEFAULT_BUF_SIZE,
                                   SOCKET_ID_ANY);
    ASSERT_NE(pool, nullptr);
  }
  void TearDown() override { eal.reset(); }
  bool own_network = false;  // the process has a network namespace of its own
  std::optional<Eal> eal;
  rte_mempool* pool = nullptr;
};
LiveDpdk& dpdk();

// A port of `queues` queues whose far ends are in the test's hands.
class RingPort {
 public:
  explicit RingPort(unsigned queues, unsigned slots = 4096) {
    static unsigned made = 0;
    const std::string number = std::to_string(made++);
    for (unsigned i = 0; i < queues; ++i) {
      const std::string queue = number + "." + std::to_string(i);
      in_.push_back(rte_ring_create(("test-in" + queue).c_str(), slots, SOCKET_ID_ANY, 0));
      out_.push_back(rte_ring_create(("test-out" + queue).c_str(), slots, SOCKET_ID_ANY, 0));
    }
    const int port =
        rte_eth_from_rings(("test" + number).c_str(), in_.data(), queues, out_.data(), queues, 0);
    EXPECT_GE(port, 0);
    port_ = static_cast<std::uint16_t>(port);
    name_ = "net_ring_test" + number;
  }
  ~RingPort() {
    rte_eth_dev_close(port_);
    for (rte_ring* ring : in_) empty(ring);
    for (rte_ring* ring : out_) empty(ring);
  }
  RingPort(const RingPort&) = delete;
  RingPort& operator=(const RingPort&) = delete;

  const std::string& name() const { return name_; }

  void set_link(bool up) {
    EXPECT_EQ(up ? rte_eth_dev_set_link_up(port_) : rte_eth_dev_set_link_down(port_), 0);
  }

  // A frame for the port to receive, of one mbuf, or of several of at most `part` octets.
  bool put(unsigned queue, Bytes frame, std::size_t part = 2000) {
    rte_mbuf* const mbuf = mbuf_of(frame, part);
    if (mbuf != nullptr && rte_ring_enqueue(in_[queue], mbuf) == 0) return true;
    rte_pktmbuf_free(mbuf);
    return false;
  }

  // What it sent, in order.
  std::vector<std::string> sent(unsigned queue) {
    std::vector<std::string> frames;
    void* item = nullptr;
    while (rte_ring_dequeue(out_[queue], &item) == 0) {
      auto* const mbuf = static_cast<rte_mbuf*>(item);
      std::string frame;
      for (const rte_mbuf* m = mbuf; m != nullptr; m = m->next) {
        frame.append(rte_pktmbuf_mtod(m, const char*), m->data_len);
      }
      frames.push_back(std::move(frame));
      rte_pktmbuf_free(mbuf);
    }
    return frames;
  }

 private:
  static rte_mbuf* mbuf_of(Bytes frame, std::size_t part) {
    rte_mbuf* head = nullptr;
    do {
      rte_mbuf* const next = rte_pktmbuf_alloc(dpdk().pool);
      if (next == nullptr) return rte_pktmbuf_free(head), nullptr;
      const std::size_t n = std::min(part, frame.size());
      if (n != 0)
        std::memcpy(rte_pktmbuf_append(next, static_cast<std::uint16_t>(n)), frame.data(), n);
      frame = frame.subspan(n);
      if (head == nullptr) {
        head = next;
      } else {
        rte_pktmbuf_chain(head, next);
      }
    } while (!frame.empty());
    return head;
  }
  static void empty(rte_ring* ring) {
    void* item = nullptr;
    while (rte_ring_dequeue(ring, &item) == 0) rte_pktmbuf_free(static_cast<rte_mbuf*>(item));
    rte_ring_free(ring);
  }

  std::vector<rte_ring*> in_, out_;
  std::uint16_t port_ = 0;
  std::string name_;
};

// Live ports with counters of their own.
struct Rig {
  // `as_is`: with the idle mode of the settings, instead of polling.
  Rig(std::vector<PortSettings> ports, LiveSettings settings, bool as_is = false) {
    if (!as_is) settings.idle = Idle::poll;
    std::vector<tally::Counters*> all;
    for (unsigned i = 0; i < settings.workers; ++i) {
      counters.push_back(std::make_unique<tally::Counters>());
      all.push_back(counters.back().get());
    }
    live.emplace(*dpdk().eal, ports, settings, all);
  }

  // One burst of worker i; what came, as text.
  std::vector<std::string> burst(unsigned worker, std::size_t most = 64) {
    std::vector<Frame> frames(most);
    LiveSource& source = live->source(worker);
    const std::size_t n = source.burst(frames);
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < n; ++i) texts.emplace_back(as_text(frames[i].data));
    source.release();
    return texts;
  }

  // Each worker in turn, until nobody has anything any more.
  std::map<unsigned, std::vector<std::string>> drain() {
    std::map<unsigned, std::vector<std::string>> all;
    for (unsigned empty = 0; empty < 2 * counters.size();) {
      for (unsigned worker = 0; worker < counters.size(); ++worker) {
        std::vector<std::string> some = burst(worker);
        empty = some.empty() ? empty + 1 : 0;
        all[worker].insert(all[worker].end(), some.begin(), some.end());
      }
    }
    return all;
  }

  std::uint64_t count(tally::Count row) const {
    std::uint64_t sum = 0;
    for (const auto& one : counters) sum += one->get(row);
    return sum;
  }

  std::vector<std::unique_ptr<tally::Counters>> counters;
  std::optional<LivePorts> live;
};

}  // namespace mailglass::nic::test
