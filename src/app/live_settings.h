// SPDX-License-Identifier: BSD-3-Clause
// What the configuration says, as nic wants to hear it.
#pragma once

#include <vector>

#include "app/config.h"
#include "nic/eal.h"
#include "nic/live_settings.h"

namespace mailglass::app {

nic::EalSettings eal_settings(const Config& config);
std::vector<nic::PortSettings> port_settings(const Config& config);
nic::LiveSettings live_settings(const Config& config);

}  // namespace mailglass::app
