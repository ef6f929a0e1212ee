// SPDX-License-Identifier: BSD-3-Clause
// Hand-made records for tests of the reporter: a script of a dialogue goes through a real ring into
// a real Reporter, and what it wrote is read back.
#pragma once

#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <initializer_list>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "report/reporter.h"
#include "tally/event_ring.h"

namespace mailglass::report::testing {

// A file that is gone when the test is over.
class TemporaryFile {
 public:
  TemporaryFile() {
    const int fd = mkstemp(path_.data());
    if (fd >= 0) ::close(fd);
  }
  ~TemporaryFile() { ::unlink(path_.c_str()); }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  const std::string& path() const { return path_; }
  std::string text() const {
    std::ifstream in(path_);
    std::ostringstream all;
    all << in.rdbuf();
    return all.str();
  }
  std::vector<std::string> lines() const {
    std::vector<std::string> all;
    std::ifstream in(path_);
    for (std::string line; std::getline(in, line);) all.push_back(line);
    return all;
  }

 private:
  std::string path_ = "/tmp/mailglass-test-XXXXXX";
};

class Script {
 public:
  static constexpr std::int64_t kStart = 1'700'000'000'000'000;  // 2023-11-14 22:13:20 UTC

  explicit Script(tally::Protocol protocol, Origin origin = {"case.pcap", "", "sensor-1"},
                  Book::Limits limits = {}, bool colour = false, const DetectSettings& detect = {})
      : protocol_(protocol) {
    eve_sink_.emplace(LineSink::open(eve_file_.path()));
    transcript_sink_.emplace(LineSink::open(transcript_file_.path()));
    reporter_ = std::make_unique<Reporter>(Reporter::Options{
        &*eve_sink_, &*transcript_sink_, std::move(origin), colour, limits, true, nullptr, detect});
  }

  // The clock of the script: microseconds since the session's first segment.
  Script& at(std::int64_t us) {
    now_ = us;
    return *this;
  }
  Script& session(std::uint64_t id) {
    session_ = id;
    return *this;
  }
  Script& protocol(tally::Protocol protocol) {
    protocol_ = protocol;
    return *this;
  }
  Script& lose(std::uint8_t records) {
    lose_ = records;
    return *this;
  }

  template <typename Body>
  Script& emit(const Body& body, std::initializer_list<std::string_view> texts = {}) {
    tally::MailEvent head;
    head.protocol = protocol_;
    head.session = session_;
    head.time.us = kStart + now_;
    head.lost = std::exchange(lose_, std::uint8_t{0});
    ring_.emit(head, body, texts);
    ring_.drain([&](const tally::EventView& record) { reporter_->take(record); });
    return *this;
  }

  static tally::Opened flow() {
    tally::Opened flow;
    const std::uint8_t client[] = {192, 0, 2, 10};
    const std::uint8_t server[] = {192, 0, 2, 25};
    flow.client = Address::v4(client);
    flow.server = Address::v4(server);
    flow.client_port = 49152;
    flow.server_port = 25;
    flow.has_ether = true;
    flow.client_mac = {2, 0, 0, 0, 0, 1};
    flow.server_mac = {2, 0, 0, 0, 0, 0x25};
    flow.start.us = kStart;
    flow.syn_ack_us = 45;
    flow.handshake_us = 89;
    return flow;
  }
  Script& open() { return open(flow()); }
  Script& open(const tally::Opened& flow) { return emit(flow); }

  Script& banner(std::string_view text, std::uint16_t code = 220) {
    tally::Reply reply;
    reply.phase = tally::Phase::banner;
    reply.code = code;
    reply.has_latency = true;
    reply.latency_us = 4511;
    return emit(reply, {text, ""});
  }

  template <typename Verb>
  Script& command(Verb verb, std::string_view argument, std::uint32_t tx = 0) {
    tally::Command command;
    command.index = ++index_;
    command.tx = tx_ = tx;
    transactions_ = std::max(transactions_, tx);
    command.verb = verb_ = static_cast<std::uint8_t>(verb);
    return emit(command, {argument, name_of(verb)});
  }
  Script& continuation(std::string_view text) {
    tally::Command command;
    command.index = index_;
    command.verb = verb_;
    command.continuation = true;
    return emit(command, {text, ""});
  }

