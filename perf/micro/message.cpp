// SPDX-License-Identifier: BSD-3-Clause
// mail: finding a message's end and undoing its dots, whole and in segments, beside the two things
// no reader of lines can beat by much: memchr from line to line, and counting newlines with AVX2.
// And one line of base64, beside OpenSSL.
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <string>

#include "mail/base64.h"
#include "mail/dots.h"
#include "perf/micro/measured.h"
#include "perf/newlines.h"

namespace mailglass::perf {
namespace {

constexpr std::size_t kLine = 76;  // RFC 2045 section 6.8, and what most writers of text keep to
constexpr std::size_t kLines = (1u << 20) / (kLine + 2);
constexpr std::size_t kStuffed = 50;  // every so many lines begin with a dot

// A body as it crosses the wire, its dots stuffed, with its terminating line.
std::string body() {
  std::string text;
  for (std::size_t i = 0; i < kLines; ++i) {
    std::string line(kLine, 'x');
    if (i % kStuffed == 0) line[0] = line[1] = '.';
    text += line + "\r\n";
  }
  return text + ".\r\n";
}

constexpr std::uint64_t kContent = kLines * (kLine + 2) - (kLines + kStuffed - 1) / kStuffed;

void dots(benchmark::State& state) {
  const std::string text = body();
  const auto piece = std::min(static_cast<std::size_t>(state.range(0)), text.size());
  std::uint64_t octets = 0;
  std::uint64_t ends = 0;
  Measured measured(state);
  for (auto _ : state) {
    mail::Dots dots;
    for (Bytes rest = as_bytes(text); !rest.empty();) {
      Bytes part = rest.first(std::min(piece, rest.size()));
      rest = rest.subspan(part.size());
      ends +=
          dots.take(part, [&](const mail::Data& data) { octets += data.octets.size(); }) ? 1 : 0;
    }
  }
  measured.end(1, text.size());
  measured.expect(octets * (ends == static_cast<std::uint64_t>(state.iterations()) ? 1 : 0),
                  kContent);
}

void memchr_lines(benchmark::State& state) {
  const std::string text = body();
  std::uint64_t lines = 0;
  Measured measured(state);
  for (auto _ : state) {
    const char* at = text.data();
    const char* end = at + text.size();
    while ((at = static_cast<const char*>(
                std::memchr(at, '\n', static_cast<std::size_t>(end - at)))) != nullptr) {
      ++at;
      ++lines;
    }
  }
  measured.end(1, text.size());
  measured.expect(lines, kLines + 1);
}

void avx2_newlines(benchmark::State& state) {
  if (!__builtin_cpu_supports("avx2")) return state.SkipWithError("SKIPPED: no AVX2 here");
  const std::string text = body();
  std::uint64_t lines = 0;
  Measured measured(state);
  for (auto _ : state) {
    lines += count_newlines(as_bytes(text));
    benchmark::DoNotOptimize(lines);
  }
  measured.end(1, text.size());
  measured.expect(lines, kLines + 1);
}

constexpr std::string_view kBase64 =
    "VGhlIHF1aWNrIGJyb3duIGZveCBqdW1wcyBvdmVyIHRoZSBsYXp5IGRvZywgdHdpY2UgYSBkYXku";
static_assert(kBase64.size() == 76);
constexpr std::string_view kDecoded = "The quick brown fox jumps over the lazy dog, twice a day.";

template <typename Decode>
void decode_base64(benchmark::State& state, Decode decode) {
  std::array<std::uint8_t, 64> out{};
  std::uint64_t octets = 0;
  Measured measured(state);
  for (auto _ : state) {
    octets += decode(out);
    benchmark::ClobberMemory();
  }
  measured.end(1, kBase64.size());
  if (std::memcmp(out.data(), kDecoded.data(), kDecoded.size()) != 0) octets = 0;
  measured.expect(octets, kDecoded.size());
}

void base64_line(benchmark::State& state) {
  decode_base64(state, [](std::span<std::uint8_t> out) {
    const auto decoded = mail::decode_base64(as_bytes(kBase64), out);
    return decoded ? decoded->size() : 0;
  });
}

void base64_line_openssl(benchmark::State& state) {
  decode_base64(state, [](std::span<std::uint8_t> out) {
    const int size =
        EVP_DecodeBlock(out.data(), as_bytes(kBase64).data(), static_cast<int>(kBase64.size()));
    return static_cast<std::size_t>(std::max(size, 0));
  });
}

BENCHMARK(dots)->Arg(1448)->Arg(1 << 21)->ArgName("piece");
BENCHMARK(memchr_lines);
BENCHMARK(avx2_newlines);
BENCHMARK(base64_line);
BENCHMARK(base64_line_openssl);

}  // namespace
}  // namespace mailglass::perf
