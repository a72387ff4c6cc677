#include "health/store/view.h"

#include <gtest/gtest.h>

namespace holdfast::health {
namespace {

using namespace std::chrono_literals;

constexpr View::Time kNow{1h};

Ballot ballot(const char* incarnation, std::uint64_t sequence) {
  return {.agent = "fra", .incarnation = incarnation, .sequence = sequence};
}

TEST(View, BelievesAnAgentThatIsSeenToLive) {
  View view;
  EXPECT_FALSE(view.hear(ballot("a", 5), kNow)) << "it may have died long ago";
  EXPECT_TRUE(view.agents().empty());
  EXPECT_TRUE(view.hear(ballot("a", 6), kNow + 3s));
  EXPECT_EQ(view.agents().at("fra").at, kNow + 3s);
}

TEST(View, PassesOverWhatIsRepeatedOrOld) {
  View view;
  view.hear_own(ballot("a", 5), kNow);
  EXPECT_FALSE(view.hear(ballot("a", 5), kNow + 10s));
  EXPECT_FALSE(view.hear(ballot("a", 4), kNow + 10s));
  EXPECT_EQ(view.agents().at("fra").at, kNow);
}

TEST(View, IsNotMisledByAnIncarnationThatABackupBringsBack) {
  View view;
  view.hear_own(ballot("b", 5), kNow);
  EXPECT_FALSE(view.hear(ballot("a", 90), kNow + 1s));
  EXPECT_EQ(view.agents().at("fra").ballot.incarnation, "b");
  EXPECT_TRUE(view.hear(ballot("b", 6), kNow + 2s));
  EXPECT_FALSE(view.hear(ballot("a", 90), kNow + 3s)) << "the same again is no sign of life";
}

TEST(View, WantsANewSignOfLifeAfterALongSilence) {
  View view;
  view.hear_own(ballot("a", 5), kNow);
  EXPECT_FALSE(view.hear(ballot("a", 9), kNow + 60s))
      << "it may have been written long ago, while we were away";
  EXPECT_TRUE(view.hear(ballot("a", 10), kNow + 63s));
}

TEST(View, DoesNotTakeTwoOldBallotsForASignOfLife) {
  View view;
  view.hear(ballot("a", 5), kNow);
  EXPECT_FALSE(view.hear(ballot("a", 9), kNow + 60s))
      << "one backup after the other, or a store that we lost";
  EXPECT_TRUE(view.hear(ballot("a", 10), kNow + 60s + kFresh));
}

TEST(View, FollowsAnAgentThatStartedAnew) {
  View view;
  view.hear_own(ballot("a", 5), kNow);
  EXPECT_FALSE(view.hear(ballot("b", 1), kNow + 1s));
  EXPECT_TRUE(view.hear(ballot("b", 2), kNow + 2s));
  EXPECT_EQ(view.agents().at("fra").ballot.incarnation, "b");
}

TEST(View, SaysWhoIsFresh) {
  View view;
  view.hear_own(ballot("a", 5), kNow);
  EXPECT_TRUE(view.agents().at("fra").is_fresh(kNow + kFresh));
  EXPECT_FALSE(view.agents().at("fra").is_fresh(kNow + kFresh + 1ms));
  view.forget("fra");
  EXPECT_TRUE(view.agents().empty());
}

}  // namespace
}  // namespace holdfast::health
