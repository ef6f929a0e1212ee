// SPDX-License-Identifier: BSD-3-Clause
// The metrics of an instance, read back from their text, as `doctor` looks at them.
#pragma once

#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mailglass::app {

struct Series {
  std::string name;
  std::map<std::string, std::string, std::less<>> labels;
  double value = 0;

  // "" where there is no such label.
  std::string_view label(std::string_view name) const;
};

class Picture {
 public:
  using Labels = std::initializer_list<std::pair<std::string_view, std::string_view>>;

  // The text exposition format; lines that are not of it, or have no finite number, are left out.
  explicit Picture(std::string_view text);
  // The first line that was; 0: none. A text that ends inside a line was cut.
  std::size_t bad_line() const { return bad_line_; }

  bool empty() const { return series_.empty(); }
  // Of all series with that name and at least those labels.
  double sum(std::string_view name, Labels labels = {}) const;
  std::vector<const Series*> all(std::string_view name, Labels labels = {}) const;
  // The sums by the values of one label, in their order.
  std::map<std::string, double> by(std::string_view name, std::string_view label) const;

 private:
  bool take(std::string_view line);  // false: it is a bad one

  std::vector<Series> series_;
  std::size_t bad_line_ = 0;
};

}  // namespace mailglass::app
