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

}  // namespace
