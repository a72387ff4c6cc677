#include "health/notify/document.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "tests/health/notify/happenings.h"

namespace holdfast::health {
namespace {

TEST(Document, HasEverythingOfATransition) {
  Notification notification{.id = "a", .contact = "ops", .time = at(70).wall, .events = {down("a")}};
  notification.left_out = 2;
  const auto json = boost::json::parse(document(notification, "ns1"));
  EXPECT_EQ(json.at("id"), "a");
  EXPECT_EQ(json.at("kind"), "news");
  EXPECT_EQ(json.at("contact"), "ops");
  EXPECT_EQ(json.at("server"), "ns1");
  EXPECT_EQ(json.at("time"), "2026-03-01T00:01:10.000Z");
  EXPECT_EQ(json.at("subject"), "web 192.0.2.10 down (shop)");
  EXPECT_EQ(json.at("left_out"), 2);
  EXPECT_EQ(json.at("events").at(0), boost::json::parse(R"json({
    "id": "a", "time": "2026-03-01T00:01:00.000Z", "kind": "transition", "text": "web: a line", "is_bad": true,
    "monitor": "web", "address": "192.0.2.10", "used_by": ["shop"], "before": "up", "after": "down",
    "outcome": "refused", "detail": "Connection refused", "command": "curl http://192.0.2.10/",
    "answers": ["www.example.com. A: 198.51.100.10 (tier 2)"], "agent": null, "location": null
})json"));
}

TEST(Document, HasNoVerdictsOfOtherEvents) {
  Event event{.id = "s", .kind = EventKind::store};
  event.text = "etcd says \xff";
  const auto json =
      boost::json::parse(document({.id = "s", .events = {std::make_shared<Event>(event)}}, "ns1"));
  const auto& one = json.at("events").at(0);
  EXPECT_TRUE(one.at("before").is_null() && one.at("after").is_null() && one.at("monitor").is_null());
  EXPECT_EQ(one.at("is_bad"), false);
  EXPECT_EQ(one.at("text"), "etcd says \xef\xbf\xbd");
}

}  // namespace
}  // namespace holdfast::health
