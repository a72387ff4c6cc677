#include "health/probe/expect.h"

#include <gtest/gtest.h>

namespace holdfast::health {
namespace {

MonitorSettings expecting(Pattern expect, Pattern reject = {}, Protocol type = Protocol::http) {
  MonitorSettings monitor;
  monitor.type = type;
  monitor.expect = std::move(expect);
  monitor.reject = std::move(reject);
  return monitor;
}

TEST(ExpectWindow, FindsATextAcrossParts) {
  const MonitorSettings monitor = expecting("breakfast");
  ExpectWindow window(monitor);
  EXPECT_FALSE(window.take("I eat DNS for break"));
  EXPECT_TRUE(window.take("fast!"));
  EXPECT_TRUE(window.is_found());
}

TEST(ExpectWindow, LooksNoFurtherThanItsSize) {
  const MonitorSettings monitor = expecting("end");
  ExpectWindow window(monitor);
  EXPECT_TRUE(window.take(std::string(kExpectWindow - 1, 'x') + "end"));
  EXPECT_FALSE(window.is_found());
}

TEST(ExpectWindow, TriesAnExpressionOnTheWholeHoweverItIsCut) {
  const MonitorSettings monitor = expecting(Pattern("^OK$", Matching::regex));
  ExpectWindow window(monitor);
  EXPECT_FALSE(window.take("OK"));
  EXPECT_TRUE(window.is_found()) << "if that was all";
  EXPECT_FALSE(window.take(" but degraded"));
  EXPECT_FALSE(window.is_found());
}

TEST(ExpectWindow, TriesAnExpressionOnNothingToo) {
  const MonitorSettings monitor = expecting({}, Pattern("^$", Matching::regex));
  EXPECT_TRUE(ExpectWindow(monitor).is_rejected());
}

TEST(ExpectWindow, TriesAnExpressionAtOnceWhereNoEndComes) {
  const MonitorSettings monitor = expecting(Pattern(R"(^\+OK)", Matching::regex), {}, Protocol::tcp);
  ExpectWindow window(monitor);
  EXPECT_TRUE(window.take("+OK ready"));
  EXPECT_TRUE(window.is_found());
}

TEST(ExpectWindow, RejectsAtOnce) {
  const MonitorSettings monitor = expecting("fine", "degraded");
  ExpectWindow window(monitor);
  EXPECT_FALSE(window.take("fine"));
  EXPECT_TRUE(window.take(", but degraded"));
  EXPECT_TRUE(window.is_rejected());
}

}  // namespace
}  // namespace holdfast::health
