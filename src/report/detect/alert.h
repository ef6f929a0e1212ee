// SPDX-License-Identifier: BSD-3-Clause
// The rows of alerts.def as types.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace mailglass::report {

enum class Alert : std::uint8_t {
#define ALERT(id, ...) id,
#include "report/detect/alerts.def"
};

struct AlertRow {
  std::string_view id;
  std::uint32_t signature_id;  // stable: never changes, never used again
  std::uint32_t severity;      // 1 is worst
  std::string_view category;   // of Suricata's classification.config
  std::string_view unit;       // of the threshold
  std::string_view subject;    // whom it is counted for
  std::string_view samples;    // of whom some are named
  std::string_view help;
};
constexpr AlertRow kAlerts[] = {
#define ALERT(id, sid, severity, category, least, most, window, unit, subject, samples, help) \
  {#id, sid, severity, category, unit, subject, samples, help},
#include "report/detect/alerts.def"
};
constexpr std::size_t kAlertKinds = std::size(kAlerts);

constexpr const AlertRow& row_of(Alert alert) { return kAlerts[static_cast<std::size_t>(alert)]; }

// alert.gid of EVE: whose numbers the signature ids are.
constexpr std::uint32_t kGeneratorId = 9465;

}  // namespace mailglass::report
