#include "health/agent/assignment.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

namespace holdfast::health {
namespace {

const Locations kPlaces({{"eu", "", {}, {}},
                         {"cork", "eu", 51.9, -8.5},
                         {"dublin", "eu", 53.35, -6.26},
                         {"us", "", {}, {}},
                         {"virginia", "us", 39.0, -77.5},
                         {"asia", "", {}, {}},
                         {"tokyo", "asia", 35.7, 139.7}});

/// Agents are called by their location and a number: cork1.
std::vector<Colleague> agents(std::initializer_list<const char*> names) {
  std::vector<Colleague> all;
  for (const std::string name : names) all.push_back({name, name.substr(0, name.size() - 1)});
  return all;
}

std::string chosen(const AgentChoice& choice, const std::vector<Colleague>& all, const char* member = "") {
  Target target;
  target.id = {"web", boost::asio::ip::make_address("192.0.2.1")};
  target.monitor.agents = choice;
  target.location = member;
  std::string names;
  for (const std::size_t i : assigned(target, all, kPlaces))
    names += (names.empty() ? "" : " ") + all[i].name;
  return names;
}

const auto kAll = agents({"cork1", "dublin1", "tokyo1", "virginia1"});

TEST(Assignment, TakesEverybodyWithoutPreferences) {
  EXPECT_EQ(chosen({}, kAll), "cork1 dublin1 tokyo1 virginia1");
  EXPECT_EQ(chosen({}, {}), "");
}

TEST(Assignment, StaysInTheRegionPreferredWhileItHasEnough) {
  EXPECT_EQ(chosen({.prefer = {"eu"}}, kAll), "cork1 dublin1");
  EXPECT_EQ(chosen({.prefer = {"us", "eu"}}, kAll), "cork1 dublin1 virginia1") << "one in us is not enough";
  EXPECT_NE(chosen({.prefer = {"us", "eu"}, .min = 1}, kAll), "virginia1")
      << "one would be, but a second location is wanted";
}

TEST(Assignment, WidensWhenAgentsGoAndComesBack) {
  EXPECT_EQ(chosen({.prefer = {"eu", "us"}}, agents({"cork1", "tokyo1", "virginia1"})), "cork1 virginia1");
  EXPECT_EQ(chosen({.prefer = {"eu", "us"}}, agents({"cork1", "tokyo1"})), "cork1 tokyo1");
  EXPECT_EQ(chosen({.prefer = {"eu", "us"}}, agents({"tokyo1"})), "tokyo1");
  EXPECT_EQ(chosen({.prefer = {"eu", "us"}}, kAll), "cork1 dublin1");
}

TEST(Assignment, AddsASecondLocation) {
  EXPECT_EQ(chosen({.prefer = {"cork"}}, agents({"cork1", "cork2", "cork3"})), "cork1 cork2 cork3");
  const auto with_tokyo = chosen({.prefer = {"cork"}}, agents({"cork1", "cork2", "tokyo1"}));
  EXPECT_EQ(with_tokyo, "cork1 cork2 tokyo1");
}

TEST(Assignment, TakesTheNearestToTheMember) {
  EXPECT_EQ(chosen({.nearest = 2}, kAll, "cork"), "cork1 dublin1");
  EXPECT_EQ(chosen({.nearest = 3}, kAll, "cork"), "cork1 dublin1 virginia1");
  EXPECT_EQ(chosen({.prefer = {"asia"}, .nearest = 2}, kAll, "cork"), "cork1 tokyo1");
  EXPECT_EQ(chosen({.nearest = 2}, agents({"cork1", "cork2", "dublin1"}), "cork"), "cork1 cork2 dublin1");
}

TEST(Assignment, DoesNotDependOnTheOrderInWhichAgentsAreKnown) {
  auto all = agents({"cork1", "cork2", "cork3", "dublin1", "dublin2", "tokyo1", "tokyo2", "virginia1"});
  std::map<std::string, int> seen;
  for (int i = 0; i < 50; ++i) {
    std::rotate(all.begin(), all.begin() + 3, all.end());
    Target target;
    target.id = {"web", boost::asio::ip::make_address("192.0.2.1")};
    target.monitor.agents = {.nearest = 4};
    std::vector<std::string> names;
    for (const std::size_t at : assigned(target, all, kPlaces)) names.push_back(all[at].name);
    std::sort(names.begin(), names.end());
    std::string text;
    for (const auto& name : names) text += name + ' ';
    ++seen[text];
  }
  EXPECT_EQ(seen.size(), 1U);
}

}  // namespace
}  // namespace holdfast::health
