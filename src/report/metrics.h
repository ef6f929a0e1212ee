// SPDX-License-Identifier: BSD-3-Clause
// The counters in Prometheus form. Every row of counters.def is one time series and there are no
// others: the set of labels is bounded by construction.
#pragma once

#include <prometheus/collectable.h>
#include <prometheus/metric_family.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "report/sample.h"
#include "report/totals.h"
#include "tally/counters.h"

namespace mailglass::report {

class Metrics : public prometheus::Collectable {
 public:
  // Both outlive this object. With more than one worker, series bear a label worker="0", "1", ...
  // Called before the first Collect.
  void add(const tally::Counters* counters) { workers_.push_back(counters); }
  void add(const Totals* totals) { totals_ = totals; }
  // What else there is to show: asked at every scrape, from the server's threads.
  void add(std::function<std::vector<Sample>()> samples) { samples_.push_back(std::move(samples)); }

  // Reads while the workers write: each number was true a moment ago.
  std::vector<prometheus::MetricFamily> Collect() const override;

 private:
  std::vector<const tally::Counters*> workers_;
  const Totals* totals_ = nullptr;
  std::vector<std::function<std::vector<Sample>()>> samples_;
};

// The text exposition format, version 0.0.4.
std::string render_metrics(const Metrics& metrics);

}  // namespace mailglass::report
