// SPDX-License-Identifier: BSD-3-Clause

// Writes a mail capture and the truth about it: what a session says is decided first
// (dialogue.h), then spoken packet by packet over TCP (tcp_speaker.h) in the order of time
// (scheduler.h).

#include <cstdio>
#include <exception>

#include "generate/options.h"
#include "generate/pcap.h"
#include "generate/scheduler.h"
#include "generate/truth.h"

int main(int argc, char** argv) {
  using namespace mailglass::generate;
  const Options options = read_options(argc, argv);
  try {
    PacketWriter capture(options.out);
    Truth truth(options);
    Scheduler(options, capture, truth).run();
    capture.close();
    truth.write(capture);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "generate: %s\n", error.what());
    return 1;
  }
  return 0;
}
