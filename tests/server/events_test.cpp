#include "server/events.h"

#include <gtest/gtest.h>

namespace holdfast::server {
namespace {

using health::Session;
using health::StoreStatus;

std::string told(const StoreStatus& before, const StoreStatus& now) {
  const auto event = store_event(before, now);
  return event ? (event->is_bad ? "bad: " : "good: ") + event->text : "nothing";
}

TEST(StoreEvent, TellsOnceThatTheStoreCannotBeHad) {
  const StoreStatus start, failed{.problem = "no answer: a"}, again{.problem = "no answer: b"};
  EXPECT_EQ(told(start, failed),
            "bad: the store cannot be had: no answer: a; verdicts and answers stay as they are, for 5 min at "
            "least");
  EXPECT_EQ(told(failed, again), "nothing");
  EXPECT_EQ(told(again, start), "nothing");
}

TEST(StoreEvent, TellsThatItIsFollowedLostAndNotBelieved) {
  const StoreStatus start, follows{.state = Session::State::following}, lost{.problem = "the watch ended"};
  const StoreStatus refused{.state = Session::State::refused, .problem = "the store went back"};
  EXPECT_EQ(told(start, follows), "good: the store is followed");
  EXPECT_EQ(
      told(follows, lost),
      "bad: the store is lost: the watch ended; verdicts and answers stay as they are, for 5 min at least");
  EXPECT_TRUE(told(follows, refused).ends_with("when it is right: holdfast store accept"));
}

TEST(StoreEvent, TellsThatNothingIsTaken) {
  const StoreStatus follows{.state = Session::State::following};
  const StoreStatus full{.state = Session::State::following, .problem = "no space"};
  EXPECT_EQ(told(follows, full), "bad: the store is followed, but takes nothing of ours: no space");
  EXPECT_EQ(told(full, follows), "good: the store is followed");
}

TEST(StoreEvent, TellsOnceOfWhatCannotBeRead) {
  StoreStatus before{.state = Session::State::following}, now = before;
  now.unreadable = {"server/ns1"};
  EXPECT_EQ(
      told(before, now),
      "bad: server/ns1 in the store cannot be read, and does not count: it is of a newer holdfast, which "
      "agents are to have first, or larger than what is taken");
  EXPECT_EQ(told(now, now), "nothing");
  EXPECT_EQ(told(now, before), "nothing");
}

TEST(AgentEvent, SaysWhatBecameOfIt) {
  const auto event = agent_event({health::Standing::counted, {"tokyo", "asia", health::Standing::absent}});
  EXPECT_EQ(event.text,
            "agent tokyo (asia): counted -> absent; nothing was heard of it for 15 s, or it left");
  EXPECT_TRUE(event.is_bad);
  EXPECT_EQ(event.agent, "tokyo");
}

}  // namespace
}  // namespace holdfast::server
