// SPDX-License-Identifier: BSD-3-Clause
// One dialogue with two messages, any one frame or any two of it never captured.
#include "tests/model/dialogues.h"

namespace mailglass::test {
namespace {

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

struct Lost {
  std::vector<std::string> events;
  bool payload = false;  // octets were lost, not only acknowledgements
};

Lost without(const Frames& all, std::size_t first, std::size_t second) {
  Lost lost;
  Frames frames;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (i != first && i != second) {
      frames.push_back(all[i]);
    } else {
      lost.payload = lost.payload || segment_of(all[i]).length != 0;
    }
  }
  lost.events = events_of(frames);
  return lost;
}

void check(const Lost& lost) {
  bool gap = false, flow = false;
  for (const std::string& event : lost.events) {
    ASSERT_FALSE(has(event, "alpha") && has(event, "beta")) << "mixed: " << event;
    ASSERT_FALSE(has(event, "ALPHA1") && has(event, "beta")) << "mixed: " << event;
    ASSERT_FALSE(has(event, "alpha") && has(event, "BETA2")) << "mixed: " << event;
    if (member(event, "", "event_type") != "\"flow\"") continue;
    flow = true;
    gap = gap || member(event, "flow", "gap") == "true";
    ASSERT_EQ(member(event, "flow", "bytes_missing") != "0", gap);
  }
  ASSERT_TRUE(flow) << "the session is not even seen";
  ASSERT_EQ(gap, lost.payload) << testing::PrintToString(lost.events);
}

class DialogueLoss : public testing::TestWithParam<std::size_t> {};
INSTANTIATE_TEST_SUITE_P(SegmentSizes, DialogueLoss, testing::Values(1448, 25));

TEST_P(DialogueLoss, AnyOneFrame) {
  const Frames all = spoken(kSmtp, GetParam()).frames();
  for (std::size_t i = 0; i < all.size(); ++i) {
    SCOPED_TRACE(i);
    check(without(all, i, i));
    if (HasFatalFailure()) return;
  }
}

TEST_P(DialogueLoss, AnyTwoFramesAfterTheHandshake) {
  const Frames all = spoken(kSmtp, GetParam()).frames();
  for (std::size_t i = 3; i < all.size(); ++i) {
    for (std::size_t j = i + 1; j < all.size(); j += 1 + all.size() / 25) {
      SCOPED_TRACE(testing::Message() << i << " and " << j);
      check(without(all, i, j));
      if (HasFatalFailure()) return;
    }
  }
}

TEST(DialogueLossPop3, AnyOneFrame) {
  const Frames all = spoken(kPop3).frames();
  for (std::size_t i = 0; i < all.size(); ++i) {
    SCOPED_TRACE(i);
    check(without(all, i, i));
    if (HasFatalFailure()) return;
  }
}

// Everything from some frame on, and everything up to some frame.
TEST(DialogueLossOfMany, AnyFrontOrTail) {
  for (const Spoken* what : {&kSmtp, &kPop3}) {
    const Frames all = spoken(*what).frames();
    for (std::size_t i = 0; i <= all.size(); ++i) {
      events_of(Frames(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(i)));
      const auto tail = events_of(Frames(all.begin() + static_cast<std::ptrdiff_t>(i), all.end()));
      for (const std::string& event : tail) {
        ASSERT_FALSE(has(event, "alpha") && has(event, "beta")) << event;
      }
    }
  }
}

}  // namespace
}  // namespace mailglass::test
