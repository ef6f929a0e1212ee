// SPDX-License-Identifier: BSD-3-Clause
// What a packet costs in one kind of work alone, beside its yardstick: frames with nothing to
// inspect beside the baseline, message bodies beside an AVX2 newline count and OpenSSL's SHA-256,
// the memory of a flow in each state. Frames lie in a core's cache and count as verified by a NIC.
// Rounds ask every candidate in turn; figures are medians. Prints one JSON object; exit status 1
// when the pipeline did not read what was sent.
#include <openssl/evp.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/installation.h"
#include "flow/table.h"
#include "mail/session.h"
#include "match/pattern_set.h"
#include "perf/arguments.h"
#include "perf/forge.h"
#include "perf/micro/keys.h"
#include "perf/newlines.h"
#include "perf/program.h"
#include "perf/worker_clock.h"
#include "pipelines/baseline.h"
#include "pipelines/mail.h"
#include "tests/support/tls_octets.h"

namespace mailglass::perf {
namespace {

constexpr std::size_t kSegment = 1448;
constexpr std::size_t kFrames = 512;       // 750 KB of full segments
constexpr std::uint32_t kSessions = 1000;  // of which packets come in turn
constexpr std::uint16_t kSmtpPort = 25;

void require(bool right, const char* what) {
  if (!right) throw std::runtime_error(std::string("wrong answer: ") + what);
}

struct alignas(64) RingLine {
  std::byte octet[64];
};

// A pipeline, and frames on their way to it.
class Wire {
 public:
  Wire(const pipelines::MailLimits& limits, const match::PatternSet& patterns)
      : pipeline_(limits, {}, patterns, *counters_, ring_) {}

  void say(std::uint32_t n, bool client, std::uint32_t seq, std::uint32_t ack, unsigned flags,
           std::string_view payload, std::uint16_t server_port) {
    if (count_ == kFrames) send();
    Forged f;
    f.source = client ? client_number(n) : kServer;
    f.destination = client ? kServer : client_number(n);
    f.source_port = client ? port_number(n) : server_port;
    f.destination_port = client ? server_port : port_number(n);
    f.seq = seq;
    f.ack = ack;
    f.flags = static_cast<std::uint8_t>(flags);
    f.payload = payload;
    frames_[count_].data = {octets_[count_].data(), forge(f, octets_[count_])};
    frames_[count_].ip = frames_[count_].tcp = Verified::good;
    ++count_;
  }

  // The cycles of it.
  std::uint64_t send() {
    for (Frame& frame : std::span(frames_).first(count_)) frame.time = {now_.us += 1};
    const std::uint64_t cycles = play(pipeline_);
    count_ = 0;
    return cycles;
  }

  // The frames not sent yet, through another pipeline.
  template <typename Pipeline>
  std::uint64_t play(Pipeline& pipeline) {
    const std::uint64_t start = clock_.cycles();
    for (std::size_t at = 0; at < count_; at += kBurst) {
      const std::size_t burst = std::min(kBurst, count_ - at);
      pipeline.take(wire::LinkType::kEthernet, std::span(frames_).subspan(at, burst));
    }
    return clock_.cycles() - start;
  }

  std::span<const Frame> waiting() const { return std::span(frames_).first(count_); }
  const tally::Counters& counters() const { return *counters_; }
  const WorkerClock& clock() const { return clock_; }

