// SPDX-License-Identifier: BSD-3-Clause
#include "app/balance.h"

#include <fmt/format.h>

namespace mailglass::app {

std::vector<std::string> describe(const Balance& b) {
  const auto left = [](std::uint64_t from, std::uint64_t to) {  // of two numbers read in turn
    return from > to ? from - to : 0;
  };
  std::vector<std::string> lines = {
      fmt::format("ports: {} frames received = {} taken from queues + {} left there; not received: "
                  "{} missed, {} without buffer, {} errors",
                  b.received, b.from_queues, left(b.received, b.from_queues), b.missed, b.no_mbuf,
                  b.errors),
  };
  if (b.bridge) {
    lines.push_back(fmt::format(
        "bridge: {} taken from queues = {} forwarded + {} the other port did not take "
        "+ {} while it had no link + {} too long; of those forwarded its driver lost {}",
        b.from_queues, b.forwarded, b.tx_dropped, b.link_down, b.too_long, b.tx_errors));
  }
  lines.insert(
      lines.end(),
      {
          fmt::format(
              "distribution: {} taken from queues = {} inspected + {} lost to full rings + {} "
              "left in rings",
              b.from_queues, b.taken, b.sent_full, left(b.sent, b.got)),
          fmt::format("workers: {} frames inspected = {} segments + {} drops", b.taken, b.segments,
                      b.drops),
          fmt::format("records: {} emitted = {} reported + {} lost to full rings", b.emitted,
                      b.reported, b.ring_full),
      });
  for (const Balance::Lines& sink : b.sinks) {
    lines.push_back(fmt::format("{}: {} events = {} written + {} dropped", sink.sink, sink.rendered,
                                sink.written, sink.dropped));
  }
  return lines;
}

std::vector<std::string> faults(const Balance& b) {
  std::vector<std::string> sentences;
  const auto expect = [&](bool right, const std::string& what) {
    if (!right) sentences.push_back("the balance does not come out even: " + what);
  };
  expect(b.received >= b.from_queues, "ports");
  expect(!b.bridge || b.from_queues == b.forwarded + b.tx_dropped + b.link_down + b.too_long,
         "bridge");
  expect(b.sent >= b.got && b.from_queues == b.taken + b.sent_full + (b.sent - b.got),
         "distribution");
  expect(b.taken == b.segments + b.drops, "workers");
  expect(b.emitted == b.reported + b.ring_full, "records");
  for (const Balance::Lines& sink : b.sinks) {
    expect(sink.rendered == sink.written + sink.dropped, sink.sink);
  }
  return sentences;
}

}  // namespace mailglass::app
