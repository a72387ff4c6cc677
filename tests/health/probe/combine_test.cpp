#include "health/probe/combine.h"

#include <gtest/gtest.h>

namespace holdfast::health {
namespace {

/// Parts as `.` passed, `x` failed, `!` not run, `?` not ended.
std::string combined(Protocol type, std::string_view parts, unsigned count = 0) {
  MonitorSettings monitor{.type = type, .count = count};
  std::vector<std::optional<ProbeResult>> found;
  for (const char part : parts) {
    monitor.parts.push_back({.name = std::to_string(found.size() + 1)});
    if (part == '?') {
      found.emplace_back();
    } else if (part == '!') {
      found.emplace_back(NotRun{"no room"});
    } else {
      Observation seen;
      seen.outcome = part == '.'         ? Outcome::passed
                     : found.size() == 1 ? Outcome::refused
                                         : Outcome::bad_status;
      found.emplace_back(seen);
    }
  }
  const auto result = combine(monitor, found);
  if (!result) return "open";
  const auto* finding = std::get_if<Finding>(&*result);
  return finding == nullptr ? "not run" : std::string(text(finding->outcome));
}

TEST(Combine, AllMustPass) {
  EXPECT_EQ(combined(Protocol::all, "..."), "passed");
  EXPECT_EQ(combined(Protocol::all, "..?"), "open");
  EXPECT_EQ(combined(Protocol::all, "?x?"), "refused") << "settled by the first failure";
  EXPECT_EQ(combined(Protocol::all, ".!."), "not run");
  EXPECT_EQ(combined(Protocol::all, "!x!"), "refused") << "whatever the others would have found";
}

TEST(Combine, OneIsEnoughForAny) {
  EXPECT_EQ(combined(Protocol::any, "?.?"), "passed");
  EXPECT_EQ(combined(Protocol::any, "xx?"), "open");
  EXPECT_EQ(combined(Protocol::any, "xxx"), "bad_status") << "what the first one found";
  EXPECT_EQ(combined(Protocol::any, "x!x"), "not run");
  EXPECT_EQ(combined(Protocol::any, "!!!"), "not run");
  EXPECT_EQ(combined(Protocol::any, "!.x"), "passed");
}

TEST(Combine, SoManyMustPass) {
  EXPECT_EQ(combined(Protocol::at_least, "..?", 2), "passed");
  EXPECT_EQ(combined(Protocol::at_least, ".x?", 2), "open");
  EXPECT_EQ(combined(Protocol::at_least, "?xx", 2), "refused");
  EXPECT_EQ(combined(Protocol::at_least, ".x!", 2), "not run");
  EXPECT_EQ(combined(Protocol::at_least, "x?", 2), "bad_status");
}

TEST(Combine, EveryPartIsNamed) {
  MonitorSettings monitor{.type = Protocol::all};
  for (const char* name : {"web", "mail", "echo"}) monitor.parts.push_back({.name = name});
  Observation refused;
  refused.outcome = Outcome::refused;
  refused.detail = "Connection refused";
  const std::vector<std::optional<ProbeResult>> found{Observation{}, refused, std::nullopt};
  EXPECT_EQ(std::get<Finding>(*combine(monitor, found)).detail,
            "web: passed; mail: refused (Connection refused); echo: not waited for");
}

}  // namespace
}  // namespace holdfast::health
