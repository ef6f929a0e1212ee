// SPDX-License-Identifier: BSD-3-Clause
// A fuzzer's input as one dialogue on the wire:
//
//   octet 0   bits 0-1 credentials policy, bit 2 rendered, bit 3 no handshake, bit 4 compare with
//             the same octets in segments of one, bits 5-6 both sides or one alone
//   then steps: an octet of control (bit 0 server, bit 1 not captured, bit 2 words, bits 3-7 how
//             many octets follow), and those octets. A step of words is written in the protocol's
//             own vocabulary, one word for each octet.
#pragma once

#include <span>
#include <string_view>

#include "tests/fuzz/outcome.h"
#include "tests/support/normal_form.h"
#include "tests/support/talk.h"

namespace mailglass::test {

struct Vocabulary {
  unsigned port;
  std::span<const std::string_view> client, server;
};

inline std::vector<TimedFrame> dialogue_frames(const Vocabulary& words, Input input,
                                               std::size_t segment_size, bool& lossy) {
  const unsigned options = input.octet();
  Talk talk(words.port);
  talk.segment_size(segment_size);
  if ((options & 8u) == 0) talk.handshake();
  lossy = (options & 0x68u) != 0;
  while (!input.empty()) {
    const unsigned control = input.octet();
    const bool server = (control & 1u) != 0, lost = (control & 2u) != 0;
    const Bytes octets = input.octets(1 + (control >> 3));
    std::string text(as_text(octets));
    if ((control & 4u) != 0) {
      const auto vocabulary = server ? words.server : words.client;
      text.clear();
      for (const std::uint8_t octet : octets) text += vocabulary[octet % vocabulary.size()];
    }
    lossy = lossy || lost;
    if (lost) {
      server ? talk.lose_server(text) : talk.lose_client(text);
    } else {
      server ? talk.server(text) : talk.client(text);
    }
  }
  talk.farewell();
  std::vector<TimedFrame> frames = talk.frames();
  const unsigned side = options >> 5 & 3u;
  if (side == 1 || side == 2) {
    std::erase_if(frames, [&](const TimedFrame& frame) {
      const unsigned source = unsigned{frame.octets[34]} << 8 | frame.octets[35];
      return (source == words.port) == (side == 1);
    });
  }
  return frames;
}

inline std::vector<std::string> inspect(const std::vector<TimedFrame>& frames,
                                        const Inspection::Options& options) {
  Inspection inspection(options);
  inspection.take(frames);
  inspection.finish();
  check_outcome(inspection);
  return normal_form(inspection.eve(), Forget::packets);
}

inline int fuzz_dialogue(const Vocabulary& words, const std::uint8_t* data, std::size_t size) {
  if (size == 0 || size > 4096) return 0;
  const unsigned choice = data[0];
  Inspection::Options options;
  options.limits = tiny_limits();
  options.credentials.policy = static_cast<mail::CredentialPolicy>((choice & 3u) % 3);
  options.render = (choice & 0x14u) != 0;
  bool lossy = false;
  const auto whole = inspect(dialogue_frames(words, Input(data, size), 1448, lossy), options);
  // How long a hole is waited for is counted in segments, so only whole dialogues are compared.
  if ((choice & 0x10u) == 0 || lossy || size > 512) return 0;
  const auto cut = inspect(dialogue_frames(words, Input(data, size), 1, lossy), options);
  if (whole == cut) return 0;
  for (const auto& line : whole) std::fprintf(stderr, "whole: %s\n", line.c_str());
  for (const auto& line : cut) std::fprintf(stderr, "cut:   %s\n", line.c_str());
  broken("segments of one octet give other events");
}

}  // namespace mailglass::test
