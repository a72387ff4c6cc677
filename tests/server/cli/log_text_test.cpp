#include "server/cli/log_text.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "server/control/log_json.h"
#include "tests/server/control/sample_state.h"

namespace holdfast::server {
namespace {

health::LogEntry entry_of(std::string_view kind) {
  health::LogEntry entry;
  entry.time = at(70.25);
  entry.kind = kind;
  entry.target = {"web", address("192.0.2.10")};
  entry.outcome = "bad_status";
  entry.detail = "503";
  entry.agent = "local";
  return entry;
}

std::string text(const health::LogEntry& entry) {
  return log_text(to_json(health::LogPage{{entry}, false, 0}, sample_state()).at("entries").at(0));
}

TEST(LogText, TellsAProbeInOneLine) {
  health::LogEntry probe = entry_of("probe");
  probe.connect = std::chrono::microseconds(1500);
  probe.total = std::chrono::microseconds(31500);
  EXPECT_EQ(
      text(probe),
      "2026-03-01T00:01:10.250Z  probe          web 192.0.2.10            bad_status (503); connect 1.5 ms, "
      "total 31.5 ms\n");
  probe.agent = "cork-1";
  probe.location = "eu";
  EXPECT_TRUE(text(probe).ends_with("total 31.5 ms; seen by cork-1, eu\n")) << text(probe);
}

TEST(LogText, TellsATransitionAndHowToRepeatTheCheck) {
  health::LogEntry transition = entry_of("transition");
  transition.before = "up";
  transition.after = "down";
  transition.used_by = {"shop"};
  transition.command = "curl it";
  EXPECT_EQ(text(transition),
            "2026-03-01T00:01:10.250Z  transition     web 192.0.2.10            up -> down; bad_status "
            "(503); used by "
            "shop\n    by hand: curl it\n");
}

TEST(LogText, TellsOtherEventsInTheirOwnWords) {
  health::LogEntry event;
  event.time = at(70.25);
  event.kind = "configuration";
  event.text = "reloaded: 1 zones changed\nand more";
  EXPECT_EQ(text(event), "2026-03-01T00:01:10.250Z  configuration  reloaded: 1 zones changed?and more\n");
}

TEST(LogText, RefusesOtherForms) {
  for (const char* wrong : {"{}", "[]", "1", R"({"time":1,"kind":"probe","monitor":null})"})
    EXPECT_ANY_THROW(log_text(boost::json::parse(wrong))) << wrong;
}

}  // namespace
}  // namespace holdfast::server
