#include "zones/shared_list.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <numeric>
#include <vector>

using namespace holdfast::zones;

namespace {

using Numbers = SharedList<int>;

Numbers numbers(std::size_t count) {
  std::vector<int> all(count);
  std::iota(all.begin(), all.end(), 0);
  return Numbers(std::move(all));
}

std::vector<std::size_t> changes(const Numbers& list, const Numbers& before) {
  std::vector<std::size_t> places;
  list.each_unshared(before, [&](std::size_t place) {
    if (list[place] != before[place]) places.push_back(place);
  });
  return places;
}

TEST(SharedList, HasWhatItWasMadeOf) {
  for (const std::size_t count : {0U, 1U, 255U, 256U, 257U, 1000U}) {
    const Numbers list = numbers(count);
    EXPECT_EQ(list.size(), count);
    EXPECT_EQ(list.empty(), count == 0);
    int next = 0;
    for (const int number : list) EXPECT_EQ(number, next++);
    EXPECT_EQ(next, static_cast<int>(count));
  }
}

TEST(SharedList, WithChangesHasThemAndTheOneBeforeStays) {
  const Numbers before = numbers(1000);
  const std::vector<Numbers::Change> some = {{0, -1}, {255, -2}, {256, -3}, {999, -4}, {0, -5}};
  const Numbers after = before.with(some);
  EXPECT_EQ(changes(after, before), (std::vector<std::size_t>{0, 255, 256, 999}));
  EXPECT_EQ(after[0], -5) << "the last one counts";
  EXPECT_EQ(after[999], -4);
  EXPECT_EQ(before[0], 0);
  EXPECT_EQ(changes(before.with({}), before), std::vector<std::size_t>());
}

TEST(SharedList, GrowsByThingsThatAreNothing) {
  const Numbers before = numbers(300);
  const Numbers after = before.resized(1000);
  EXPECT_EQ(after.size(), 1000U);
  EXPECT_EQ(after[299], 299);
  EXPECT_EQ(&after[0], &before[0]);
  for (std::size_t i = 300; i < 1000; ++i) ASSERT_EQ(after[i], 0);
  const std::vector<Numbers::Change> one = {{600, -1}};
  EXPECT_EQ(changes(after.with(one), after), std::vector<std::size_t>{600});
  EXPECT_EQ(before.resized(10).size(), 300U);
  EXPECT_EQ(Numbers().resized(1)[0], 0);
}

TEST(SharedList, ThingsStayWhereTheyAreWhereTheirNeighboursDid) {
  auto before = std::make_unique<Numbers>(numbers(1000));
  const int* const first = &(*before)[0];
  const int* const last = &(*before)[999];
  const std::vector<Numbers::Change> one = {{300, -1}};
  const Numbers after = before->with(one);
  before.reset();
  EXPECT_EQ(&after[0], first);
  EXPECT_EQ(&after[999], last);
  EXPECT_EQ(*first, 0);
}

TEST(SharedList, OnlyNeighboursOfAChangeAreLookedAt) {
  const Numbers before = numbers(100'000);
  const std::vector<Numbers::Change> one = {{50'000, -1}};
  std::size_t looks = 0;
  before.with(one).each_unshared(before, [&](std::size_t) { ++looks; });
  EXPECT_GE(looks, 1U);
  EXPECT_LE(looks, 1'000U);
}

TEST(SharedList, IsSearchedLikeAnyOther) {
  const Numbers list = numbers(1000);
  const auto found = std::partition_point(list.begin(), list.end(), [](int number) { return number < 700; });
  EXPECT_EQ(found - list.begin(), 700);
  EXPECT_EQ(*found, 700);
  EXPECT_EQ(*--list.end(), 999);
  EXPECT_EQ(list.begin()[5], 5);
  EXPECT_LT(list.begin(), list.end());
}

}  // namespace
