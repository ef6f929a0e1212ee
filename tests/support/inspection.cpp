// SPDX-License-Identifier: BSD-3-Clause
#include "tests/support/inspection.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "report/reporter.h"

namespace mailglass::test {
namespace {

constexpr std::size_t kRingOctets = 1 << 20;

struct alignas(64) Line64 {
  std::byte octet[64];
};

// A file without a name, to be read back through /proc.
class MemoryFile {
 public:
  MemoryFile() : fd_(memfd_create("mailglass-test", 0)) {
    if (fd_ < 0) throw std::runtime_error("memfd_create failed");
  }
  ~MemoryFile() { close(fd_); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  std::string path() const { return "/proc/self/fd/" + std::to_string(fd_); }
  std::string content() const {
    std::ifstream in(path());
    std::ostringstream out;
    out << in.rdbuf();
    return out.str();
  }

 private:
  int fd_;
};

// As many as a test has: memory for the default's 4096 costs more than most tests' packets.
report::DetectSettings few_suspects() {
  report::DetectSettings settings;
  settings.suspects = 64;
  settings.starttls_servers = 64;
  return settings;
}

}  // namespace

pipelines::MailLimits small_limits() {
  pipelines::MailLimits limits;
  limits.wire.datagrams = 16;
  limits.wire.blocks = 64;
  limits.flow.flows = 256;
  limits.stream.holds = 32;
  limits.stream.blocks = 512;
  limits.mail.blocks = 512;
  limits.mail.sessions = 64;
  return limits;
}

const match::PatternSet& shipped_patterns() {
  static const auto patterns = match::PatternSet::load(MAILGLASS_PATTERNS);
  return *patterns;
}

struct Inspection::Parts {
  explicit Parts(const Options& o)
      : options(o),
        storage(kRingOctets / sizeof(Line64)),
        ring({storage[0].octet, kRingOctets}, tally::WhenFull::drop),
        eve_sink(report::LineSink::open(eve_file.path())),
        transcript_sink(report::LineSink::open(transcript_file.path())),
        reporter({.eve = &eve_sink,
                  .transcript = &transcript_sink,
                  .origin = {},
                  .detect = few_suspects()}),
        pipeline(o.limits, o.credentials, shipped_patterns(), *counters, ring) {}

  void drain() {
    records += ring.drain([this](const tally::EventView& record) {
      if (options.render) reporter.take(record);
    });
  }

  Options options;
  std::vector<Line64> storage;
  std::unique_ptr<tally::Counters> counters = std::make_unique<tally::Counters>();
  tally::EventRing ring;
  MemoryFile eve_file, transcript_file;
  report::LineSink eve_sink, transcript_sink;
  report::Reporter reporter;
  pipelines::MailPipeline pipeline;
  std::uint64_t records = 0;
};

Inspection::Inspection() : Inspection(Options{}) {}
Inspection::Inspection(const Options& options) : parts_(std::make_unique<Parts>(options)) {}
Inspection::~Inspection() = default;

void Inspection::take(const std::vector<TimedFrame>& frames) {
  std::vector<Frame> burst;
  for (std::size_t at = 0; at < frames.size(); at += parts_->options.burst) {
    burst.clear();
    const std::size_t end = std::min(frames.size(), at + parts_->options.burst);
    for (std::size_t i = at; i < end; ++i) burst.push_back({frames[i].octets, frames[i].time});
    parts_->pipeline.take(parts_->options.link, burst);
    parts_->drain();
  }
}

void Inspection::finish() {
  parts_->pipeline.finish();
  parts_->drain();
  parts_->reporter.finish();
}

const tally::Counters& Inspection::counters() const { return *parts_->counters; }
std::uint64_t Inspection::records() const { return parts_->records; }

std::vector<std::string> Inspection::eve() const {
  std::vector<std::string> lines;
  std::istringstream in(parts_->eve_file.content());
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

std::vector<std::string> Inspection::eve_of_type(std::string_view type) const {
  std::vector<std::string> lines = eve();
  const std::string wanted = "\"event_type\":\"" + std::string(type) + "\"";
  std::erase_if(lines, [&](const std::string& line) { return line.find(wanted) == line.npos; });
  return lines;
}

std::string Inspection::transcript() const { return parts_->transcript_file.content(); }

std::string balance(const tally::Counters& counters) {
  using tally::Count;
  std::uint64_t fates = counters.get(Count::segments);
#define DROP(id, help) fates += counters.get(Count::drop_##id);
#include "tally/counters.def"
  if (fates == counters.get(Count::frames)) return {};
  return std::to_string(counters.get(Count::frames)) + " frames, " + std::to_string(fates) +
         " fates";
}

}  // namespace mailglass::test