  struct Extra {
    std::array<std::uint16_t, 3> enhanced{};
    std::uint16_t recipient = 0;
    bool content = false;
    bool multi_line = false;
  };
  // Answers the latest command.
  Script& reply(std::uint16_t code, std::string_view text) { return reply(code, text, Extra{}); }
  Script& reply(std::uint16_t code, std::string_view text, const Extra& extra) {
    tally::Reply reply;
    reply.command = index_;
    reply.tx = tx_;
    reply.verb = verb_;
    reply.code = code;
    reply.phase = extra.content ? tally::Phase::content : tally::Phase::command;
    reply.recipient = extra.recipient;
    reply.multi_line = extra.multi_line;
    for (std::size_t i = 0; i < 3; ++i) reply.enhanced[i] = extra.enhanced[i];
    for (char c : text) reply.lines = static_cast<std::uint16_t>(reply.lines + (c == '\n'));
    reply.has_latency = true;
    reply.latency_us = 250;
    return emit(reply, {text, ""});
  }
  Script& answer(std::string_view lines) {
    tally::Answer answer;
    answer.command = index_;
    answer.verb = verb_;
    return emit(answer, {lines});
  }
  Script& answer_end(std::uint32_t lines) {
    tally::AnswerEnd end;
    end.command = index_;
    end.verb = verb_;
    end.lines = lines;
    return emit(end);
  }
  Script& header(std::string_view name, std::string_view value) {
    tally::Header header;
    header.tx = tx_;
    return emit(header, {name, value});
  }
  Script& message(std::uint64_t octets, tally::Transfer transfer = tally::Transfer::data) {
    tally::Message message;
    message.tx = tx_;
    message.command = index_;
    message.octets = octets;
    message.lines = 9;
    message.transfer = transfer;
    message.complete = true;
    return emit(message);
  }
  Script& transaction(tally::Outcome outcome) {
    tally::Transaction end;
    end.tx = tx_;
    end.outcome = outcome;
    return emit(end);
  }
  Script& close(tally::CloseReason reason = tally::CloseReason::fin) {
    tally::Closed closed;
    closed.end.us = kStart + now_;
    closed.octets[0] = 1200;
    closed.octets[1] = 2400;
    closed.segments[0] = 12;
    closed.segments[1] = 11;
    closed.commands = index_;
    closed.transactions = transactions_;
    closed.reason = reason;
    closed.established = true;
    return emit(closed);
  }

  std::uint32_t index() const { return index_; }
  Reporter& reporter() { return *reporter_; }
  std::vector<std::string> events() {
    reporter_->finish();
    return eve_file_.lines();
  }
  std::string transcript() {
    reporter_->finish();
    return transcript_file_.text();
  }

 private:
  static std::string_view name_of(tally::SmtpVerb verb) { return tally::name_of(verb); }
  static std::string_view name_of(tally::Pop3Verb verb) { return tally::name_of(verb); }

  tally::Protocol protocol_;
  std::int64_t now_ = 0;
  std::uint64_t session_ = 42;
  std::uint8_t lose_ = 0;
  std::uint32_t index_ = 0;
  std::uint32_t tx_ = 0;
  std::uint32_t transactions_ = 0;
  std::uint8_t verb_ = 0;
  TemporaryFile eve_file_;
  TemporaryFile transcript_file_;
  std::optional<LineSink> eve_sink_;
  std::optional<LineSink> transcript_sink_;
  struct alignas(64) Storage {
    std::array<std::byte, 64 * 1024> octets;
  };
  std::unique_ptr<Storage> storage_ = std::make_unique<Storage>();
  tally::EventRing ring_{storage_->octets, tally::WhenFull::drop};
  std::unique_ptr<Reporter> reporter_;
};

}  // namespace mailglass::report::testing