 private:
  const std::unique_ptr<tally::Counters> counters_ = std::make_unique<tally::Counters>();
  std::vector<RingLine> storage_{1024};
  tally::EventRing ring_{{storage_[0].octet, 64 * 1024}, tally::WhenFull::drop};
  pipelines::MailPipeline pipeline_;
  std::vector<std::array<std::uint8_t, 1536>> octets_{kFrames};
  std::vector<Frame> frames_{kFrames};
  std::size_t count_ = 0;
  Tick now_{1'767'225'600'000'000};  // 2026-01-01
  WorkerClock clock_;
};

// A client and a server that speak in turn.
class Talk {
 public:
  Talk(Wire& wire, std::uint32_t n, std::uint16_t port) : wire_(wire), n_(n), port_(port) {
    wire_.say(n_, true, 99, 0, wire::kSyn, {}, port_);
    wire_.say(n_, false, 999, 100, wire::kSyn | wire::kAck, {}, port_);
    acknowledge(true);
  }
  void say(bool client, std::string_view octets) {
    auto&& [mine, other] = client ? std::tie(client_, server_) : std::tie(server_, client_);
    wire_.say(n_, client, mine, other, wire::kPsh | wire::kAck, octets, port_);
    mine += static_cast<std::uint32_t>(octets.size());
  }
  void acknowledge(bool client) {
    wire_.say(n_, client, client ? client_ : server_, client ? server_ : client_, wire::kAck, {},
              port_);
  }

 private:
  Wire& wire_;
  const std::uint32_t n_;
  const std::uint16_t port_;
  std::uint32_t client_ = 100, server_ = 1000;
};

double median(std::vector<double> of) {
  std::sort(of.begin(), of.end());
  return of[of.size() / 2];
}

using Json = rapidjson::Writer<rapidjson::StringBuffer>;
using Figures = std::map<std::string, std::vector<double>>;

void write(Json& json, const char* name, double value) {
  json.Key(name);
  json.Double(value);
}

// ---- frames that need no inspection -------------------------------------------------------------

// One kind of frames: what opens each connection, what that is counted as, and the frames that
// follow, which alone are counted as `later`.
struct Kind {
  const char* name;
  std::uint16_t port;
  void (*open)(Talk& talk);
  tally::Count opened;
  void (*say)(Talk& talk, std::size_t frame);
  std::optional<tally::Count> later;
};

const std::string kOctets(500, 'x');

void say_octets(Talk& talk, std::size_t) { talk.say(true, kOctets); }

const Kind kKinds[] = {
    {"ack", kSmtpPort,
     [](Talk& talk) {
       talk.say(false, "220 mx.example ESMTP\r\n");
       talk.say(true, "EHLO a.example\r\n");
       talk.say(false, "250 mx.example\r\n");
     },
     tally::Count::sessions_smtp,
     [](Talk& talk, std::size_t frame) { talk.acknowledge(frame % 2 == 0); }, std::nullopt},
    {"other", kServerPort, [](Talk& talk) { talk.say(true, "GET / HTTP/1.1\r\n"); },
     tally::Count::probes_failed, say_octets, tally::Count::segments_other},
    {"tls", kSmtpPort,
     [](Talk& talk) {
       talk.say(false, "220 mx.example ESMTP\r\n");
       talk.say(true, "STARTTLS\r\n");
       talk.say(false, "220 go ahead\r\n");
       talk.say(true, test::tls_record(22, test::client_hello()));
       talk.say(false,
                test::tls_record(22, test::server_hello(0x0304)) + test::tls_record(23, kOctets));
     },
     tally::Count::tls_upgraded, say_octets, tally::Count::segments_opaque},
};

// Each kind alone, as a worker has one pipeline: two of them would empty each other's caches.
void measure_idle(const Kind& kind, unsigned rounds, const match::PatternSet& patterns,
                  Json& json) {
  const std::string name(kind.name);
  Wire wire({}, patterns);
  std::vector<Talk> talks;
  for (std::uint32_t n = 0; n < kSessions; ++n) kind.open(talks.emplace_back(wire, n, kind.port));
  wire.send();
  require(wire.counters().get(kind.opened) == kSessions, (name + ": not every flow").c_str());
  tally::Counters counted;
  pipelines::BaselinePipeline baseline(counted);
  std::vector<double> base, whole;
  for (std::size_t round = 0; round < rounds * std::size_t{128}; ++round) {
    for (std::size_t i = 0; i < kFrames; ++i) {
      kind.say(talks[(round * kFrames + i) * 7 % kSessions], i);
    }
    base.push_back(static_cast<double>(wire.play(baseline)) / kFrames);
    whole.push_back(static_cast<double>(wire.send()) / kFrames);
  }
  require(!kind.later || wire.counters().get(*kind.later) == whole.size() * kFrames,
          (name + ": a packet was counted as something else").c_str());
  write(json, (name + "_cycles").c_str(), median(whole));
  write(json, (name + "_baseline_cycles").c_str(), median(base));
  write(json, (name + "_over_baseline").c_str(), median(whole) - median(base));
}

// ---- bodies -------------------------------------------------------------------------------------

// Lines of 76 of the digits of base64, 1 MiB.
std::string lines() {
  static constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  std::uint32_t seed = 1;
  while (text.size() < 1u << 20) {
    for (int i = 0; i < 76; ++i) text += kDigits[(seed = seed * 1664525 + 1013904223) >> 26];
    text += "\r\n";
  }
  return text;
}

// One message whose body never ends while it is measured.
class Body {
 public:
  Body(const pipelines::MailLimits& limits, const match::PatternSet& patterns,
       std::string_view header, const std::string& text)
      : wire_(limits, patterns), talk_(wire_, 0, kSmtpPort), text_(text) {
    talk_.say(false, "220 mx.example ESMTP\r\n");
    for (const char* line :
         {"EHLO a.example\r\n", "MAIL FROM:<a@a.example>\r\n", "RCPT TO:<b@b.example>\r\n"}) {
      talk_.say(true, line);
      talk_.say(false, "250 ok\r\n");
    }
    talk_.say(true, "DATA\r\n");
    talk_.say(false, "354 go on\r\n");
    const std::string front =
        "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b-1\r\n"
        "\r\n--b-1\r\n" +
        std::string(header) + "\r\n";
    talk_.say(true, front);
    sent_ = front.size();
    wire_.send();
  }

