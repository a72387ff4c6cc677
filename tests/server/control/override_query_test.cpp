#include "server/control/override_query.h"

#include <gtest/gtest.h>

namespace holdfast::server {
namespace {

using namespace std::chrono_literals;

std::string error(std::string_view query) {
  const auto wish = override_wish(query);
  return std::holds_alternative<std::string>(wish) ? std::get<std::string>(wish) : "";
}

TEST(OverrideWish, ReadsEverything) {
  const auto wish = std::get<OverrideWish>(override_wish(
      "decision=force_down&subject=shop%2F192.0.2.10&author=alice&reason=a%20test&for=1h30m&force=true"));
  EXPECT_EQ(wish.decision, health::Decision::force_down);
  EXPECT_EQ(wish.subject, "shop/192.0.2.10");
  EXPECT_EQ(wish.author, "alice");
  EXPECT_EQ(wish.reason, "a test");
  EXPECT_EQ(wish.lasts, 90min);
  EXPECT_TRUE(wish.force);
}

TEST(OverrideWish, NeedsLittle) {
  const auto wish = std::get<OverrideWish>(
      override_wish("decision=drain&subject=shop&author=alice&reason=test&force=false"));
  EXPECT_EQ(wish.decision, health::Decision::drain);
  EXPECT_FALSE(wish.lasts);
  EXPECT_FALSE(wish.force);
}

TEST(OverrideWish, SaysWhatIsWrong) {
  const std::string good = "decision=drain&subject=shop&author=alice&reason=test";
  EXPECT_EQ(error(good), "");
  EXPECT_EQ(error("subject=shop&author=alice&reason=test"), "decision=... is missing");
  EXPECT_EQ(error("decision=drown&subject=shop&author=alice&reason=test"),
            "decision is drain, force_up or force_down");
  EXPECT_EQ(error(good + "&for=tomorrow"), "for is a time, such as 30m or 1h30m");
  EXPECT_EQ(error(good + "&force=yes"), "force is true or false");
  EXPECT_EQ(error(good + "&reason=more"), "reason stands here twice");
  EXPECT_EQ(error(good + "&colour=red"), "\"colour\" is not known here");
  EXPECT_EQ(error("%zz").rfind("a query is written as", 0), 0U);
}

TEST(ReleaseWish, ReadsWhoAndWhat) {
  const auto wish = std::get<ReleaseWish>(release_wish("subject=pool%3Ashop&author=bob"));
  EXPECT_EQ(wish.subject, "pool:shop");
  EXPECT_EQ(wish.author, "bob");
  EXPECT_EQ(std::get<std::string>(release_wish("subject=shop")), "author=... is missing");
}

}  // namespace
}  // namespace holdfast::server
