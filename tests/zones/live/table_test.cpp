#include "zones/live/table.h"

#include <gtest/gtest.h>

#include "tests/zones/live/answers.h"

using namespace holdfast::zones;

namespace {

std::shared_ptr<const LiveAnswer> answer(int last) { return live_answer({"10.0.0." + std::to_string(last)}); }

int last_octet(const LiveTable& table, LiveIndex index) {
  const LiveAnswer* found = table.find(index);
  return found == nullptr ? -1 : (*given(*found, RrType::A).begin())[3];
}

TEST(LiveTable, KnowsNothingAtFirst) { EXPECT_EQ(last_octet(LiveTable(), 0), -1); }

TEST(LiveTable, ExchangesOneAnswerAndLeavesTheOldTableAlone) {
  const auto first = LiveTable().with(0, answer(1))->with(1000, answer(2));
  const auto second = first->with(0, answer(3));
  EXPECT_EQ(last_octet(*first, 0), 1);
  EXPECT_EQ(last_octet(*second, 0), 3);
  EXPECT_EQ(last_octet(*second, 1000), 2);
  EXPECT_EQ(last_octet(*second, 999), -1);
  EXPECT_EQ(last_octet(*second, kNotLive), -1);
}

TEST(LiveTable, ForgetsAnAnswer) {
  EXPECT_EQ(last_octet(*LiveTable().with(7, answer(1))->with(7, nullptr), 7), -1);
}

TEST(LiveTable, ExchangesSeveralAtOnce) {
  const LiveTable::Change changes[] = {{0, answer(1)}, {300, answer(2)}, {1, answer(3)}, {0, answer(4)}};
  const auto table = LiveTable().with(changes);
  EXPECT_EQ(last_octet(*table, 0), 4) << "the later one";
  EXPECT_EQ(last_octet(*table, 1), 3);
  EXPECT_EQ(last_octet(*table, 300), 2);
}

TEST(LiveTable, ExchangesAnswersFarApartAndNearOnesTogether) {
  std::vector<LiveTable::Change> changes;
  for (LiveIndex index = 0; index < 10'000; index += 7) changes.emplace_back(index, answer(index % 250));
  const auto first = LiveTable().with(changes);
  const auto second = first->with(7 * 400, answer(251))->with(20'000, answer(252));
  for (const auto& [index, expected] : changes) {
    const int octet = static_cast<int>(index % 250);
    ASSERT_EQ(last_octet(*first, index), octet) << index;
    ASSERT_EQ(last_octet(*second, index), index == 7 * 400 ? 251 : octet) << index;
    ASSERT_EQ(last_octet(*second, index + 1), -1) << index;
  }
  EXPECT_EQ(last_octet(*first, 20'000), -1);
  EXPECT_EQ(last_octet(*second, 20'000), 252);
}

TEST(LiveTable, KeepsAnswersThatDidNotChange) {
  const auto kept = answer(1);
  const auto first = LiveTable().with(5, kept);
  const auto second = first->with(6, answer(2));
  EXPECT_EQ(second->find(5), kept.get());
}

TEST(LiveTable, OutlivesTheTableThatItWasMadeOf) {
  auto table = std::make_shared<const LiveTable>()->with(3, answer(1));
  for (LiveIndex index = 4; index < 5000; ++index) table = table->with(index, answer(2));
  EXPECT_EQ(last_octet(*table, 3), 1);
  EXPECT_EQ(last_octet(*table, 4999), 2);
}

}  // namespace
