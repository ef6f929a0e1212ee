// SPDX-License-Identifier: BSD-3-Clause
#include "report/transcript_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "report/utf8.h"

namespace mailglass::report {
namespace {

// Columns: time 0..10, mark 13..16, text from 19, meaning from 58, latency ends at 100.
constexpr std::size_t kTextAt = 19;
constexpr std::size_t kMeaningAt = 58;
constexpr std::size_t kLatencyAt = 88;
constexpr std::size_t kEnd = 100;

struct Sign {
  std::string_view text;    // four columns
  std::string_view colour;  // an SGR sequence of ECMA-48
};

constexpr std::string_view kPlain = "\x1b[0m";
constexpr std::string_view kDim = "\x1b[2m";

Sign sign_of(Mark mark) {
  switch (mark) {
    case Mark::client:
      return {"C ->", "\x1b[36m"};
    case Mark::server:
      return {"S <-", "\x1b[32m"};
    case Mark::login:
      return {"*   ", "\x1b[35m"};
    case Mark::anomaly:
      return {"!   ", "\x1b[31m"};
    case Mark::gap:
      return {"~   ", "\x1b[33m"};
    case Mark::session:
      break;
  }
  return {"-   ", "\x1b[2m"};
}

// Octets of the first `limit` code points, or of all.
std::size_t front(std::string_view utf8, std::size_t limit) {
  std::size_t end = 0;
  for (std::size_t left = limit + 1; end < utf8.size(); ++end) {
    if ((static_cast<unsigned char>(utf8[end]) & 0xc0) != 0x80 && --left == 0) break;
  }
  return end;
}

// Takes from `rest` what fits into `room` columns, by whole words where that costs little.
std::string_view next_row(std::string_view& rest, std::size_t room) {
  std::string_view row = rest.substr(0, front(rest, room));
  if (row.size() < rest.size()) {
    const std::size_t space = row.rfind(' ');
    if (space != std::string_view::npos && space > row.size() / 3) row = row.substr(0, space + 1);
  }
  rest.remove_prefix(row.size());
  return row;
}

}  // namespace

std::string visible(std::string_view octets, std::size_t limit) {
  // Almost every text is plain and short, and is shown as it is.
  if (octets.size() <= limit &&
      std::all_of(octets.begin(), octets.end(), [](char c) { return c >= 0x20 && c < 0x7f; })) {
    return std::string(octets);
  }
  std::string shown = visible(octets.size() > limit * 4 ? clip(octets, limit * 4) : octets);
  const bool cut = octets.size() > limit * 4 || columns(shown) > limit;
  if (cut) shown.replace(front(shown, limit), std::string::npos, "...");
  return shown;
}

void TranscriptRows::begin(const Step& step) {
  row_.clear();
  row_.reserve(2 * kEnd);
  const Sign sign = sign_of(step.mark);
  if (colour_) row_.append(kDim);
  fmt::format_to(std::back_inserter(row_), "{:>4}.{:06}", step.time_us / 1'000'000,
                 step.time_us % 1'000'000);
  if (colour_) row_.append(kPlain);
  row_.append("  ");
  if (colour_) row_.append(sign.colour);
  row_.append(sign.text);
  if (colour_) row_.append(kPlain);
  row_.append("  ");
}

void TranscriptRows::step(const Step& step) {
  begin(step);
  visible_ = visible(step.text, kTextColumns);
  std::string_view rest = visible_;
  const std::size_t limit = step.latency ? kLatencyAt : kEnd;
  std::string_view row = next_row(rest, limit - kTextAt);
  row_.append(row);
  std::size_t at = kTextAt + columns(row);
  const std::string meaning = visible(step.meaning, kTextColumns);
  const std::size_t width = columns(meaning);
  // The meaning stands in its own column, else right behind the text, else on a row of its own.
  const bool own_column = at + 2 <= kMeaningAt && kMeaningAt + width <= limit;
  const std::size_t gap = own_column ? kMeaningAt - at : std::size_t{2};
  const bool beside = width > 0 && rest.empty() && at + gap + width <= limit;
  if (beside) {
    row_.append(gap, ' ').append(meaning);
    at += gap + width;
  }
  if (step.latency) {
    const std::string text = fmt::format("{}.{:03} ms", *step.latency / 1000, *step.latency % 1000);
    const std::size_t start = kEnd - std::min(kEnd - kLatencyAt, text.size());
    row_.append(at < start ? start - at : 1, ' ').append(text);
  }
  end();
  details(rest);
  if (width > 0 && !beside) detail(fmt::format("= {}", step.meaning));
}

void TranscriptRows::details(std::string_view rest) {
  while (!rest.empty()) {
    row_.assign(kTextAt, ' ');
    row_.append(next_row(rest, kEnd - kTextAt));
    end();
  }
}

void TranscriptRows::detail(std::string_view text) {
  visible_ = visible(text, kTextColumns);
  details(visible_);
}

void TranscriptRows::detail(std::string_view name, std::string_view value) {
  if (!value.empty()) detail(fmt::format("{:<9}{}", name, value));
}

void TranscriptRows::end() {
  while (row_.ends_with(' ')) row_.pop_back();
  row_.push_back('\n');
  TranscriptBlock& block = dialogue_.transcript;
  if (block.rows.size() + row_.size() > kBlockOctets ||
      !dialogue_.allowance.take(block.kept, row_.size())) {
    ++block.left_out;
    return;
  }
  block.rows.append(row_);
}

}  // namespace mailglass::report
