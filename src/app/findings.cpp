// SPDX-License-Identifier: BSD-3-Clause
#include "app/findings.h"

namespace mailglass::app {

std::vector<Finding> diagnose(const Picture& picture) {
  std::vector<Finding> findings;
  for (const auto checks : {checks_of_ports(), checks_of_mail()}) {
    for (const Check& check : checks) {
      for (std::string& sentence : check.look(picture)) {
        findings.push_back({check.name, std::move(sentence)});
      }
    }
  }
  return findings;
}

}  // namespace mailglass::app
