// SPDX-License-Identifier: BSD-3-Clause
#include "nic/link_watch.h"

#include <gtest/gtest.h>

namespace mailglass::nic {
namespace {

using Lines = std::vector<std::string>;

// A link with a cable, which negotiates for some looks when it is brought up.
class Cable final : public Link {
 public:
  explicit Cable(std::string name, bool can_set = true)
      : name_(std::move(name)), can_set_(can_set) {}

  const std::string& name() const override { return name_; }
  bool link_up() const override {
    if (!set_up_ || !plugged || removed) return false;
    if (waits_ == 0) return true;
    --waits_;
    return false;
  }
  bool gone() const override { return removed; }
  bool can_set_link() override { return can_set_; }
  bool set_link(bool up) override {
    if (stuck) return false;
    if (up && !set_up_) waits_ = negotiates;
    set_up_ = up;
    return true;
  }
  bool is_set_up() const { return set_up_; }

  bool plugged = true;
  bool removed = false;
  bool stuck = false;
  unsigned negotiates = 0;

 private:
  std::string name_;
  bool can_set_;
  bool set_up_ = true;
  mutable unsigned waits_ = 0;
};

Lines look(LinkWatch& watch, unsigned times) {
  Lines lines;
  for (unsigned i = 0; i < times; ++i) {
    for (std::string& line : watch.look()) lines.push_back(std::move(line));
  }
  return lines;
}

// A pair whose links are up, and were seen so.
struct Pair {
  explicit Pair(bool can_set_other = true) : other("other", can_set_other) {
    watch.add_pair(one, other);
    watch.look();
  }
  Cable one{"one"}, other;
  LinkWatch watch;
};

constexpr unsigned kLong = 5 * LinkWatch::kPatience;

TEST(NicLinkWatch, SaysOfEachPortOnceThatItsLinkWentAndCameBack) {
  Cable one("one"), other("other");
  LinkWatch watch;
  watch.add(one);
  watch.add(other);
  EXPECT_EQ(look(watch, kLong), Lines());
  one.plugged = false;
  EXPECT_EQ(watch.look(), Lines{"one has no link"});
  EXPECT_EQ(look(watch, kLong), Lines());
  other.plugged = false;
  one.plugged = true;
  EXPECT_EQ(watch.look(), (Lines{"one has its link again", "other has no link"}));
  EXPECT_TRUE(one.is_set_up() && other.is_set_up());
}

TEST(NicLinkWatch, WaitsForALinkThatWasNeverUp) {
  Cable one("one");
  one.plugged = false;
  LinkWatch watch;
  watch.add(one);
  EXPECT_EQ(look(watch, LinkWatch::kPatience), Lines());
  EXPECT_EQ(look(watch, kLong), Lines{"one has no link"});
}

TEST(NicLinkWatch, SaysThatAnInterfaceWasRemoved) {
  Cable one("one");
  LinkWatch watch;
  watch.add(one);
  watch.look();
  one.removed = true;
  const Lines lines = look(watch, kLong);
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_NE(lines[0].find("one has no link; its interface was removed"), lines[0].npos) << lines[0];
}

TEST(NicLinkWatch, SaysSoAlsoWhereTheLinkWasDownBefore) {
  Cable one("one");
  LinkWatch watch;
  watch.add(one);
  watch.look();
  one.plugged = false;
  EXPECT_EQ(look(watch, kLong), Lines{"one has no link"});
  one.removed = true;
  EXPECT_EQ(look(watch, kLong), Lines{"one has no link; its interface was removed, and one of that "
                                      "name will be another: restart mailglass"});
  Cable other("other");  // at once, and once
  LinkWatch young;
  young.add(other);
  other.removed = true;
  EXPECT_EQ(look(young, 1).size(), 1u);
  EXPECT_EQ(look(young, kLong), Lines());
}

// However long it may negotiate: what is given to a port without a link goes nowhere.
TEST(NicLinkWatch, SaysAtOnceWhetherALinkCarries) {
  Pair pair;
  auto& [one, other, watch] = pair;
  EXPECT_TRUE(one.carries() && other.carries());
  one.plugged = false;
  watch.look();
  EXPECT_FALSE(one.carries());
  watch.look();
  EXPECT_FALSE(other.carries()) << "it was taken down";
  one.plugged = true;
  other.negotiates = 3;
  watch.look();
  EXPECT_TRUE(one.carries());
  EXPECT_FALSE(other.carries());
  look(watch, 5);
  EXPECT_TRUE(other.carries());
}

TEST(NicLinkWatch, PassesALossOnToThePeerAndTakesItBack) {
  Pair pair;
  auto& [one, other, watch] = pair;
  one.plugged = false;
  EXPECT_EQ(look(watch, kLong), Lines{"one has no link: other taken down"});
  EXPECT_FALSE(other.is_set_up());
  EXPECT_TRUE(one.is_set_up());
  one.plugged = true;
  EXPECT_EQ(look(watch, kLong), Lines{"one has its link again: other brought up"});
  EXPECT_TRUE(other.is_set_up());
}

// A NIC's link takes seconds to come up, at start too.
TEST(NicLinkWatch, SidesThatNegotiateDoNotTakeEachOtherDown) {
  Cable one("one"), other("other");
  one.negotiates = other.negotiates = LinkWatch::kPatience / 2;
  for (Cable* cable : {&one, &other}) {
    cable->set_link(false);
    cable->set_link(true);
  }
  LinkWatch watch;
  watch.add_pair(one, other);
  EXPECT_EQ(look(watch, kLong), Lines());
  one.plugged = false;
  EXPECT_EQ(look(watch, kLong), Lines{"one has no link: other taken down"});
  one.plugged = true;
  EXPECT_EQ(look(watch, kLong), Lines{"one has its link again: other brought up"});
  EXPECT_TRUE(one.link_up() && other.link_up());
}

TEST(NicLinkWatch, APeerWhoseCableWentMeanwhileTakesTheFirstDown) {
  Pair pair;
  auto& [one, other, watch] = pair;
  one.plugged = other.plugged = false;
  EXPECT_EQ(look(watch, kLong), Lines{"one has no link: other taken down"});
  one.plugged = true;
  EXPECT_EQ(look(watch, kLong), (Lines{"one has its link again: other brought up",
                                       "other has no link: one taken down"}));
  other.plugged = true;
  EXPECT_EQ(look(watch, kLong), Lines{"other has its link again: one brought up"});
  EXPECT_TRUE(one.link_up() && other.link_up());
}

TEST(NicLinkWatch, APeerThatCannotBeSetIsLeftAlone) {
  Pair pair(false);
  auto& [one, other, watch] = pair;
  one.plugged = false;
  EXPECT_EQ(look(watch, kLong), Lines{"one has no link"});
  EXPECT_TRUE(other.is_set_up());
}

TEST(NicLinkWatch, ARefusalIsSaidOnceAndTriedAgain) {
  Pair pair;
  auto& [one, other, watch] = pair;
  one.plugged = false;
  other.stuck = true;
  EXPECT_EQ(look(watch, kLong), Lines{"one has no link: other cannot be taken down"});
  other.stuck = false;
  EXPECT_EQ(look(watch, kLong), Lines());
  EXPECT_FALSE(other.is_set_up());
}

}  // namespace
}  // namespace mailglass::nic
