// SPDX-License-Identifier: BSD-3-Clause
// mail: an attachment's base64, decoded and only counted, as segments bring it, beside OpenSSL's
// streaming decoder.
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string>

#include "mail/transfer_decoder.h"
#include "perf/micro/measured.h"

namespace mailglass::perf {
namespace {

constexpr std::size_t kSegment = 1448;
constexpr std::size_t kLine = 76;  // RFC 2045 section 6.8
constexpr std::size_t kLines = (1u << 20) / (kLine + 2);
constexpr std::uint64_t kDecoded = kLines * (kLine / 4 * 3);

std::string encoded() {
  static constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  std::uint32_t seed = 1;
  for (std::size_t line = 0; line < kLines; ++line) {
    for (std::size_t i = 0; i < kLine; ++i) {
      seed = seed * 1664525 + 1013904223;
      text += kDigits[seed >> 26];
    }
    text += "\r\n";
  }
  return text;
}

template <typename Take>
void in_segments(const std::string& text, Take&& take) {
  for (Bytes rest = as_bytes(text); !rest.empty();) {
    const Bytes part = rest.first(std::min(kSegment, rest.size()));
    rest = rest.subspan(part.size());
    take(part);
  }
}

void base64_body(benchmark::State& state) {
  const std::string text = encoded();
  std::array<std::uint8_t, 1024> room;
  std::uint64_t octets = 0;
  Measured measured(state);
  for (auto _ : state) {
    mail::TransferDecoder decoder(tally::Encoding::base64);
    in_segments(text, [&](Bytes part) {
      while (!part.empty()) octets += decoder.decode(part, room);
      benchmark::ClobberMemory();
    });
  }
  measured.end(1, text.size());
  measured.expect(octets, kDecoded);
}

void base64_body_counted(benchmark::State& state) {
  const std::string text = encoded();
  std::uint64_t octets = 0;
  Measured measured(state);
  for (auto _ : state) {
    mail::TransferDecoder decoder(tally::Encoding::base64);
    in_segments(text, [&](Bytes part) { decoder.count(part); });
    octets += decoder.size();
  }
  measured.end(1, text.size());
  measured.expect(octets, kDecoded);
}

void base64_body_openssl(benchmark::State& state) {
  const std::string text = encoded();
  std::array<std::uint8_t, 2 * kSegment> room;
  const std::unique_ptr<EVP_ENCODE_CTX, void (*)(EVP_ENCODE_CTX*)> context(EVP_ENCODE_CTX_new(),
                                                                           EVP_ENCODE_CTX_free);
  std::uint64_t octets = 0;
  Measured measured(state);
  for (auto _ : state) {
    EVP_DecodeInit(context.get());
    in_segments(text, [&](Bytes part) {
      int written = 0;
      EVP_DecodeUpdate(context.get(), room.data(), &written, part.data(),
                       static_cast<int>(part.size()));
      octets += static_cast<std::uint64_t>(written);
      benchmark::ClobberMemory();
    });
  }
  measured.end(1, text.size());
  measured.expect(octets, kDecoded);
}

BENCHMARK(base64_body);
BENCHMARK(base64_body_counted);
BENCHMARK(base64_body_openssl);

}  // namespace
}  // namespace mailglass::perf
