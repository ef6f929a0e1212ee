// SPDX-License-Identifier: BSD-3-Clause
// DPDK for all tests of a program: it can be started once in a process.
#pragma once

#include <gtest/gtest.h>

#include <optional>

#include "nic/eal.h"
#include "nic/frame_pool.h"

namespace mailglass::test {

struct Dpdk : testing::Environment {
  void SetUp() override {
    eal.emplace();
    pool.emplace(*eal);
  }
  void TearDown() override { eal.reset(); }
  std::optional<nic::Eal> eal;
  std::optional<nic::FramePool> pool;
};

inline Dpdk* const dpdk = dynamic_cast<Dpdk*>(testing::AddGlobalTestEnvironment(new Dpdk));

}  // namespace mailglass::test
