// SPDX-License-Identifier: BSD-3-Clause
#include "report/summary.h"

#include <fmt/format.h>

#include <array>
#include <iterator>
#include <string_view>

namespace mailglass::report {
namespace {

struct CountRow {
  std::string_view family, value;
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
#define MECHANISM(id, word)                                                         \
  {"logins", word, tally::Count::login_##id##_unknown},                             \
      {"logins", word " accepted", tally::Count::login_##id##_success},             \
      {"logins", word " refused", tally::Count::login_##id##_failure},              \
      {"logins", word " readable", tally::Count::exposed_##id##_unknown},           \
      {"logins", word " readable, accepted", tally::Count::exposed_##id##_success}, \
      {"logins", word " readable, refused", tally::Count::exposed_##id##_failure},
#include "tally/counters.def"
#define ANOMALY(id, layer, help) {"anomalies", #id, tally::Count::anomaly_##id},
#include "tally/counters.def"
};

// One row of the table for each family, in groups. A unit test holds this list against
// counters.def: no family is forgotten.
struct FamilyRow {
  std::string_view family;
  std::string_view label;
  bool total = true;  // false: the values overlap, their sum would mean nothing
};
constexpr FamilyRow kGroupEnd{"", ""};
constexpr FamilyRow kFamilies[] = {
    {"queue_frames", "frames of the queues"},
    {"distributed", "frames redistributed", false},
    {"bridged", "frames bridged"},
    {"worker_bursts", "bursts"},
    {"worker_cycles", "cycles of workers"},
    {"frames", "frames"},
    {"octets", "octets of frames"},
    {"segments", "TCP segments"},
    {"drops", "frames dropped"},
    {"datagrams", "fragmented datagrams"},
    {"fragments_suspect", "suspect fragments"},
    {"checksums", "checksums not proven"},
    kGroupEnd,
    {"flows_opened", "flows opened"},
    {"flows_closed", "flows closed"},
    {"flows_oneside", "flows seen one-sided"},
    {"flows_refused", "segments without a flow"},
    {"flow_segments", "segments by flow"},
    {"probes_failed", "flows that are not mail"},
    {"stream_segments", "segments out of line", false},
    {"stream_octets", "octets of mail streams", false},
    {"stream_refused", "segments not held"},
    kGroupEnd,
    {"sessions", "sessions"},
    {"sessions_proxied", "sessions by PROXY"},
    {"sessions_refused", "sessions refused"},
    {"lines_refused", "lines not kept"},
    {"smtp_commands", "SMTP commands"},
    {"smtp_replies", "SMTP replies"},
    {"smtp_transactions", "mail transactions"},
    {"smtp_recipients", "recipients"},
    {"lmtp_recipients_refused", "recipients not kept"},
    {"smtp_starttls", "STARTTLS", false},
    {"pop3_commands", "POP3 commands"},
    {"pop3_replies", "POP3 answers"},
    {"pop3_stls", "STLS", false},
    {"pop3_mailboxes", "POP3 mailboxes"},
    {"pop3_deletions", "POP3 deletions"},
    {"tls_sessions", "in TLS"},
    {"tls_versions", "TLS versions", false},
    {"tls_cut", "TLS messages cut"},
    kGroupEnd,
    {"messages", "messages"},
    {"message_transfer_octets", "octets of messages"},
    {"message_parts", "parts of messages"},
    {"attachments", "attachments"},
    {"attachment_octets", "octets of attachments"},
    {"message_urls", "URLs"},
    {"mime_refused", "bodies not read"},
    {"logins_smtp", "SMTP logins"},
    {"logins_pop3", "POP3 logins"},
    {"logins_exposed", "passwords readable"},
    {"logins", "logins by mechanism"},
    {"anomalies", "anomalies"},
    kGroupEnd,
    {"pool_refused", "pools found full"},
    {"events", "records", false},
};

constexpr std::size_t kLabelWidth = 24;
constexpr std::size_t kNumberWidth = 16;
constexpr std::size_t kListAt = 2 + kLabelWidth + kNumberWidth + 2;
constexpr std::size_t kColumns = 100;

std::string grouped(std::uint64_t number) {  // 1,234,567
  std::string text = std::to_string(number);
  for (std::size_t at = text.size(); at > 3;) text.insert(at -= 3, 1, ',');
  return text;
}

class Table {
 public:
  // A row of a label, a number and a list that goes on below itself.
  void begin(std::string_view label, std::string_view number) {
    separate();
    fmt::format_to(std::back_inserter(text_), "  {:<{}}{:>{}}", label, kLabelWidth, number,
                   kNumberWidth);
    column_ = kListAt - 2;
    first_ = true;
  }
  void item(std::string_view item) {
    const std::size_t comma = first_ ? 2 : 1;
    if (!first_) text_.push_back(',');
    if (!first_ && column_ + 2 + comma + item.size() > kColumns) {
      text_.append("\n").append(kListAt, ' ');
      column_ = kListAt;
    } else {
      text_.append(comma, ' ');
      column_ += comma + (first_ ? 0 : 1);
    }
    text_.append(item);
    column_ += item.size();
    first_ = false;
  }
  void end() { text_.push_back('\n'); }
  void group() { group_ = true; }
  void line(std::string_view line) { separate(), text_.append(line).push_back('\n'); }
  std::string take() { return std::move(text_); }

 private:
  void separate() {
    if (group_ && !text_.empty()) text_.push_back('\n');
    group_ = false;
  }

  std::string text_;
  std::size_t column_ = 0;
  bool first_ = true;
  bool group_ = false;
};

void add_family(Table& table, Workers workers, const Totals& own, const FamilyRow& family) {
  const auto sum = [&](tally::Count count) { return sum_of(workers, count) + own.of(count); };
  std::uint64_t total = 0;
  for (const CountRow& row : kCounts) {
    if (row.family == family.family) total += sum(row.count);
  }
  if (total == 0) return;
  table.begin(family.label, family.total ? grouped(total) : "");
  for (const CountRow& row : kCounts) {
    if (row.family != family.family || row.value.empty()) continue;
    const std::uint64_t n = sum(row.count);
    if (n > 0) table.item(fmt::format("{} {}", row.value, grouped(n)));
  }
  table.end();
}

std::string duration(std::uint64_t us) {
  const auto n = static_cast<double>(us);
  return us < 10'000'000 ? fmt::format("{:.3f} ms", n / 1e3) : fmt::format("{:.1f} s", n / 1e6);
}

// Quantiles come from histograms: each figure is the upper bound of its bucket.
template <typename Sum>
void add_quantiles(Table& table, std::string_view label, const Sum& sum, auto&& words) {
  if (sum.observations == 0) return;
  const auto up_to = [&](double share) {
    const std::size_t bucket = sum.quantile(share);
    if (bucket + 1 < sum.count.size()) return words(Sum::bound(bucket));
    return "over " + words(Sum::bound(bucket - 1));  // the last bucket has no bound
  };
  table.line(fmt::format("  {:<{}}{:>{}}  {:>14}  {:>14}  {:>14}", label, kLabelWidth,
                         grouped(sum.observations), kNumberWidth, up_to(0.5), up_to(0.95),
                         up_to(1.0)));
}

void add_quantile_head(Table& table, std::string_view title) {
  table.group();
  table.line(fmt::format("  {:<{}}{:>{}}  {:>14}  {:>14}  {:>14}", title, kLabelWidth, "count",
                         kNumberWidth, "half up to", "95 % up to", "all up to"));
}

void add_latencies(Table& table, Workers workers) {
  struct Row {
    std::string_view protocol, command;
    tally::Latency latency;
  };
  static constexpr Row kRows[] = {
#define LATENCY(id, protocol, command) {#protocol, command, tally::Latency::id},
#include "tally/counters.def"
  };
  bool any = false;
  for (const Row& row : kRows) {
    const auto sum = histogram_of(workers, row.latency);
    if (sum.observations > 0 && !any) add_quantile_head(table, "latency of replies to");
    any = any || sum.observations > 0;
    std::string label = fmt::format("{} {}", row.protocol == "smtp" ? "SMTP" : "POP3", row.command);
    for (char& c : label) c = c == '_' ? ' ' : c;
    add_quantiles(table, label, sum, duration);
  }
}

void add_sizes(Table& table, Workers workers) {
  struct Row {
    std::string_view label;
    tally::Size size;
  };
  static constexpr Row kRows[] = {
#define SIZE(id, protocol) {#protocol, tally::Size::id},
#include "tally/counters.def"
  };
  bool any = false;
  for (const Row& row : kRows) {
    const auto sum = histogram_of(workers, row.size);
    if (sum.observations > 0 && !any) add_quantile_head(table, "octets of messages by");
    any = any || sum.observations > 0;
    add_quantiles(table, row.label == "smtp" ? "SMTP" : "POP3", sum, grouped);
  }
}

void add_alerts(Table& table, const Totals& totals) {
  std::uint64_t raised = 0;
  for (const tally::Cell& alert : totals.alerts) raised += alert.get();
  if (raised == 0) return;
  table.begin("alerts", grouped(raised));
  for (std::size_t i = 0; i < kAlertKinds; ++i) {
    const std::uint64_t n = totals.alerts[i].get();
    if (n > 0) table.item(fmt::format("{} {}", kAlerts[i].id, grouped(n)));
  }
  table.end();
}

void add_totals(Table& table, const Totals& totals) {
  std::uint64_t rendered = 0;
  for (const tally::Cell& type : totals.events) rendered += type.get();
  if (rendered > 0) {
    table.begin("events", grouped(rendered));
    for (std::size_t i = 0; i < kEventTypes.size(); ++i) {
      const std::uint64_t n = totals.events[i].get();
      if (n > 0) table.item(fmt::format("{} {}", kEventTypes[i], grouped(n)));
    }
    table.end();
    table.begin("events in the file", grouped(totals.written.get()));
    if (totals.dropped.get() > 0) {
      table.item(fmt::format("not written {}", grouped(totals.dropped.get())));
    }
    table.end();
  }
  const auto row = [&](std::string_view label, std::uint64_t n) {
    if (n == 0) return;
    table.begin(label, grouped(n));
    table.end();
  };
  row("records lost", totals.lost.get());
  for (std::size_t i = 0; i < kRefused.size(); ++i) {
    row(fmt::format("records: {}", kRefused[i]), totals.refused[i].get());
  }
  row("let go unfinished", totals.unfinished.get());
}

}  // namespace

std::string render_summary(Workers workers, const Totals& totals, const Elapsed& elapsed) {
  Table table;
  table.line("Summary");
  if (elapsed.capture_seconds > 0 || elapsed.wall_seconds > 0) {
    table.line(fmt::format("  {:.3f} s of traffic, inspected in {:.3f} s", elapsed.capture_seconds,
                           elapsed.wall_seconds));
  }
  table.group();
  for (const FamilyRow& family : kFamilies) {
    if (family.family.empty()) {
      table.group();
    } else {
      add_family(table, workers, totals, family);
    }
  }
  add_alerts(table, totals);
  add_totals(table, totals);
  add_latencies(table, workers);
  add_sizes(table, workers);
  return table.take();
}

std::string render_summary(const tally::Counters& counters, const Totals& totals,
                           const Elapsed& elapsed) {
  const tally::Counters* const one[] = {&counters};
  return render_summary(Workers(one), totals, elapsed);
}

}  // namespace mailglass::report
