// SPDX-License-Identifier: BSD-3-Clause
#include "report/metrics.h"

#include <prometheus/text_serializer.h>

#include <limits>
#include <sstream>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace mailglass::report {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;
using tally::Counters;

#ifndef MAILGLASS_VERSION
#define MAILGLASS_VERSION "unknown"
#endif

// The families in order of their first appearance, and where each stands.
class Families {
 public:
  void declare(const std::string& name, const char* help, MetricType type) {
    if (!place_.emplace(name, families_.size()).second) return;
    families_.push_back({name, help, type, {}});
  }
  ClientMetric& series(const std::string& name) { return of(name).metric.emplace_back(); }
  MetricFamily& of(const std::string& name) { return families_[place_.at(name)]; }
  std::vector<MetricFamily> take() { return std::move(families_); }

 private:
  std::vector<MetricFamily> families_;
  std::unordered_map<std::string, std::size_t> place_;
};

struct FamilyRow {
  std::string_view id;
  const char* label;
  const char* help;
};
constexpr FamilyRow kFamilies[] = {
#define FAMILY(id, label, help) {#id, label, help},
#include "tally/counters.def"
};

struct CountRow {
  std::string_view family;
  const char* value;
  tally::Count count;
};
constexpr CountRow kCounts[] = {
#define COUNT(id, family, value) {#family, value, tally::Count::id},
#include "tally/counters.def"
#define DROP(id, help) {"drops", #id, tally::Count::drop_##id},
#include "tally/counters.def"
#define SMTP_VERB(id, word) {"smtp_commands", word, tally::Count::smtp_##id},
#include "tally/counters.def"
#define POP3_VERB(id, word) {"pop3_commands", word, tally::Count::pop3_##id},
#include "tally/counters.def"
#define ANOMALY(id, layer, help) {"anomalies", #id, tally::Count::anomaly_##id},
#include "tally/counters.def"
};

struct LevelRow {
  const char* family;
  const char* pool;
  tally::Level level;
};
constexpr LevelRow kLevels[] = {
#define LEVEL(id, family, value) {#family, value, tally::Level::id},
#include "tally/counters.def"
};

struct LatencyRow {
  const char* protocol;
  const char* command;
  tally::Latency latency;
};
constexpr LatencyRow kLatencies[] = {
#define LATENCY(id, protocol, command) {#protocol, command, tally::Latency::id},
#include "tally/counters.def"
};

struct SizeRow {
  const char* protocol;
  tally::Size size;
};
constexpr SizeRow kSizes[] = {
#define SIZE(id, protocol) {#protocol, tally::Size::id},
#include "tally/counters.def"
};

struct LoginRow {
  const char* mechanism;
  tally::Mechanism id;
};
constexpr LoginRow kLogins[] = {
#define MECHANISM(id, word) {word, tally::Mechanism::id},
#include "tally/counters.def"
};

const char* label_of(std::string_view family) {
  for (const FamilyRow& row : kFamilies) {
    if (row.id == family) return row.label;
  }
  return "";
}

const char* help_of_level(std::string_view family) {
  if (family == "pool_used") return "Slots of a fixed pool in use now, by pool";
  if (family == "pool_peak") return "Most slots of a fixed pool in use at one time, by pool";
  if (family == "pool_capacity") return "Slots of a fixed pool, by pool";
  return "Level set by its owner, by pool";
}

// Of a worker's series, but for logins: the family's own and the worker.
constexpr std::size_t kMostLabels = 2;

std::string counter_name(std::string_view family) {
  return std::string("mailglass_").append(family).append("_total");
}

template <typename Histogram>
ClientMetric::Histogram converted(const Histogram& from, double units) {
  ClientMetric::Histogram to;
  to.bucket.reserve(Histogram::buckets());
  for (std::size_t i = 0; i < Histogram::buckets(); ++i) {
    to.sample_count += from.count(i);
    const bool last = i + 1 == Histogram::buckets();
    to.bucket.push_back({to.sample_count, last ? std::numeric_limits<double>::infinity()
                                               : static_cast<double>(Histogram::bound(i)) / units});
  }
  to.sample_sum = static_cast<double>(from.sum()) / units;
  return to;
}

