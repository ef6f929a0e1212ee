// SPDX-License-Identifier: BSD-3-Clause
// Several workers' counters read as one.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <type_traits>

#include "tally/counters.h"

namespace mailglass::report {

using Workers = std::span<const tally::Counters* const>;

template <typename Row>  // Count or Level
std::uint64_t sum_of(Workers workers, Row row) {
  std::uint64_t sum = 0;
  for (const tally::Counters* worker : workers) sum += worker->get(row);
  return sum;
}

// A histogram's buckets and sum, of all workers together.
template <typename Histogram>
struct HistogramSum {
  std::array<std::uint64_t, Histogram::buckets()> count{};
  std::uint64_t sum = 0;
  std::uint64_t observations = 0;

  static constexpr std::uint64_t bound(std::size_t bucket) { return Histogram::bound(bucket); }

  void add(const Histogram& histogram) {
    for (std::size_t i = 0; i < count.size(); ++i) {
      const std::uint64_t n = histogram.count(i);
      count[i] += n;
      observations += n;
    }
    sum += histogram.sum();
  }
  // The bucket that holds the `share` quantile: that part of the values lies in it or below.
  std::size_t quantile(double share) const {
    const double rank = share * static_cast<double>(observations);
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i + 1 < count.size(); ++i) {
      seen += count[i];
      if (seen > 0 && static_cast<double>(seen) >= rank) return i;
    }
    return count.size() - 1;
  }
};

template <typename Row>  // Latency or Size
auto histogram_of(Workers workers, Row row) {
  HistogramSum<std::remove_cvref_t<decltype(workers[0]->get(row))>> sum;
  for (const tally::Counters* worker : workers) sum.add(worker->get(row));
  return sum;
}

}  // namespace mailglass::report
