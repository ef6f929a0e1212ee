// SPDX-License-Identifier: BSD-3-Clause
#include "app/memory_plan.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <numeric>

#include "flow/table.h"
#include "mail/session.h"
#include "report/detect/detectors.h"
#include "report/detect/starttls_memory.h"

namespace mailglass::app {
namespace {

constexpr std::uint64_t kLink =
    sizeof(std::uint32_t);  // in a pool, a slot's place in the free list

// OpenSSL's contexts of one attachment, as glibc's heap has them: up to three digests.
constexpr std::uint64_t kDigests = 3 * 256;

std::string size_of(std::uint64_t octets) {
  if (octets < std::uint64_t{1} << 30) return fmt::format("{} MiB", octets >> 20);
  return fmt::format("{:.1f} GiB", static_cast<double>(octets) / (1 << 30));
}

std::uint64_t sum(const std::vector<Reserved>& plan) {
  return std::accumulate(plan.begin(), plan.end(), std::uint64_t{0},
                         [](std::uint64_t n, const Reserved& r) { return n + r.octets; });
}

}  // namespace

std::vector<Reserved> memory_plan(const Config& config) {
  const pipelines::MailLimits& l = config.limits;
  const auto pool = [](const char* key, std::uint64_t count, std::uint64_t slot) {
    return Reserved{key, count, count * (slot + kLink)};
  };
  const auto mib = [](const char* key, std::uint64_t count) {
    return Reserved{key, count, std::bit_ceil(count) << 20};
  };
  std::vector<Reserved> plan = {
      {"flow.flows", l.flow.flows,
       flow::FlowTable::groups_for(l.flow.flows) * sizeof(flow::FlowGroup) +
           flow::FlowTable::buckets_for(l.flow.flows) * sizeof(flow::Bucket)},
      pool("mail.sessions", l.mail.sessions, sizeof(mail::Session)),
      pool("stream.holds", l.stream.holds, sizeof(stream::Hold)),
      pool("stream.blocks", l.stream.blocks, sizeof(stream::Block)),
      pool("mail.blocks", l.mail.blocks, sizeof(stream::Block)),
      mib("stream.history_mib", l.stream.history_mib),
      pool("wire.datagrams", l.wire.datagrams, sizeof(wire::Datagram) + sizeof(std::uint32_t)),
      pool("wire.fragment_blocks", l.wire.blocks, sizeof(wire::FragmentBlock)),
      pool("mail.digest_slots", l.mail.digests.any() ? l.mail.digest_slots : 0, kDigests),
      mib("eve.ring_mib", config.ring_mib),
      {"detect.suspects", config.detect.suspects, report::Detectors::memory(config.detect)},
      {"detect.starttls_servers", config.detect.starttls_servers,
       report::StarttlsMemory::memory(config.detect.starttls_servers)},
  };
  std::stable_sort(plan.begin(), plan.end(),
                   [](const Reserved& a, const Reserved& b) { return a.octets > b.octets; });
  return plan;
}

std::string describe_memory(const Config& config) {
  const std::vector<Reserved> plan = memory_plan(config);
  const std::uint64_t each = sum(plan);
  std::string text = "memory, reserved at start and touched when first used:\n";
  for (const Reserved& row : plan) {
    if (row.octets < std::uint64_t{1} << 20) continue;
    text += fmt::format("{:>12}  {} = {}\n", size_of(row.octets), row.key, row.count);
  }
  const std::uint64_t tables = each * config.run.workers;
  if (config.run.workers > 1) {
    text += fmt::format("{:>12}  of each worker, {} of run.workers = {}\n", size_of(each),
                        size_of(tables), config.run.workers);
  }
  if (config.ports.empty()) return text + fmt::format("{:>12}  together\n", size_of(tables));
  const std::uint64_t packets = std::uint64_t{config.run.memory_mib} << 20;
  return text +
         fmt::format("{:>12}  run.memory_mib = {}, packets of all ports{}\n{:>12}  together\n",
                     size_of(packets), config.run.memory_mib,
                     config.run.hugepages ? ", in hugepages" : "", size_of(tables + packets));
}

std::string memory_complaint(const Config& config, std::uint64_t machine) {
  const std::vector<Reserved> plan = memory_plan(config);
  const std::uint64_t packets =
      config.ports.empty() ? 0 : std::uint64_t{config.run.memory_mib} << 20;
  const std::uint64_t needed = sum(plan) * config.run.workers + packets;
  if (needed <= machine) return {};
  const std::string of_each = config.run.workers == 1
                                  ? ""
                                  : fmt::format(" of each of run.workers = {}", config.run.workers);
  const std::string of_ports = packets == 0
                                   ? ""
                                   : fmt::format(", run.memory_mib = {} for packets takes {}",
                                                 config.run.memory_mib, size_of(packets));
  return fmt::format(
      "tables{} of {} do not fit the machine's {}: {} = {} takes {}, {} = {} takes {}{}{}",
      packets == 0 ? "" : " and packets", size_of(needed), size_of(machine), plan[0].key,
      plan[0].count, size_of(plan[0].octets), plan[1].key, plan[1].count, size_of(plan[1].octets),
      of_each, of_ports);
}

std::uint64_t machine_memory() {
  const long pages = sysconf(_SC_PHYS_PAGES), octets = sysconf(_SC_PAGESIZE);
  if (pages <= 0 || octets <= 0) return ~std::uint64_t{0};  // the kernel does not say
  return static_cast<std::uint64_t>(pages) * static_cast<std::uint64_t>(octets);
}

}  // namespace mailglass::app
