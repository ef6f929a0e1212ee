// SPDX-License-Identifier: BSD-3-Clause
#include "corpus.h"

#include <algorithm>
#include <array>

#include "base64.h"

namespace mailglass::generate {

namespace {

constexpr std::size_t kTextOctets = 4U << 20U;
constexpr std::size_t kNoiseOctets = 1U << 20U;
constexpr std::size_t kBase64Lines = 50'000;
constexpr std::size_t kBase64Line = 78;  // 76 characters and CRLF
constexpr std::size_t kBase64Source = 57;

constexpr std::array<std::string_view, 96> kWords{
    "the",      "and",       "of",        "to",        "in",        "is",         "that",
    "for",      "you",       "we",        "with",      "on",        "this",       "are",
    "be",       "as",        "from",      "have",      "it",        "not",        "will",
    "can",      "please",    "your",      "our",       "has",       "which",      "all",
    "at",       "by",        "an",        "or",        "was",       "they",       "there",
    "if",       "would",     "more",      "about",     "when",      "invoice",    "meeting",
    "report",   "contract",  "delivery",  "customer",  "tomorrow",  "attached",   "project",
    "schedule", "regards",   "question",  "number",    "payment",   "department", "office",
    "server",   "address",   "received",  "quarterly", "agreement", "minutes",    "budget",
    "deadline", "travel",    "request",   "between",   "following", "confirm",    "feedback",
    "printer",  "account",   "monday",    "friday",    "version",   "document",   "review",
    "figures",  "warehouse", "shipment",  "because",   "although",  "however",    "already",
    "possible", "available", "discussed", "yesterday", "team",      "order",      "price",
    "change",   "update",    "week",      "month",     "colleague"};

// One paragraph line of 70 to 78 characters; some quote, some hold an address, a few start with a
// dot.
std::string text_line(Random& random) {
  const std::size_t width = 70 + random.below(9);
  std::string line;
  const std::uint64_t kind = random.below(250);
  if (kind == 0) line = ".";
  if (kind == 1) line = "... ";
  if (kind > 1 && kind < 22) line = "> ";
  if (kind == 22)
    line = "https://www.example.com/documents/" + std::to_string(random.below(90'000)) + " ";
  while (line.size() < width) {
    line += random.pick(kWords);
    line += random.chance(0.08) ? ", " : " ";
  }
  line.resize(width);
  // A trailing space would be lost on the way by some relays, so no mail program leaves one.
  if (line.back() == ' ') line.back() = '.';
  return line;
}

}  // namespace

Corpus::Corpus(std::uint64_t seed) {
  Random random(seed);
  make_text(random);
  noise_.reserve(kNoiseOctets);
  while (noise_.size() < kNoiseOctets) {
    std::uint64_t word = random.next();
    for (int i = 0; i < 8; ++i, word >>= 8U) noise_ += static_cast<char>(word & 0xffU);
  }
  base64_.reserve(kBase64Lines * kBase64Line);
  for (std::size_t i = 0; i < kBase64Lines; ++i) {
    const std::size_t at = random.below(kNoiseOctets - kBase64Source);
    base64_ += base64(std::string_view(noise_).substr(at, kBase64Source));
    base64_ += "\r\n";
  }
}

void Corpus::make_text(Random& random) {
  text_.reserve(kTextOctets + 128);
  std::size_t dots = 0;
  while (text_.size() < kTextOctets) {
    lines_.push_back({text_.size(), dots});
    if (random.below(12) != 0) {  // otherwise an empty line: a paragraph ends
      const std::string line = text_line(random);
      if (line.front() == '.') {
        text_ += '.';
        ++dots;
      }
      text_ += line;
    }
    text_ += "\r\n";
  }
  lines_.push_back({text_.size(), dots});
}

std::size_t Corpus::add_text(Payload& to, Random& random, std::size_t octets) const {
  std::size_t dots = 0;
  auto first = lines_.begin() + static_cast<std::ptrdiff_t>(random.below(lines_.size() - 1));
  for (;;) {
    // The last line that begins within the wish; at least one line is taken.
    auto last =
        std::upper_bound(first + 1, lines_.end() - 1, first->start + octets,
                         [](std::size_t limit, const Line& line) { return limit < line.start; });
    const std::size_t length = last->start - first->start;
    to.add_shared(std::string_view(text_).substr(first->start, length));
    dots += last->dots - first->dots;
    if (length >= octets || last != lines_.end() - 1) return dots;
    octets -= length;
    first = lines_.begin();
  }
}

void Corpus::add_base64(Payload& to, Random& random, std::size_t octets) const {
  std::size_t lines = octets / kBase64Line;
  while (lines > 0) {
    const std::size_t first = random.below(kBase64Lines);
    const std::size_t count = std::min(lines, kBase64Lines - first);
    to.add_shared(std::string_view(base64_).substr(first * kBase64Line, count * kBase64Line));
    lines -= count;
  }
}

void Corpus::add_noise(Payload& to, Random& random, std::size_t octets) const {
  while (octets > 0) {
    const std::size_t first = random.below(kNoiseOctets);
    const std::size_t count = std::min(octets, kNoiseOctets - first);
    to.add_shared(std::string_view(noise_).substr(first, count));
    octets -= count;
  }
}

}  // namespace mailglass::generate