// One worker's series. `worker` is empty when there is only one.
class WorkerSeries {
 public:
  // `own`: what the reporter counted itself, told with the first worker's; null for the others.
  WorkerSeries(Families& families, const Counters& counters, const Totals* own, std::string worker)
      : families_(families), counters_(counters), own_(own), worker_(std::move(worker)) {}

  void add() {
    // Rows of one family stand together in the list: their family is looked up once.
    std::string_view family;
    MetricFamily* rows = nullptr;
    const char* label = "";
    for (const CountRow& row : kCounts) {
      if (row.family != family) {
        family = row.family;
        rows = &families_.of(counter_name(family));
        label = label_of(family);
      }
      const std::uint64_t own = own_ != nullptr ? own_->of(row.count) : 0;
      labelled(*rows, label, row.value).counter.value =
          static_cast<double>(counters_.get(row.count) + own);
    }
    add_logins();
    for (const LevelRow& row : kLevels) {
      labelled(std::string("mailglass_") + row.family, "pool", row.pool).gauge.value =
          static_cast<double>(counters_.get(row.level));
    }
    constexpr double kMicroseconds = 1e6;
    for (const LatencyRow& row : kLatencies) {
      labelled(std::string("mailglass_") + row.protocol + "_reply_seconds", "command", row.command)
          .histogram = converted(counters_.get(row.latency), kMicroseconds);
    }
    for (const SizeRow& row : kSizes) {
      labelled("mailglass_message_octets", "protocol", row.protocol).histogram =
          converted(counters_.get(row.size), 1);
    }
  }

 private:
  void add_logins() {
    static constexpr const char* kOutcomes[] = {"unknown", "success", "failure"};
    MetricFamily& logins = families_.of(counter_name("logins"));
    for (const LoginRow& row : kLogins) {
      for (unsigned i = 0; i < 6; ++i) {
        const bool exposed = i >= 3;
        ClientMetric& series = labelled(logins, "mechanism", row.mechanism);
        series.label.push_back({"outcome", kOutcomes[i % 3]});
        series.label.push_back({"exposed", exposed ? "true" : "false"});
        series.counter.value =
            static_cast<double>(counters_.get(tally::count_of(row.id, i % 3, exposed)));
      }
    }
  }

  ClientMetric& labelled(const std::string& family, const char* label, const char* value) {
    return labelled(families_.of(family), label, value);
  }
  ClientMetric& labelled(MetricFamily& family, const char* label, const char* value) {
    ClientMetric& series = family.metric.emplace_back();
    series.label.reserve(kMostLabels);
    if (*label != '\0') series.label.push_back({label, value});
    if (!worker_.empty()) series.label.push_back({"worker", worker_});
    return series;
  }

  Families& families_;
  const Counters& counters_;
  const Totals* own_;
  std::string worker_;
};

void declare_all(Families& families) {
  for (const FamilyRow& row : kFamilies) {
    families.declare(counter_name(row.id), row.help, MetricType::Counter);
  }
  for (const LevelRow& row : kLevels) {
    families.declare(std::string("mailglass_") + row.family, help_of_level(row.family),
                     MetricType::Gauge);
  }
  for (const LatencyRow& row : kLatencies) {
    families.declare(std::string("mailglass_") + row.protocol + "_reply_seconds",
                     "Time from a command to its reply, by command", MetricType::Histogram);
  }
  families.declare("mailglass_message_octets", "Octets of one message, dots unstuffed, by protocol",
                   MetricType::Histogram);
}

void add_build_info(Families& families) {
  families.declare("mailglass_build_info", "Always 1; the labels name the build",
                   MetricType::Gauge);
  ClientMetric& series = families.series("mailglass_build_info");
  series.label = {{"version", MAILGLASS_VERSION}, {"compiler", __VERSION__}};
  series.gauge.value = 1;
}

