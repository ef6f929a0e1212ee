// SPDX-License-Identifier: BSD-3-Clause
// DPDK's rte_hash as a flow table, the yardstick of ours: CRC32 for its hash and room for twice the
// flows, so half load, as ours has; and like ours in huge pages where the kernel has them.
#pragma once

#include <rte_eal.h>
#include <rte_hash.h>
#include <rte_hash_crc.h>
#include <rte_memory.h>
#include <sys/mman.h>

#include <array>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>

#include "flow/flow.h"
#include "perf/micro/keys.h"
#include "pipelines/store.h"

namespace mailglass::perf {

inline int ask_for_huge_pages(const rte_memseg_list* list, void*) {
  madvise(list->base_va, list->len, MADV_HUGEPAGE);
  return 0;
}

inline void start_eal() {
  static const int started = [] {
    std::array<std::string, 8> words{
        "perf", "--no-huge",           "--no-pci",      "--no-shconf", "-m",
        "1024", "--log-level=*:error", "--no-telemetry"};
    std::array<char*, words.size()> argv{};
    for (std::size_t i = 0; i < words.size(); ++i) argv[i] = words[i].data();
    const int status = rte_eal_init(static_cast<int>(argv.size()), argv.data());
    if (status >= 0) rte_memseg_list_walk(ask_for_huge_pages, nullptr);
    return status;
  }();
  if (started < 0) throw std::runtime_error("cannot start DPDK");
}

class RteTable {
 public:
  explicit RteTable(const std::string& name = "flows") {
    start_eal();
    rte_hash_parameters parameters{};
    parameters.name = name.c_str();
    parameters.entries = 2 * kMaxFlows;
    parameters.key_len = sizeof(flow::FlowKey);
    parameters.hash_func = rte_hash_crc;
    hash_.reset(rte_hash_create(&parameters));
    if (!hash_) throw std::runtime_error("rte_hash_create failed");
  }

  bool open(const flow::FlowKey& key, std::uint32_t slot) {
    return rte_hash_add_key_data(hash_.get(), &key, &slots_[slot % slots_.size()]) == 0;
  }

  // Finds and touches the flows of kBurst keys; returns how many there were.
  std::uint64_t look_up(const flow::FlowKey* keys) {
    std::array<const void*, kBurst> asked;
    std::array<void*, kBurst> flows;
    for (std::size_t i = 0; i < kBurst; ++i) asked[i] = &keys[i];
    std::uint64_t hits = 0;
    rte_hash_lookup_bulk_data(hash_.get(), asked.data(), kBurst, &hits, flows.data());
    for (std::uint64_t rest = hits; rest != 0; rest &= rest - 1) {
      __builtin_prefetch(flows[static_cast<std::size_t>(__builtin_ctzll(rest))]);
    }
    std::uint64_t found = 0;
    for (; hits != 0; hits &= hits - 1) {
      static_cast<flow::Flow*>(flows[static_cast<std::size_t>(__builtin_ctzll(hits))])
          ->see(tally::Direction::to_server);
      ++found;
    }
    return found;
  }

  rte_hash* get() const { return hash_.get(); }

 private:
  struct Free {
    void operator()(rte_hash* table) const { rte_hash_free(table); }
  };

  pipelines::ZeroPages<flow::Flow> pages_{kMaxFlows, pipelines::PageSize::huge};
  std::span<flow::Flow> slots_ = pages_.span();
  std::unique_ptr<rte_hash, Free> hash_;
};

}  // namespace mailglass::perf
