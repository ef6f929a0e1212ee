// SPDX-License-Identifier: BSD-3-Clause
// Says which TCP flows with octets a capture has, and what each side said: one JSON object a line,
// of a flow, of a frame that belongs to none ("left_out"), or of what was wrong with the capture.
//
// usage: streams CAPTURE      exit status 1: not a capture that can be read
#include <arpa/inet.h>

#include <atomic>
#include <cstdio>

#include "base/tunnel.h"
#include "nic/capture_port.h"
#include "nic/eal.h"
#include "report/json.h"
#include "tests/oracle/flows.h"

namespace mailglass::oracle {
namespace {

std::string text_of(const Address& address) {
  char text[INET6_ADDRSTRLEN];
  if (is_v4(address)) return inet_ntop(AF_INET, &address.octet[12], text, sizeof text);
  return inet_ntop(AF_INET6, address.octet.data(), text, sizeof text);
}

class Printer final : public Listener {
 public:
  void over(const flow::Flow& flow, const Talk& talk) override {
    json_.begin();
    end("client", flow.client(), flow.client_port());
    end("server", flow.server(), flow.server_port());
    json_.flag("midstream", flow.midstream);
    json_.open_list("vlan");
    for (int i = 0; i < flow.key.vlans && i < static_cast<int>(wire::kMaxVlans); ++i) {
      json_.value(std::uint64_t{flow.key.vlan[i]});
    }
    json_.close_list();
    json_.text("tunnel", mailglass::name_of(static_cast<TunnelType>(flow.key.tunnel)));
    json_.number("tunnel_id", flow.key.tunnel_id);
    json_.open_list("frames");
    for (const std::uint64_t frame : talk.frames) json_.value(frame);
    json_.close_list();
    side("to_server", talk.said[0]);
    side("to_client", talk.said[1]);
    print();
  }

  void left_out(std::uint64_t frame, std::string_view reason) override {
    json_.begin();
    json_.number("left_out", frame);
    json_.text("reason", reason);
    print();
  }

  void trouble(const std::string& sentence) {
    json_.begin();
    json_.octets("trouble", sentence);
    print();
  }

 private:
  void end(const char* name, const Address& address, std::uint16_t port) {
    json_.open_list(name);
    json_.value(text_of(address));
    json_.value(std::uint64_t{port});
    json_.close_list();
  }

  void side(const char* name, const Said& said) {
    json_.open(name);
    json_.number("octets", said.delivered());
    json_.text("sha256", said.sha256());
    json_.open_list("gaps");
    for (const Said::Gap& gap : said.gaps()) {
      json_.value(gap.at);
      json_.value(gap.octets);
    }
    json_.close_list();
    json_.number("conflicts", said.conflicts);
    json_.close();
  }

  void print() {
    json_.close();
    const std::string_view line = json_.line();
    std::printf("%.*s\n", static_cast<int>(line.size()), line.data());
  }

  report::Json json_;
};

void run(const std::string& name) {
  nic::CaptureFile capture = nic::open_capture(name);
  nic::Eal eal;
  const nic::FramePool pool(eal);
  const std::atomic<bool> never{false};
  nic::CapturePort port(pool, std::move(capture), never);
  Printer printer;
  const auto flows = std::make_unique<Flows>(printer);
  std::array<Frame, nic::kMaxBurst> burst;
  while (!port.at_end()) {
    const std::size_t taken = port.burst(burst);
    for (const Frame& frame : std::span(burst).first(taken)) flows->take(port.link(), frame);
    port.release();
  }
  flows->finish();
  if (const std::string trouble = port.trouble(); !trouble.empty()) printer.trouble(trouble);
}

}  // namespace
}  // namespace mailglass::oracle

int main(int argc, char** argv) {
  if (argc != 2) return std::fputs("usage: streams CAPTURE\n", stderr), 2;
  try {
    mailglass::oracle::run(argv[1]);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "streams: %s\n", error.what());
    return 1;
  }
}