  // Makes segments, which then lie in the core's own cache.
  void fill() {
    for (std::size_t i = 0; i < kFrames; ++i) {
      char segment[kSegment];
      for (std::size_t done = 0; done < kSegment;) {
        const std::size_t part = std::min(kSegment - done, text_.size() - at_);
        std::memcpy(segment + done, text_.data() + at_, part);
        done += part;
        at_ = (at_ + part) % text_.size();
      }
      talk_.say(true, {segment, kSegment});
      sent_ += kSegment;
    }
  }
  double newlines() {
    const std::uint64_t start = wire_.clock().cycles();
    for (const Frame& frame : wire_.waiting()) {
      found_ += count_newlines(frame.data.subspan(kForgedHeaders));
    }
    return per_cycle(wire_.clock().cycles() - start);
  }
  double send() { return per_cycle(wire_.send()); }

  // The message ends; everything of it must have been read.
  void end() {
    const std::string rest = text_.substr(at_) + "--b-1--\r\n";
    talk_.say(true, rest.substr(0, kSegment));
    for (std::size_t at = kSegment; at < rest.size(); at += kSegment) {
      talk_.say(true, rest.substr(at, kSegment));
    }
    talk_.say(true, ".\r\n");
    wire_.send();
    require(wire_.counters().get(tally::Count::message_octets_data) == sent_ + rest.size(),
            "the message has another size");
    require(wire_.counters().get(tally::Count::message_parts) == 1, "its part was not found");
  }
  std::uint64_t attachment_octets() const {
    return wire_.counters().get(tally::Count::attachment_octets);
  }

 private:
  static double per_cycle(std::uint64_t cycles) {
    return static_cast<double>(kFrames * kSegment) / static_cast<double>(cycles);
  }

