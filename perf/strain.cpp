// SPDX-License-Identifier: BSD-3-Clause
// One mail connection whose every segment is chosen to be as dear as can be. For each kind of them
// a fresh pipeline with the shipped limits takes n packets, another 2n; what that costs is counted
// in instructions by callgrind, which this program tells when to begin and to dump.
// perf/strain-count runs it there and judges. Prints the names of the dumps.
#include <valgrind/callgrind.h>

#include <array>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "app/installation.h"
#include "match/pattern_set.h"
#include "perf/arguments.h"
#include "perf/forge.h"
#include "perf/program.h"
#include "pipelines/mail.h"
#include "wire/segment.h"

namespace mailglass::perf {
namespace {

using wire::kAck;
using wire::kPsh;
using wire::kSyn;

constexpr std::size_t kBurst = 32;
constexpr std::size_t kFrame = 1600;

// A segment in stream offsets from where the dialogue in front of it ended.
struct Strain {
  bool from_client = true;
  std::uint64_t offset = 0, ack = 0;
  std::string payload;
};

struct Kind {
  const char* name;
  bool in_message;  // behind DATA
  Strain (*make)(std::uint64_t n);
};

std::string repeated(char letter, std::size_t octets) { return std::string(octets, letter); }
char letter_of(std::uint64_t n) { return static_cast<char>('a' + n % 26); }

// Octet `n` of a text said again and again.
std::string octet_of(std::string_view text, std::uint64_t n) {
  return std::string(1, text[n % text.size()]);
}

// In blocks of `size`, the last first.
std::uint64_t backwards(std::uint64_t n, std::uint64_t size) {
  return n / size * size + size - 1 - n % size;
}

constexpr Kind kKinds[] = {
    {"holes: every second octet", false,
     [](std::uint64_t n) {
       return Strain{true, 2 * (n % 120'000) + 1, 0, "x"};
     }},
    {"holes: every second octet, backwards", false,
     [](std::uint64_t n) {
       return Strain{true, 2 * backwards(n, 40'000) + 1, 0, "x"};
     }},
    {"octets backwards, 40 at a time", true,
     [](std::uint64_t n) {
       return Strain{true, backwards(n, 40), 0, "x"};
     }},
    {"octets backwards, 4096 at a time", true,
     [](std::uint64_t n) {
       return Strain{true, backwards(n, 4096), 0, "x"};
     }},
    {"segments that overlap both neighbours", true,
     [](std::uint64_t n) {
       const std::uint64_t in = n % 64, at = in < 32 ? 2 * in + 1 : 2 * (in - 32);
       return Strain{true, n / 64 * 3200 + at * 50, 0, repeated(letter_of(n), 100)};
     }},
    {"segments behind one hole, all of them again", false,
     [](std::uint64_t n) {
       return Strain{true, 1 + n % 100 * 1000, 0, repeated(letter_of(n), 1400)};
     }},
    {"every octet with a cause of its own", false,
     [](std::uint64_t n) {
       return Strain{true, n, n, "x"};
     }},
    {"retransmissions that differ, 50 segments back", true,
     [](std::uint64_t n) {
       const std::uint64_t at = n / 2;
       return Strain{true, (n % 2 == 0 || at < 50 ? at : at - 50) * 1000, 0,
                     repeated(letter_of(n), 1000)};
     }},
    {"retransmissions that differ, of 60 segments of an octet", true,
     [](std::uint64_t n) {
       if (n % 4 == 0) return Strain{true, n / 4, n / 4, "x"};
       if (n % 4 == 2) return Strain{false, n / 4, n / 4 + 1, "2"};  // so that none extends another
       const std::uint64_t at = n / 4;
       return Strain{true, at < 60 ? 0 : at - 60, 0, repeated(letter_of(n), at < 60 ? 1 : 60)};
     }},
    {"acknowledgements of octets never sent", false,
     [](std::uint64_t n) {
       return Strain{false, n * 7, n * 50, "250 a\r\n"};
     }},
    {"far away", false,
     [](std::uint64_t n) {
       return Strain{true, 300'000'000 + n * 9999, n * 7777, "x"};
     }},
    {"a line without end, octet by octet", false,
     [](std::uint64_t n) {
       return Strain{true, n, 0, "x"};
     }},
    {"a header field without end, octet by octet", true,
     [](std::uint64_t n) {
       return Strain{true, n, 0, n < 9 ? octet_of("Subject: ", n) : octet_of("\r\n =?", n)};
     }},
    {"a body, octet by octet", true,
     [](std::uint64_t n) {
       return Strain{true, n, 0, octet_of("\r\n.\r.\n", n)};
     }},
    {"parts of a message, one a segment", true,
     [](std::uint64_t n) {
       static const std::string kFront = "Content-Type: multipart/mixed; boundary=b\r\n\r\n";
       if (n == 0) return Strain{true, 0, 0, kFront};
       return Strain{true, kFront.size() + (n - 1) * 7, 0, "--b\r\n\r\n"};
     }},
    {"commands that nobody answers", false,
     [](std::uint64_t n) {
       return Strain{true, n * 6, 0, "NOOP\r\n"};
     }},
    {"replies that nobody asked for", false,
     [](std::uint64_t n) {
       return Strain{false, n * 7, 0, "250 a\r\n"};
     }},
    {"a reply without end", false,
     [](std::uint64_t n) {
       return Strain{false, n * 7, 0, "250-a\r\n"};
     }},
};

class Connection {
 public:
  Connection(const match::PatternSet& patterns, bool in_message)
      : pipeline_(limits_, {}, patterns, *counters_, ring_) {
    send({true, 0, 0, {}}, kSyn);
    send({false, 0, 0, {}}, kSyn | kAck);
    base_[0] = base_[1] = 1;
    say(false, "220 a ESMTP\r\n");
    say(true, "EHLO b\r\n");
    say(false, "250 a\r\n");
    if (in_message) {
      for (const char* line : {"MAIL FROM:<a@a>\r\n", "RCPT TO:<b@b>\r\n"}) {
        say(true, line);
        say(false, "250 a\r\n");
      }
      say(true, "DATA\r\n");
      say(false, "354 a\r\n");
    }
    flush();
  }

  void send(const Strain& s, std::uint8_t flags = kPsh | kAck) {
    Forged f;
    f.source = s.from_client ? kClient : kServer;
    f.destination = s.from_client ? kServer : kClient;
    f.source_port = s.from_client ? 40'000 : 25;
    f.destination_port = s.from_client ? 25 : 40'000;
    f.seq = base_[s.from_client ? 0 : 1] + static_cast<std::uint32_t>(s.offset);
    const std::uint32_t ack = base_[s.from_client ? 1 : 0] + static_cast<std::uint32_t>(s.ack);
    f.ack = (flags & kAck) != 0 ? ack : 0;
    f.flags = flags;
    f.payload = s.payload;
    now_.us += 10;
    std::uint8_t* const room = octets_[taken_].data();
    frames_[taken_] = {{room, forge(f, octets_[taken_])}, now_, Verified::good, Verified::good};
    if (++taken_ == kBurst) flush();
  }

  void flush() {
    CALLGRIND_TOGGLE_COLLECT;
    pipeline_.take(wire::LinkType::kEthernet, std::span(frames_).first(taken_));
    CALLGRIND_TOGGLE_COLLECT;
    taken_ = 0;
    ring_.drain([](const tally::EventView&) {});
  }

 private:
  static constexpr std::uint32_t kClient = 10u << 24 | 1, kServer = 10u << 24 | 2;
  struct alignas(64) RingLine {
    std::byte octet[64];
  };
  static constexpr std::size_t kRingOctets = 1 << 20;

  void say(bool client, const std::string& text) {
    send({client, 0, 0, text});
    base_[client ? 0 : 1] += static_cast<std::uint32_t>(text.size());
  }

  pipelines::MailLimits limits_;
  const std::unique_ptr<tally::Counters> counters_ = std::make_unique<tally::Counters>();
  std::vector<RingLine> storage_{kRingOctets / sizeof(RingLine)};
  tally::EventRing ring_{{storage_[0].octet, kRingOctets}, tally::WhenFull::drop};
  pipelines::MailPipeline pipeline_;
  std::uint32_t base_[2] = {};
  std::array<Frame, kBurst> frames_;
  std::vector<std::array<std::uint8_t, kFrame>> octets_{kBurst};
  std::size_t taken_ = 0;
  Tick now_{1'767'225'600'000'000};  // 2026-01-01
};

// Counts nothing unless callgrind was started with --collect-atstart=no.
void strain(const match::PatternSet& patterns, const Kind& kind, std::uint64_t packets) {
  Connection connection(patterns, kind.in_message);
  CALLGRIND_ZERO_STATS;
  for (std::uint64_t n = 0; n < packets; ++n) connection.send(kind.make(n));
  connection.flush();
  const std::string name = std::to_string(packets) + " " + kind.name;
  CALLGRIND_DUMP_STATS_AT(name.c_str());
  std::puts(name.c_str());
}

int run(int argc, char** argv) {
  std::uint64_t packets = 12000;
  std::string patterns_folder = app::default_patterns_folder();
  Arguments arguments("One connection as dear as can be, for callgrind: see perf/strain-count.");
  arguments.number("--packets", packets, "n");
  arguments.text("--patterns", patterns_folder);
  if (const auto status = arguments.parse(argc, argv)) return *status;
  const auto patterns = match::PatternSet::load(patterns_folder);
  CALLGRIND_START_INSTRUMENTATION;
  for (const Kind& kind : kKinds) {
    strain(*patterns, kind, packets);
    strain(*patterns, kind, 2 * packets);
  }
  return 0;
}

}  // namespace
}  // namespace mailglass::perf

int main(int argc, char** argv) {
  return mailglass::perf::told("strain", [&] { return mailglass::perf::run(argc, argv); });
}
