// SPDX-License-Identifier: BSD-3-Clause
#include "tally/counters.h"

namespace mailglass::tally {

std::string_view name_of(Drop drop) {
  static constexpr std::string_view names[] = {
      "none",
#define DROP(id, help) #id,
#include "tally/counters.def"
  };
  return names[static_cast<std::size_t>(drop)];
}

std::string_view name_of(SmtpVerb verb) {
  static constexpr std::string_view names[] = {
#define SMTP_VERB(id, word) word,
#include "tally/counters.def"
  };
  return names[static_cast<std::size_t>(verb)];
}

std::string_view name_of(Pop3Verb verb) {
  static constexpr std::string_view names[] = {
#define POP3_VERB(id, word) word,
#include "tally/counters.def"
  };
  return names[static_cast<std::size_t>(verb)];
}

std::string_view name_of(Anomaly anomaly) {
  static constexpr std::string_view names[] = {
#define ANOMALY(id, layer, help) #id,
#include "tally/counters.def"
  };
  return names[static_cast<std::size_t>(anomaly)];
}

std::string_view layer_of(Anomaly anomaly) {
  static constexpr std::string_view layers[] = {
#define ANOMALY(id, layer, help) #layer,
#include "tally/counters.def"
  };
  return layers[static_cast<std::size_t>(anomaly)];
}

}  // namespace mailglass::tally
