// SPDX-License-Identifier: BSD-3-Clause
// What the checks of `doctor` say their sentences with.
#pragma once

#include <fmt/format.h>

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "app/picture.h"

namespace mailglass::app {

using Sentences = std::vector<std::string>;

// Fewer say nothing about a share, or about all.
constexpr double kEnough = 100, kSome = 10;

inline std::string number(double n) { return fmt::format("{:.0f}", n); }
inline std::string percent(double part, double whole) {
  const double share = whole > 0 ? 100 * part / whole : 0;
  return share < 10 ? fmt::format("{:.2g} %", share) : fmt::format("{:.0f} %", share);
}

inline double frames(const Picture& p) { return p.sum("mailglass_frames_total"); }
inline double segments(const Picture& p) { return p.sum("mailglass_segments_total"); }
inline double sessions(const Picture& p) { return p.sum("mailglass_sessions_total"); }
inline double opaque(const Picture& p) {
  return p.sum("mailglass_flow_segments_total", {{"kind", "opaque"}});
}
inline double drops(const Picture& p, std::initializer_list<std::string_view> reasons) {
  double sum = 0;
  for (const auto reason : reasons) sum += p.sum("mailglass_drops_total", {{"reason", reason}});
  return sum;
}

inline Sentences one(std::string sentence) { return {std::move(sentence)}; }

// One sentence for each series of `name` that is not 0, such as of each port.
template <typename Say>
Sentences for_each(const Picture& p, std::string_view name, Say&& say) {
  Sentences sentences;
  for (const Series* series : p.all(name)) {
    if (series->value > 0) sentences.push_back(say(*series));
  }
  return sentences;
}

inline std::string port_of(const Series& series) {
  return fmt::format("port {} ({})", series.label("port"), series.label("device"));
}
inline double received(const Picture& p, const Series& series) {
  return p.sum("mailglass_port_rx_frames_total", {{"port", series.label("port")}});
}

}  // namespace mailglass::app
