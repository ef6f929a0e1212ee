// SPDX-License-Identifier: BSD-3-Clause
// stream::Assembler against one entry for each octet.
#include <gtest/gtest.h>

#include <optional>
#include <random>
#include <vector>

#include "stream/assembler.h"

namespace mailglass::test {
namespace {

using stream::Assembler;
using stream::Range;

constexpr std::uint64_t kOctets = 300;

struct Model {
  std::vector<std::optional<std::uint64_t>> after =  // of each octet held
      std::vector<std::optional<std::uint64_t>>(kOctets);

  std::size_t held() const {
    std::size_t count = 0;
    for (const auto& octet : after) count += octet.has_value();
    return count;
  }
};

// What must hold of the ranges whatever was added, and of each octet against the model.
void check(const Assembler& assembler, Model& model) {
  std::size_t held = 0;
  for (std::size_t i = 0; i < assembler.size(); ++i) {
    const Range& range = assembler[i];
    ASSERT_LT(range.begin, range.end);
    if (i != 0) {
      const Range& left = assembler[i - 1];
      ASSERT_LE(left.end, range.begin);
      ASSERT_TRUE(left.end < range.begin || left.after != range.after) << "could be one";
    }
    for (std::uint64_t at = range.begin; at < range.end; ++at) {
      ASSERT_TRUE(model.after[at].has_value()) << at;
      // With no room for another range octets may wait longer than they had to, never less.
      ASSERT_GE(range.after, *model.after[at]) << at;
    }
    held += range.end - range.begin;
  }
  ASSERT_EQ(held, model.held());
}

void run(std::uint32_t seed, std::uint64_t longest, std::uint64_t afters, std::size_t& refusals) {
  std::mt19937 random(seed);
  const auto below = [&](std::uint64_t n) { return std::uint64_t{random()} % n; };
  Assembler assembler;
  Model model;
  std::uint64_t dropped = 0;
  bool raised = false;  // `after` of some range was raised for want of room
  for (int step = 0; step < 400; ++step) {
    if (below(20) == 0) {
      dropped += below(40);
      if (dropped >= kOctets) return;
      assembler.drop_before(dropped);
      for (std::uint64_t at = 0; at < dropped; ++at) model.after[at].reset();
    } else {
      Range wanted;
      wanted.begin = dropped + below(kOctets - dropped);
      wanted.end = std::min(kOctets, wanted.begin + 1 + below(longest));
      wanted.after = below(afters);
      const bool was_full = assembler.size() == Assembler::kMaxRanges;
      std::uint64_t told = wanted.begin;
      bool in_order = true;
      const bool all = assembler.add(
          wanted,
          [&](std::uint64_t begin, std::uint64_t end) {
            in_order = in_order && begin >= told && begin < end;
            for (told = begin; told < end; ++told) {
              in_order = in_order && !model.after[told].has_value();
              model.after[told] = wanted.after;
            }
          },
          [&](std::uint64_t begin, std::uint64_t end) {
            in_order = in_order && begin >= told && begin < end;
            for (told = begin; told < end; ++told) {
              in_order = in_order && model.after[told].has_value();
            }
          });
      ASSERT_TRUE(in_order) << "parts are told in order, and each for what it is";
      ASSERT_LE(told, wanted.end);
      raised = raised || was_full || assembler.size() == Assembler::kMaxRanges;
      if (all) {
        ASSERT_EQ(told, wanted.end) << "all was told";
      } else {
        ++refusals;
        ASSERT_EQ(assembler.size(), Assembler::kMaxRanges) << "refused without being full";
      }
    }
    check(assembler, model);
    if (testing::Test::HasFatalFailure()) return;
    if (raised) continue;
    for (std::size_t i = 0; i < assembler.size(); ++i) {
      for (std::uint64_t at = assembler[i].begin; at < assembler[i].end; ++at) {
        ASSERT_EQ(assembler[i].after, *model.after[at]) << "no range was short, none may wait";
      }
    }
  }
}

TEST(AssemblerModel, LongAndShortRangesWithFewCausesAgreeWithTheBitmap) {
  std::size_t refusals = 0;
  for (std::uint32_t seed = 0; seed < 300 && !HasFatalFailure(); ++seed) {
    SCOPED_TRACE(seed);
    run(seed, 30, 1 + seed % 4, refusals);
  }
}

TEST(AssemblerModel, SingleOctetsFillTheRangesAndAgreeWithTheBitmap) {
  std::size_t refusals = 0;
  for (std::uint32_t seed = 0; seed < 300 && !HasFatalFailure(); ++seed) {
    SCOPED_TRACE(seed);
    run(1000 + seed, 2, 1 + seed % 50, refusals);
  }
  EXPECT_GT(refusals, 100u) << "the test was meant to reach the limit";
}

}  // namespace
}  // namespace mailglass::test
