#include "health/notify/routes.h"

#include <gtest/gtest.h>

namespace holdfast::health {
namespace {

using Names = std::set<std::string>;

const Routes kRoutes{.usual = {"ops"}, .own = {{"shop", {"ann", "bob"}}, {"www.example.com.", {"bob"}}}};

Event used_by(std::vector<std::string> users, EventKind kind = EventKind::transition) {
  Event event{.kind = kind};
  event.used_by = std::move(users);
  return event;
}

TEST(Recipients, AreTheContactsOfWhatUsesTheTarget) {
  EXPECT_EQ(recipients(used_by({"shop"}), kRoutes), (Names{"ann", "bob"}));
  EXPECT_EQ(recipients(used_by({"www.example.com."}), kRoutes), Names{"bob"});
  EXPECT_EQ(recipients(used_by({"shop", "www.example.com."}), kRoutes), (Names{"ann", "bob"}));
}

TEST(Recipients, AreTheUsualOnesOfWhatHasNone) {
  EXPECT_EQ(recipients(used_by({"other"}), kRoutes), Names{"ops"});
  EXPECT_EQ(recipients(used_by({"other", "www.example.com."}), kRoutes), (Names{"bob", "ops"}));
  EXPECT_EQ(recipients(used_by({}, EventKind::agent), kRoutes), Names{"ops"});
  EXPECT_EQ(recipients(used_by({"other"}), Routes{}), Names{});
}

TEST(Recipients, OfAnOverrideAreThoseOfItsPool) {
  EXPECT_EQ(recipients(used_by({"shop"}, EventKind::override_), kRoutes), (Names{"ann", "bob"}));
}

}  // namespace
}  // namespace holdfast::health