void add_alerts(Families& families, const Totals& totals) {
  const auto set = [&](const char* name, MetricType type, const char* help, const char* label,
                       std::string_view value, std::uint64_t n) {
    families.declare(name, help, type);
    ClientMetric& series = families.series(name);
    if (*label != '\0') series.label = {{label, std::string(value)}};
    (type == MetricType::Counter ? series.counter.value : series.gauge.value) =
        static_cast<double>(n);
  };
  const auto counter = MetricType::Counter;
  for (std::size_t i = 0; i < kAlertKinds; ++i) {
    const std::string_view id = kAlerts[i].id;
    set("mailglass_alerts_total", counter, "Alerts of the abuse detectors, by name", "alert", id,
        totals.alerts[i].get());
    set("mailglass_alerts_suppressed_total", counter,
        "What was over a threshold while an alert stood for it, by alert", "alert", id,
        totals.suppressed[i].get());
    set("mailglass_detector_watched", MetricType::Gauge,
        "Sources, users, ... a detector watches now, by alert", "alert", id,
        totals.watched[i].get());
    set("mailglass_detector_gave_way_total", counter,
        "Sources, users, ... a full detector let go within their window, by alert", "alert", id,
        totals.gave_way[i].get());
  }
  set("mailglass_starttls_memory_gave_way_total", counter,
      "Servers whose offers of STARTTLS or STLS were forgotten for others'", "", "",
      totals.offers_gave_way.get());
  set("mailglass_detector_restarts_total", counter,
      "Times the detectors began anew since records were of an earlier time", "", "",
      totals.clock_set_back.get());
}

void add_totals(Families& families, const Totals& totals) {
  const auto set = [&](const std::string& name, MetricType type, const char* help,
                       std::vector<ClientMetric::Label> label, std::uint64_t value) {
    families.declare(name, help, type);
    ClientMetric& series = families.series(name);
    series.label = std::move(label);
    (type == MetricType::Counter ? series.counter.value : series.gauge.value) =
        static_cast<double>(value);
  };
  const auto counter = MetricType::Counter;
  for (std::size_t i = 0; i < kEventTypes.size(); ++i) {
    set("mailglass_eve_events_total", counter, "EVE events rendered, by type",
        {{"type", std::string(kEventTypes[i])}}, totals.events[i].get());
  }
  const auto lines = [&](const char* sink, const char* fate, const tally::Cell& cell) {
    set("mailglass_eve_lines_total", counter, "EVE lines, by sink and whether they reached it",
        {{"sink", sink}, {"fate", fate}}, cell.get());
  };
  lines("file", "written", totals.written);
  lines("file", "dropped", totals.dropped);
  lines("socket", "written", totals.socket_written);
  lines("socket", "dropped", totals.socket_dropped);
  for (std::size_t i = 0; i < kRefused.size(); ++i) {
    set("mailglass_reporter_refused_total", counter,
        "Records the reporter could not place, by reason", {{"reason", std::string(kRefused[i])}},
        totals.refused[i].get());
  }
  set("mailglass_reporter_lost_total", counter, "Records lost in full rings, as sessions noticed",
      {}, totals.lost.get());
  set("mailglass_reporter_unfinished_total", counter,
      "Transactions and commands rendered early because their session held too many", {},
      totals.unfinished.get());
  set("mailglass_reporter_sessions", MetricType::Gauge, "Sessions in the reporter's book now", {},
      totals.sessions.get());
  set("mailglass_reporter_kept_octets", MetricType::Gauge,
      "Octets of text the reporter's book holds now", {}, totals.kept_octets.get());
  add_alerts(families, totals);
}

void add_sample(Families& families, const Sample& sample) {
  const bool counter = sample.kind == Sample::Kind::counter;
  families.declare(sample.name, sample.help.c_str(),
                   counter ? MetricType::Counter : MetricType::Gauge);
  ClientMetric& series = families.series(sample.name);
  for (const auto& [name, value] : sample.labels) series.label.push_back({name, value});
  (counter ? series.counter.value : series.gauge.value) = sample.value;
}

}  // namespace

std::vector<MetricFamily> Metrics::Collect() const {
  Families families;
  add_build_info(families);
  declare_all(families);
  for (std::size_t i = 0; i < workers_.size(); ++i) {
    const std::string worker = workers_.size() > 1 ? std::to_string(i) : std::string();
    WorkerSeries(families, *workers_[i], i == 0 ? totals_ : nullptr, worker).add();
  }
  if (totals_ != nullptr) add_totals(families, *totals_);
  for (const auto& samples : samples_) {
    for (const Sample& sample : samples()) add_sample(families, sample);
  }
  return families.take();
}

std::string render_metrics(const Metrics& metrics) {
  std::ostringstream text;
  prometheus::TextSerializer().Serialize(text, metrics.Collect());
  return text.str();
}

}  // namespace mailglass::report
