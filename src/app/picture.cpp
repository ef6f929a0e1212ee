// SPDX-License-Identifier: BSD-3-Clause
#include "app/picture.h"

#include <charconv>
#include <cmath>
#include <optional>

namespace mailglass::app {
namespace {

// NAME{label="value",...} VALUE, each part taken off the front.
class Line {
 public:
  explicit Line(std::string_view text) : rest_(text) {}

  std::optional<Series> read() {
    Series series;
    series.name = take_until("{ ");
    if (series.name.empty()) return std::nullopt;
    if (take('{')) {
      while (!take('}')) {
        const std::string label(take_until("="));
        if (!take('=') || !take('"')) return std::nullopt;
        series.labels[label] = quoted();
        if (!take(',') && !rest_.starts_with('}')) return std::nullopt;
      }
    }
    if (!take(' ')) return std::nullopt;
    const auto read = std::from_chars(rest_.data(), rest_.data() + rest_.size(), series.value);
    if (read.ec != std::errc()) return std::nullopt;
    if (read.ptr != rest_.data() + rest_.size() && *read.ptr != ' ') return std::nullopt;
    return series;
  }

 private:
  std::string_view take_until(std::string_view ends) {
    const std::string_view taken = rest_.substr(0, rest_.find_first_of(ends));
    rest_.remove_prefix(taken.size());
    return taken;
  }
  bool take(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  // Behind the opening quote; the closing one is taken as well.
  std::string quoted() {
    std::string text;
    while (!rest_.empty() && !take('"')) {
      const bool escaped = take('\\');
      if (rest_.empty()) break;
      text += escaped && rest_.front() == 'n' ? '\n' : rest_.front();
      rest_.remove_prefix(1);
    }
    return text;
  }

  std::string_view rest_;
};

}  // namespace

std::string_view Series::label(std::string_view wanted) const {
  const auto found = labels.find(wanted);
  return found == labels.end() ? std::string_view{} : std::string_view(found->second);
}

Picture::Picture(std::string_view text) {
  for (std::size_t number = 1; !text.empty(); ++number) {
    const auto end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    bool good = end != text.npos;
    text = good ? text.substr(end + 1) : std::string_view{};
    if (!line.empty() && line.front() != '#') good = take(line) && good;
    if (!good && bad_line_ == 0) bad_line_ = number;
  }
}

// An empty summary of the HTTP library's may have no number.
bool Picture::take(std::string_view line) {
  auto series = Line(line).read();
  if (!series) return false;
  if (!std::isfinite(series->value)) return !series->name.starts_with("mailglass_");
  series_.push_back(std::move(*series));
  return true;
}

std::vector<const Series*> Picture::all(std::string_view name, Labels labels) const {
  std::vector<const Series*> found;
  for (const Series& series : series_) {
    if (series.name != name) continue;
    bool fits = true;
    for (const auto& [label, value] : labels) fits = fits && series.label(label) == value;
    if (fits) found.push_back(&series);
  }
  return found;
}

double Picture::sum(std::string_view name, Labels labels) const {
  double sum = 0;
  for (const Series* series : all(name, labels)) sum += series->value;
  return sum;
}

std::map<std::string, double> Picture::by(std::string_view name, std::string_view label) const {
  std::map<std::string, double> sums;
  for (const Series* series : all(name)) sums[std::string(series->label(label))] += series->value;
  return sums;
}

}  // namespace mailglass::app
