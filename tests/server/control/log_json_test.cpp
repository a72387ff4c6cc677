#include "server/control/log_json.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "tests/server/control/sample_state.h"

namespace holdfast::server {
namespace {

health::LogEntry probe(const char* where) {
  health::LogEntry entry;
  entry.cursor = 17;
  entry.time = at(70.25);
  entry.kind = health::kProbeKind;
  entry.target = {"web", address(where)};
  entry.outcome = "bad_status";
  entry.detail = "503";
  entry.agent = "local";
  entry.connect = std::chrono::microseconds(1500);
  entry.total = std::chrono::microseconds(31500);
  return entry;
}

boost::json::value only(const health::LogEntry& entry) {
  const boost::json::object page = to_json(health::LogPage{{entry}, true, 18}, sample_state());
  EXPECT_EQ(page.at("more"), true);
  EXPECT_EQ(page.at("last"), 18);
  return page.at("entries").at(0);
}

TEST(LogJson, TellsOfAProbeWhoUsesItsTargetAndHowToRepeatIt) {
  const boost::json::value entry = only(probe("192.0.2.10"));
  EXPECT_EQ(entry.at("cursor"), 17);
  EXPECT_EQ(entry.at("time"), "2026-03-01T00:01:10.250Z");
  EXPECT_EQ(entry.at("kind"), "probe");
  EXPECT_EQ(entry.at("address"), "192.0.2.10");
  EXPECT_EQ(entry.at("outcome"), "bad_status");
  EXPECT_EQ(entry.at("connect_seconds"), 0.0015);
  EXPECT_EQ(entry.at("total_seconds"), 0.0315);
  EXPECT_TRUE(entry.at("location").is_null());
  EXPECT_EQ(boost::json::serialize(entry.at("used_by")), R"(["shop"])");
  EXPECT_TRUE(entry.at("command").as_string().starts_with("curl "));
}

TEST(LogJson, KnowsNothingOfATargetThatIsGone) {
  const boost::json::value entry = only(probe("192.0.2.99"));
  EXPECT_TRUE(entry.at("used_by").as_array().empty());
  EXPECT_TRUE(entry.at("command").is_null());
}

TEST(LogJson, TellsATransitionAsItWas) {
  health::LogEntry event = probe("192.0.2.99");
  event.kind = "transition";
  event.id = "an-id";
  event.before = "up";
  event.after = "down";
  event.used_by = {"shop", "www.example.com."};
  event.command = "nc";
  event.text = "text \xff";
  const boost::json::value entry = only(event);
  EXPECT_EQ(entry.at("id"), "an-id");
  EXPECT_EQ(entry.at("before"), "up");
  EXPECT_EQ(entry.at("after"), "down");
  EXPECT_EQ(boost::json::serialize(entry.at("used_by")), R"(["shop","www.example.com."])");
  EXPECT_EQ(entry.at("command"), "nc");
  EXPECT_EQ(entry.at("text"), "text \xef\xbf\xbd");
  EXPECT_EQ(entry.as_object().if_contains("connect_seconds"), nullptr);
}

TEST(LogJson, TellsOfWhatHasNoTarget) {
  health::LogEntry event;
  event.kind = "configuration";
  event.text = "reloaded";
  const boost::json::value entry = only(event);
  EXPECT_TRUE(entry.at("monitor").is_null() && entry.at("address").is_null() &&
              entry.at("outcome").is_null());
}

}  // namespace
}  // namespace holdfast::server
