#include "server/past.h"

#include <gtest/gtest.h>

#include <random>

namespace holdfast::server {
namespace {

using health::Override;
using namespace std::chrono_literals;

Past::Time at(int second) { return Past::Time(24h + std::chrono::seconds(second)); }

Past::Decision decided(int id, std::string_view subject, int begin, std::optional<int> end) {
  const Override one{
      .id = std::to_string(id), .subject = health::read_subject(subject).value(), .created = at(begin)};
  return {one, at(begin), end ? std::optional(at(*end)) : std::nullopt};
}

/// Who is in force at each moment, by id: "0: 1, 2: 1 2, 3: 2".
std::string in_force(const Past& past) {
  std::string text;
  PastWalk walk(past);
  while (const auto next = walk.next()) {
    walk.step();
    text += (text.empty() ? "" : ", ") + std::to_string((*next - at(0)) / 1s) + ":";
    for (const Override& one : walk.overrides().all()) text += " " + one.id;
  }
  return text;
}

TEST(PastWalk, HasTheOverridesOfEachMoment) {
  EXPECT_EQ(in_force({.decisions = {decided(1, "pool:a", 0, 4), decided(2, "pool:b", 2, {}),
                                    decided(3, "pool:a", 4, 5)}}),
            "0: 1, 2: 1 2, 4: 3 2, 5: 2");
}
TEST(PastWalk, HasNothingOfWhatEndedAtOnce) {
  EXPECT_EQ(in_force({.decisions = {decided(1, "pool:a", 3, 3), decided(2, "pool:b", 3, 1)}}), "");
}

/// For each moment it is as if all decisions had been looked at.
TEST(PastWalk, IsRightInWhateverOrder) {
  std::mt19937 chance(1);
  for (int round = 0; round < 100; ++round) {
    Past past;
    for (const char* subject : {"pool:a", "pool:b", "location:eu", "192.0.2.1"}) {
      for (int begin = 0; begin < 50;) {
        const int end = begin + static_cast<int>(chance() % 10);
        past.decisions.push_back(decided(static_cast<int>(past.decisions.size()), subject, begin, end));
        begin = end + static_cast<int>(chance() % 5);
        if (end == begin) ++begin;
      }
    }
    std::sort(past.decisions.begin(), past.decisions.end(),
              [](const auto& a, const auto& b) { return a.begin < b.begin; });
    PastWalk walk(past);
    while (const auto next = walk.next()) {
      walk.step();
      std::size_t count = 0;
      for (const Past::Decision& one : past.decisions) {
        if (one.begin > *next || *one.end <= *next) continue;
        ++count;
        const Override* const found = walk.overrides().find(one.override_.subject);
        ASSERT_TRUE(found != nullptr && found->id == one.override_.id) << one.override_.id;
        EXPECT_FALSE(found->expires);
      }
      ASSERT_EQ(walk.overrides().size(), count);
    }
  }
}

/// By all decisions at each step this took a day.
TEST(PastWalk, IsNotSlowedByManyOverrides) {
  Past past;
  for (int i = 0; i < 50'000; ++i) past.decisions.push_back(decided(i, "pool:a", 2 * i, 2 * i + 1));
  PastWalk walk(past);
  std::size_t steps = 0;
  for (; walk.next(); ++steps) walk.step();
  EXPECT_EQ(steps, 100'000U);
}

TEST(PastWalk, IsEndedByWhomItAsks) {
  const Past past{.decisions = {decided(1, "pool:a", 0, 4)}};
  PastWalk walk(past, [] { throw std::runtime_error("the server ends"); });
  EXPECT_THROW(walk.step(), std::runtime_error);
}

}  // namespace
}  // namespace holdfast::server