  Wire wire_;
  Talk talk_;
  const std::string& text_;
  std::size_t at_ = 0, sent_ = 0;
  std::uint64_t found_ = 0;
};

double sha256_per_cycle(EVP_MD_CTX* context, const std::string& text) {
  constexpr std::size_t kBlock = 16384;  // as the last column of `openssl speed`
  unsigned char value[EVP_MAX_MD_SIZE];
  const WorkerClock clock;
  const std::uint64_t start = clock.cycles();
  for (std::size_t i = 0; i < 32; ++i) {
    EVP_DigestInit_ex(context, EVP_sha256(), nullptr);
    EVP_DigestUpdate(context, text.data(), kBlock);
    EVP_DigestFinal_ex(context, value, nullptr);
  }
  return 32.0 * kBlock / static_cast<double>(clock.cycles() - start);
}

void measure_bodies(unsigned rounds, const match::PatternSet& patterns, Json& json) {
  const std::string text = lines();
  pipelines::MailLimits structure, decoded, digested;
  structure.mail.urls = digested.mail.urls = 0;
  digested.mail.digests.sha256 = true;
  Body plain(structure, patterns, "Content-Type: text/plain\r\n", text);
  Body base64(decoded, patterns,
              "Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n", text);
  Body sha256(digested, patterns,
              "Content-Disposition: attachment; filename=a\r\n"
              "Content-Transfer-Encoding: base64\r\n",
              text);
  const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context(EVP_MD_CTX_new(),
                                                                   EVP_MD_CTX_free);
  Figures figures;
  for (unsigned round = 0; round < rounds * 32; ++round) {
    plain.fill();
    figures["newlines"].push_back(plain.newlines());
    figures["structure"].push_back(plain.send());
    base64.fill();
    figures["base64"].push_back(base64.send());
    sha256.fill();
    figures["sha256"].push_back(sha256.send());
    figures["openssl_sha256"].push_back(sha256_per_cycle(context.get(), text));
  }
  for (Body* body : {&plain, &base64, &sha256}) body->end();
  require(sha256.attachment_octets() != 0, "no attachment");
  for (const auto& [name, of] : figures)
    write(json, (name + "_octets_per_cycle").c_str(), median(of));
  write(json, "structure_to_newlines", median(figures["structure"]) / median(figures["newlines"]));
  // Of 78 octets of a line 57 are left to digest.
  write(json, "sha256_to_openssl",
        median(figures["sha256"]) * 57 / 78 / median(figures["openssl_sha256"]));
}

// ---- memory -------------------------------------------------------------------------------------

void measure_memory(Json& json) {
  const double flow = sizeof(flow::FlowGroup) / double{flow::FlowGroup::kFlows} +
                      sizeof(flow::Bucket) * 2.0 / flow::Bucket::kEntries;
  const double session = sizeof(mail::Session) + sizeof(std::uint32_t);
  const double block = sizeof(stream::Block) + sizeof(std::uint32_t);
  write(json, "idle_octets", flow);
  write(json, "dialogue_octets", flow + session);
  write(json, "plain_message_octets", flow + session);
  write(json, "multipart_message_octets", flow + session + block);
}

int run(int argc, char** argv) {
  std::string what;
  unsigned rounds = 7;
  std::string patterns = app::default_patterns_folder();
  Arguments arguments("Measures one kind of work alone; prints one JSON object.");
  arguments.word("WORK", what, {"idle", "bodies", "memory"});
  arguments.number("--rounds", rounds, "", 1u, 1000u);
  arguments.text("--patterns", patterns);
  if (const auto status = arguments.parse(argc, argv)) return *status;
  const auto loaded = match::PatternSet::load(patterns);
  rapidjson::StringBuffer out;
  Json json(out);
  json.SetMaxDecimalPlaces(3);
  json.StartObject();
  json.Key("work");
  json.String(what.c_str());
  if (what == "idle") {
    for (const Kind& kind : kKinds) measure_idle(kind, rounds, *loaded, json);
  }
  if (what == "bodies") measure_bodies(rounds, *loaded, json);
  if (what == "memory") measure_memory(json);
  json.EndObject();
  std::puts(out.GetString());
  return 0;
}

}  // namespace
}  // namespace mailglass::perf

int main(int argc, char** argv) {
  return mailglass::perf::told("bars", [&] { return mailglass::perf::run(argc, argv); });
}
