// SPDX-License-Identifier: BSD-3-Clause
#include "app/reload.h"

#include "app/setting.h"

namespace mailglass::app {

std::vector<std::string> changed_keys(const Config& from, const Config& to, bool reloadable) {
  std::vector<std::string> keys;
  for (const Setting& setting : settings()) {
    if (setting.table == "port" || is_reloadable(setting) != reloadable) continue;
    if (!setting.same(from, to)) keys.push_back(setting.path());
  }
  if (!reloadable && from.ports != to.ports) keys.emplace_back("port");
  return keys;
}

void take_reloadable(Config& current, const Config& wanted) {
  for (const Setting& setting : settings()) {
    if (is_reloadable(setting)) setting.copy(current, wanted);
  }
}

std::string join(const std::vector<std::string>& words) {
  std::string joined;
  for (const std::string& word : words) joined += (joined.empty() ? "" : ", ") + word;
  return joined;
}

}  // namespace mailglass::app
