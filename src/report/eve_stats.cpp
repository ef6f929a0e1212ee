// SPDX-License-Identifier: BSD-3-Clause
// The `stats` object: every counter and level, all workers together. The rows of counters.def come
// family by family there, so one pass writes each family as one object.
#include "report/eve.h"
#include "report/sum.h"

namespace mailglass::report {
namespace {

// Writes {family: value} for a family without label, {family: {label: value, ...}} otherwise.
class Families {
 public:
  explicit Families(Json& json) : json_(json) {}
  ~Families() { close(); }
  Families(const Families&) = delete;
  Families& operator=(const Families&) = delete;

  void row(std::string_view family, std::string_view value, std::uint64_t number) {
    if (value.empty()) {
      close();
      json_.number(family, number);
      return;
    }
    if (family != open_) {
      close();
      json_.open(family);
      open_ = family;
    }
    json_.number(value, number);
  }

 private:
  void close() {
    if (!open_.empty()) json_.close();
    open_ = {};
  }

  Json& json_;
  std::string_view open_;
};

void write_counters(Json& json, Workers workers, const Totals& own) {
  using tally::Count;
  Families families(json);
#define COUNT(id, family, value) families.row(#family, value, sum_of(workers, Count::id));
#include "tally/counters.def"
#define DROP(id, help) families.row("drops", #id, sum_of(workers, Count::drop_##id));
#include "tally/counters.def"
#define SMTP_VERB(id, word) families.row("smtp_commands", word, sum_of(workers, Count::smtp_##id));
#include "tally/counters.def"
#define POP3_VERB(id, word) families.row("pop3_commands", word, sum_of(workers, Count::pop3_##id));
#include "tally/counters.def"
#define MECHANISM(id, word)                                         \
  families.row("logins", word,                                      \
               sum_of(workers, Count::login_##id##_unknown) +       \
                   sum_of(workers, Count::login_##id##_success) +   \
                   sum_of(workers, Count::login_##id##_failure) +   \
                   sum_of(workers, Count::exposed_##id##_unknown) + \
                   sum_of(workers, Count::exposed_##id##_success) + \
                   sum_of(workers, Count::exposed_##id##_failure));
#include "tally/counters.def"
#define ANOMALY(id, layer, help) \
  families.row("anomalies", #id, \
               sum_of(workers, Count::anomaly_##id) + own.of(Count::anomaly_##id));
#include "tally/counters.def"
}

// Used, peak and capacity of a pool stand together: the rows are visited once a family.
void write_levels(Json& json, Workers workers) {
  struct Row {
    std::string_view family, value;
    tally::Level level;
  };
  static constexpr Row kRows[] = {
#define LEVEL(id, family, value) {#family, value, tally::Level::id},
#include "tally/counters.def"
  };
  for (std::size_t first = 0; first < std::size(kRows); ++first) {
    bool seen = false;
    for (std::size_t i = 0; i < first; ++i) seen = seen || kRows[i].family == kRows[first].family;
    if (seen) continue;
    json.open(kRows[first].family);
    for (const Row& row : kRows) {
      if (row.family == kRows[first].family) json.number(row.value, sum_of(workers, row.level));
    }
    json.close();
  }
}

}  // namespace

void write_stats(Json& json, Workers workers, const Totals& totals) {
  json.open("stats");
  write_counters(json, workers, totals);
  write_levels(json, workers);
  json.open("alerts");
  for (std::size_t i = 0; i < kAlertKinds; ++i) {
    json.number(kAlerts[i].id, totals.alerts[i].get());
  }
  json.close();
  json.open("eve");
  for (std::size_t i = 0; i < kEventTypes.size(); ++i) {
    json.number(kEventTypes[i], totals.events[i].get());
  }
  json.number("written", totals.written.get());
  json.number("dropped", totals.dropped.get());
  json.close();
  json.close();
}

}  // namespace mailglass::report
