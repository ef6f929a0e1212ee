// SPDX-License-Identifier: BSD-3-Clause
// Every row of counters.def is one time series and one figure of the summary.
#include "report/metrics.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fstream>
#include <memory>
#include <set>
#include <sstream>

#include "report/exposer.h"
#include "report/summary.h"
#include "tests/unit/report_script.h"

namespace mailglass::report {
namespace {

using tally::Count;
using tally::Counters;

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

// Series as Prometheus knows them: name and labels, histograms as their _count.
std::multiset<std::string> series_of(const std::string& text) {
  std::multiset<std::string> series;
  for (const std::string& line : lines_of(text)) {
    if (line.starts_with('#')) continue;
    const std::string name = line.substr(0, line.rfind(' '));
    if (name.find("_bucket{") == std::string::npos && name.find("_sum{") == std::string::npos) {
      series.insert(name);
    }
  }
  return series;
}

TEST(Metrics, EachRowOfTheListIsOneSeries) {
  struct Family {
    std::string id, label;
  };
  const Family families[] = {
#define FAMILY(id, label, help) {#id, label},
#include "tally/counters.def"
  };
  const auto counter = [&](const std::string& family, const std::string& value) {
    for (const Family& f : families) {
      if (f.id != family) continue;
      EXPECT_EQ(f.label.empty(), value.empty()) << family;
      const std::string name = "mailglass_" + family + "_total";
      return value.empty() ? name : name + "{" + f.label + "=\"" + value + "\"}";
    }
    ADD_FAILURE() << "a row of a family that is not declared: " << family;
    return std::string();
  };
  std::multiset<std::string> expected;
  const auto logins = [&](const std::string& mechanism) {
    for (const char* outcome : {"unknown", "success", "failure"}) {
      for (const char* exposed : {"true", "false"}) {
        expected.insert("mailglass_logins_total{mechanism=\"" + mechanism + "\",outcome=\"" +
                        outcome + "\",exposed=\"" + exposed + "\"}");
      }
    }
  };
#define MECHANISM(id, word) logins(word);
#define COUNT(id, family, value) expected.insert(counter(#family, value));
#define DROP(id, help) expected.insert(counter("drops", #id));
#define SMTP_VERB(id, word) expected.insert(counter("smtp_commands", word));
#define POP3_VERB(id, word) expected.insert(counter("pop3_commands", word));
#define ANOMALY(id, layer, help) expected.insert(counter("anomalies", #id));
#define LATENCY(id, protocol, command) \
  expected.insert("mailglass_" #protocol "_reply_seconds_count{command=\"" command "\"}");
#define SIZE(id, protocol) \
  expected.insert("mailglass_message_octets_count{protocol=\"" #protocol "\"}");
#define LEVEL(id, family, value) expected.insert("mailglass_" #family "{pool=\"" value "\"}");
#include "tally/counters.def"
  ASSERT_EQ(expected.size(), tally::kCounts + tally::kLatencies + tally::kSizes + tally::kLevels);

  Counters counters;
  Metrics metrics;
  metrics.add(&counters);
  std::multiset<std::string> seen = series_of(render_metrics(metrics));
  const auto build = std::find_if(seen.begin(), seen.end(), [](const std::string& s) {
    return s.starts_with("mailglass_build_info{");
  });
  ASSERT_NE(build, seen.end());
  seen.erase(build);
  EXPECT_EQ(seen, expected);
}

TEST(Metrics, HaveHelpAndValues) {
  Counters counters;
  counters.add(Count::smtp_RCPT, 5);
  counters.drop(tally::Drop::udp);
  counters.observe(tally::Latency::smtp_rcpt, 65);             // over 64 us: the second bucket
  counters.observe(tally::Latency::smtp_rcpt, 1'000'000'000);  // over every bound
  Metrics metrics;
  metrics.add(&counters);
  const auto lines = lines_of(render_metrics(metrics));
  const std::set<std::string> all(lines.begin(), lines.end());
  for (const char* line :
       {"# HELP mailglass_smtp_commands_total SMTP and LMTP commands, by verb",
        "# TYPE mailglass_smtp_commands_total counter",
        "mailglass_smtp_commands_total{verb=\"RCPT\"} 5", "mailglass_drops_total{reason=\"udp\"} 1",
        "# TYPE mailglass_smtp_reply_seconds histogram",
        "mailglass_smtp_reply_seconds_count{command=\"rcpt\"} 2",
        "mailglass_smtp_reply_seconds_bucket{command=\"rcpt\",le=\"6.4e-05\"} 0",
        "mailglass_smtp_reply_seconds_bucket{command=\"rcpt\",le=\"0.000128\"} 1",
        "mailglass_smtp_reply_seconds_bucket{command=\"rcpt\",le=\"+Inf\"} 2",
        "# TYPE mailglass_pool_used gauge"}) {
    EXPECT_TRUE(all.contains(line)) << line;
  }
}

TEST(Metrics, TellWorkersApartOnlyWhenThereAreSeveral) {
  Counters first, second;
  second.add(Count::frames, 9);
  Metrics metrics;
  metrics.add(&first);
  metrics.add(&second);
  const std::string text = render_metrics(metrics);
  EXPECT_NE(text.find("mailglass_frames_total{worker=\"0\"} 0\n"), std::string::npos);
  EXPECT_NE(text.find("mailglass_frames_total{worker=\"1\"} 9\n"), std::string::npos);
}

TEST(Metrics, CountTheReporterItself) {
  testing::Script s(tally::Protocol::smtp);
  s.open().close();
  s.reporter().finish();
  Metrics metrics;
  metrics.add(&s.reporter().totals());
  const std::string text = render_metrics(metrics);
  for (const char* line : {"mailglass_eve_events_total{type=\"flow\"} 1\n",
                           "mailglass_eve_events_total{type=\"smtp\"} 1\n",
                           "mailglass_eve_lines_total{sink=\"file\",fate=\"written\"} 2\n",
                           "mailglass_eve_lines_total{sink=\"file\",fate=\"dropped\"} 0\n",
                           "mailglass_reporter_refused_total{reason=\"book_full\"} 0\n"}) {
    EXPECT_NE(text.find(line), std::string::npos) << line;
  }
}

// promtool knows the rules of the exposition format and of naming; it comes with Debian's
// package prometheus.
TEST(Metrics, PromtoolFindsNothing) {
  if (access("/usr/bin/promtool", X_OK) != 0) GTEST_SKIP() << "SKIPPED: promtool is not installed";
  Counters counters;
  counters.observe(tally::Size::octets_smtp, 5000);
  Totals totals;
  Metrics metrics;
  metrics.add(&counters);
  metrics.add(&totals);
  testing::TemporaryFile file;
  std::ofstream(file.path()) << render_metrics(metrics);
  const std::string command = "/usr/bin/promtool check metrics < " + file.path() + " 2>&1";
  FILE* promtool = popen(command.c_str(), "r");
  ASSERT_NE(promtool, nullptr);
  std::string said;
  for (int c; (c = fgetc(promtool)) != EOF;) said.push_back(static_cast<char>(c));
  EXPECT_EQ(pclose(promtool), 0) << said;
  EXPECT_EQ(said, "");
}

// A listening socket on a port of the system's choice, to be in the way.
class Listener {
 public:
  Listener() : fd_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at;
    EXPECT_EQ(bind(fd_, reinterpret_cast<sockaddr*>(&at), size), 0);
    EXPECT_EQ(listen(fd_, 1), 0);
    EXPECT_EQ(getsockname(fd_, reinterpret_cast<sockaddr*>(&at), &size), 0);
    address_ = "127.0.0.1:" + std::to_string(ntohs(at.sin_port));
  }
  ~Listener() { release(); }
  void release() {
    if (fd_ >= 0) close(fd_);
    fd_ = -1;
  }
  const std::string& address() const { return address_; }

 private:
  int fd_;
  std::string address_;
};

std::string refusal(const std::string& address) {
  try {
    Exposer exposer(address, std::make_shared<Metrics>());
  } catch (const std::exception& error) {
    return error.what();
  }
  return "it listens";
}

TEST(Exposer, SaysInOneSentenceWhyItCannotListen) {
  Listener taken;
  EXPECT_EQ(refusal(taken.address()),
            "cannot serve metrics on " + taken.address() + ": Address already in use");
  EXPECT_EQ(refusal("127.0.0.1:nonsense"),
            "cannot serve metrics on 127.0.0.1:nonsense: not an address of the form HOST:PORT");
  EXPECT_EQ(refusal("203.0.113.9:9465"),
            "cannot serve metrics on 203.0.113.9:9465: Cannot assign requested address");
}

TEST(Exposer, ServesTheMetrics) {
  Listener place;
  const std::string address = place.address();
  place.release();
  Counters counters;
  counters.add(Count::frames, 77);
  auto metrics = std::make_shared<Metrics>();
  metrics->add(&counters);
  Exposer exposer(address, metrics);

  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  at.sin_port = htons(static_cast<std::uint16_t>(std::stoi(address.substr(10))));
  ASSERT_EQ(connect(fd, reinterpret_cast<sockaddr*>(&at), sizeof at), 0);
  constexpr std::string_view kRequest = "GET /metrics HTTP/1.0\r\n\r\n";
  ASSERT_EQ(write(fd, kRequest.data(), kRequest.size()), static_cast<ssize_t>(kRequest.size()));
  std::string answer;
  char buffer[4096];
  for (ssize_t n; (n = read(fd, buffer, sizeof buffer)) > 0;) {
    answer.append(buffer, static_cast<std::size_t>(n));
  }
  close(fd);
  EXPECT_NE(answer.find(" 200 "), std::string::npos) << answer.substr(0, 200);
  EXPECT_NE(answer.find("mailglass_frames_total 77\n"), std::string::npos);
}

TEST(Summary, NamesEveryFamily) {
  // One event in one family at a time: each must show up, whichever family it is.
  const auto check = [](const char* family, Count count) {
    Counters counters;
    counters.add(count, 4'711'000);
    const std::string text = render_summary(counters, Totals{}, Elapsed{});
    EXPECT_NE(text.find("4,711,000"), std::string::npos) << family << "\n" << text;
    // And no row twice, under whatever label.
    std::istringstream lines(text);
    int rows = 0;
    for (std::string line; std::getline(lines, line);) rows += line.find("4,711,000") != line.npos;
    EXPECT_EQ(rows, 1) << family << "\n" << text;
  };
#define COUNT(id, family, value) check(#family, Count::id);
#define DROP(id, help) check("drops", Count::drop_##id);
#define SMTP_VERB(id, word) check("smtp_commands", Count::smtp_##id);
#define POP3_VERB(id, word) check("pop3_commands", Count::pop3_##id);
#define MECHANISM(id, word) check("logins", tally::count_of(tally::Mechanism::id, 1, true));
#define ANOMALY(id, layer, help) check("anomalies", Count::anomaly_##id);
#include "tally/counters.def"
}

TEST(Summary, IsATableOfWhatWasSeen) {
  Counters first, second;
  first.add(Count::frames, 57);
  second.add(Count::frames, 1'000);
  first.add(Count::octets, 1'234'567);
  first.drop(tally::Drop::udp);
  first.drop(tally::Drop::udp);
  first.drop(tally::Drop::not_tcp);
  first.add(Count::logins_pop3_success);
  first.add(Count::logins_exposed_pop3);
  for (std::uint64_t us : {100u, 100u, 3000u}) first.observe(tally::Latency::smtp_rcpt, us);
  second.observe(tally::Latency::smtp_end_of_data, 400'000'000);
  first.observe(tally::Size::octets_smtp, 1500);
  Totals totals;
  totals.events[0].add(3);
  totals.written.add(2);
  totals.dropped.add(1);
  const Counters* const workers[] = {&first, &second};
  EXPECT_EQ(render_summary(workers, totals, {3.25, 0.012}), R"(Summary
  3.250 s of traffic, inspected in 0.012 s

  frames                             1,057
  octets of frames               1,234,567
  frames dropped                         3  udp 2, not_tcp 1

  POP3 logins                            1  success 1
  passwords readable                     1  pop3 1

  events                                 3  smtp 3
  events in the file                     2  not written 1

  latency of replies to              count      half up to      95 % up to       all up to
  SMTP rcpt                              3        0.128 ms        4.096 ms        4.096 ms
  SMTP end of data                       1    over 268.4 s    over 268.4 s    over 268.4 s

  octets of messages by              count      half up to      95 % up to       all up to
  SMTP                                   1           2,048           2,048           2,048
)");
}

TEST(Summary, StaysWithinAHundredColumns) {
  Counters counters;
  for (std::size_t i = 0; i < tally::kCounts; ++i) {
    counters.add(static_cast<Count>(i), 1'000'000'000'000);
  }
  for (const std::string& line : lines_of(render_summary(counters, Totals{}, Elapsed{}))) {
    EXPECT_LE(line.size(), 100u) << line;
  }
}

}  // namespace
}  // namespace mailglass::report
