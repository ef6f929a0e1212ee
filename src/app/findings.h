// SPDX-License-Identifier: BSD-3-Clause
// What `mailglass doctor` can find: why there are no mail events, or fewer than there should be.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "app/picture.h"

namespace mailglass::app {

// One thing to look for. The sentences say what was found and what to do: one for all, or one for
// each port, worker or pool.
struct Check {
  std::string_view name;
  std::vector<std::string> (*look)(const Picture&);
};

// In the order of a frame's way; the mail's behind the ports'.
std::span<const Check> checks_of_ports();
std::span<const Check> checks_of_mail();

struct Finding {
  std::string_view check;
  std::string sentence;
};

// In the order of the checks.
std::vector<Finding> diagnose(const Picture& picture);

}  // namespace mailglass::app
