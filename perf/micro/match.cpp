// SPDX-License-Identifier: BSD-3-Clause
// match: one short line against each database, as the readers ask.
#include <array>
#include <string_view>

#include "app/installation.h"
#include "match/scanner.h"
#include "perf/micro/measured.h"

namespace mailglass::perf {
namespace {

using Lines = std::array<std::string_view, 4>;

const match::PatternSet& patterns() {
  static const auto shipped = match::PatternSet::load(app::default_patterns_folder());
  return *shipped;
}

// `judge` says of each line whether the scanner found in it what is there.
template <typename Judge>
void scan(benchmark::State& state, const Lines& lines, Judge judge) {
  const match::Scanner scanner(patterns());
  std::size_t octets = 0;
  for (const std::string_view line : lines) octets += line.size();
  std::uint64_t right = 0;
  Measured measured(state);
  for (auto _ : state) {
    for (const std::string_view line : lines) right += judge(scanner, as_bytes(line)) ? 1 : 0;
  }
  measured.end(lines.size(), octets);
  measured.expect(right, lines.size());
}

void scan_protocol(benchmark::State& state) {
  scan(state,
       {"220 mx1.example.net ESMTP Postfix (Debian/GNU)", "EHLO relay6.sales.example.com",
        "+OK Dovecot ready.", "USER olga.ivanov844@sales.example.com"},
       [](const match::Scanner& s, Bytes line) { return !s.protocol(line).none(); });
}

void scan_smtp_command(benchmark::State& state) {
  scan(state,
       {"EHLO relay6.sales.example.com",
        "MAIL FROM:<karin.larsen515@sales.example.com> SIZE=5851 BODY=8BITMIME",
        "RCPT TO:<luis.jensen548@shop.example>", "DATA"},
       [](const match::Scanner& s, Bytes line) {
         return s.smtp_verb(line) != tally::SmtpVerb::unknown;
       });
}

void scan_smtp_reply(benchmark::State& state) {
  scan(state,
       {"250-SIZE 524288000", "250 2.1.5 Ok", "354 End data with <CR><LF>.<CR><LF>",
        "250 2.0.0 Ok: queued as 735DE758AA"},
       [](const match::Scanner& s, Bytes line) {
         return s.smtp_reply(line).has(match::SmtpReplyHint::reply);
       });
}

void scan_pop3_command(benchmark::State& state) {
  scan(state, {"USER olga.ivanov844@sales.example.com", "STAT", "RETR 3", "DELE 3"},
       [](const match::Scanner& s, Bytes line) {
         return s.pop3_verb(line) != tally::Pop3Verb::unknown;
       });
}

void scan_pop3_reply(benchmark::State& state) {
  scan(state, {"+OK Logged in.", "+OK 3 124875", "+OK 15861 octets", "+OK Marked to be deleted."},
       [](const match::Scanner& s, Bytes line) {
         return s.pop3_reply(line).has(match::Pop3ReplyHint::ok);
       });
}

BENCHMARK(scan_protocol);
BENCHMARK(scan_smtp_command);
BENCHMARK(scan_smtp_reply);
BENCHMARK(scan_pop3_command);
BENCHMARK(scan_pop3_reply);

}  // namespace
}  // namespace mailglass::perf
