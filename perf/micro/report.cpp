// SPDX-License-Identifier: BSD-3-Clause
// The way out: a record into the ring and out of it, the records of one mail transaction into its
// EVE line, an encoded-word into UTF-8.
#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "perf/micro/measured.h"
#include "report/reporter.h"
#include "report/rfc2047.h"
#include "tally/event_ring.h"

namespace mailglass::perf {
namespace {

using tally::Protocol;
using tally::SmtpVerb;

struct RingMemory {
  static constexpr std::size_t kOctets = 1 << 16;
  struct alignas(64) Line {
    std::byte octet[64];
  };
  std::vector<Line> lines{kOctets / sizeof(Line)};
  tally::EventRing ring{{lines[0].octet, kOctets}, tally::WhenFull::drop};
};

tally::Reply accepted(std::uint32_t command, SmtpVerb verb, tally::Phase phase) {
  tally::Reply reply;
  reply.command = command;
  reply.tx = 1;
  reply.code = 250;
  reply.enhanced[0] = 2;
  reply.phase = phase;
  reply.verb = static_cast<std::uint8_t>(verb);
  reply.has_latency = true;
  reply.latency_us = 250;
  return reply;
}

// A batch of records emitted, then drained, on one core.
void ring(benchmark::State& state) {
  constexpr std::size_t kBatch = 64;
  RingMemory memory;
  tally::MailEvent head;
  head.protocol = Protocol::smtp;
  const tally::Reply reply = accepted(1, SmtpVerb::RCPT, tally::Phase::command);
  std::uint64_t octets = 0;
  Measured measured(state);
  for (auto _ : state) {
    for (std::size_t i = 0; i < kBatch; ++i) memory.ring.emit(head, reply, {"2.1.5 Ok", ""});
    memory.ring.drain(
        [&](const tally::EventView& record) { octets += record.text<tally::Reply>(0).size(); });
  }
  measured.end(kBatch);
  measured.expect(octets, kBatch * 8);
}

// The records of one session with one transaction, as a worker emits them.
class Dialogue {
 public:
  explicit Dialogue(tally::EventRing& ring) : ring_(ring) {
    tally::Opened opened;
    const std::uint8_t client[] = {192, 0, 2, 10};
    const std::uint8_t server[] = {192, 0, 2, 25};
    opened.client = Address::v4(client);
    opened.server = Address::v4(server);
    opened.client_port = 49152;
    opened.server_port = 25;
    say(opened);
    step(SmtpVerb::EHLO, 0, "relay6.sales.example.com", "mx1.example.net\nPIPELINING\nSIZE 524288");
    step(SmtpVerb::MAIL, 1, "FROM:<karin@sales.example.com> SIZE=5851 BODY=8BITMIME", "2.1.0 Ok");
    step(SmtpVerb::RCPT, 1, "TO:<luis@shop.example>", "2.1.5 Ok");
    step(SmtpVerb::DATA, 1, "", "End data with <CR><LF>.<CR><LF>");
    field("From", "Karin Larsen <karin@sales.example.com>");
    field("To", "luis@shop.example");
    field("Subject", "=?UTF-8?B?w5xiZXJ3ZWlzdW5nIGVyaGFsdGVu?= 61134");
    field("Date", "Mon, 05 Jan 2026 08:00:00 +0000");
    field("Message-ID", "<c8276d4f12ec.40745@sales.example.com>");
    end();
  }

 private:
  template <typename Body>
  void say(const Body& body, std::initializer_list<std::string_view> texts = {}) {
    tally::MailEvent head;
    head.protocol = Protocol::smtp;
    head.session = 42;
    head.time.us = 1'767'225'600'000'000;
    ring_.emit(head, body, texts);
  }
  void step(SmtpVerb verb, std::uint32_t tx, std::string_view argument, std::string_view reply) {
    tally::Command command;
    command.index = ++index_;
    command.tx = tx;
    command.verb = static_cast<std::uint8_t>(verb);
    say(command, {argument, tally::name_of(verb)});
    say(accepted(index_, verb, tally::Phase::command), {reply, ""});
  }
  void field(std::string_view name, std::string_view value) {
    tally::Header header;
    header.tx = 1;
    say(header, {name, value});
  }
  void end() {
    tally::Message message;
    message.tx = 1;
    message.octets = 5851;
    message.complete = true;
    say(message);
    say(accepted(index_, SmtpVerb::DATA, tally::Phase::content), {"Ok: queued", "735DE758AA"});
    tally::Transaction transaction;
    transaction.tx = 1;
    transaction.outcome = tally::Outcome::accepted;
    say(transaction);
    say(tally::Closed{});
  }

  tally::EventRing& ring_;
  std::uint32_t index_ = 0;
};

// Two lines come of it: the transaction's and the flow's.
void eve_smtp_transaction(benchmark::State& state) {
  RingMemory memory;
  auto sink = report::LineSink::open("/dev/null");
  report::Reporter reporter({.eve = &sink, .origin = {"mix.pcap", "", ""}});
  std::uint64_t records = 0;
  Measured measured(state);
  for (auto _ : state) {
    Dialogue dialogue(memory.ring);
    records += memory.ring.drain([&](const tally::EventView& r) { reporter.take(r); });
  }
  measured.end(1);
  reporter.finish();
  state.counters["records"] =
      static_cast<double>(records) / static_cast<double>(state.iterations());
  measured.expect(sink.written(), 2);
}

void rfc2047(benchmark::State& state, std::string_view text, std::string_view meaning) {
  report::Charsets charsets;
  std::string out;
  std::uint64_t right = 0;
  Measured measured(state);
  for (auto _ : state) {
    out.clear();
    report::append_decoded(out, text, charsets);
    right += out == meaning ? 1 : 0;
  }
  measured.end(1, text.size());
  measured.expect(right, 1);
}

BENCHMARK(ring);
BENCHMARK(eve_smtp_transaction);
BENCHMARK_CAPTURE(rfc2047, plain, "Your order 62551", "Your order 62551");
BENCHMARK_CAPTURE(rfc2047, utf8_b, "=?UTF-8?B?w5xiZXJ3ZWlzdW5nIGVyaGFsdGVu?= 61134",
                  "\xc3\x9c"
                  "berweisung erhalten 61134");
BENCHMARK_CAPTURE(rfc2047, latin1_q, "=?ISO-8859-1?Q?=DCberweisung_erhalten?= 61134",
                  "\xc3\x9c"
                  "berweisung erhalten 61134");

}  // namespace
}  // namespace mailglass::perf
