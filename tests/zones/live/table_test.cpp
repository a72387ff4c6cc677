#include "zones/live/table.h"

#include <gtest/gtest.h>

using namespace holdfast::zones;

namespace {

std::shared_ptr<const LiveAnswer> answer(std::uint8_t last) {
  const std::uint8_t a[] = {10, 0, 0, last};
  return std::make_shared<LiveAnswer>(a, 30, std::span<const std::uint8_t>{}, 30);
}

int last_octet(const LiveTable& table, LiveIndex index) {
  const LiveAnswer* found = table.find(index);
  return found == nullptr ? -1 : (*found->rrset(RrType::A).begin())[3];
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

TEST(LiveAnswer, HasBothFamilies) {
  const std::uint8_t a[] = {10, 0, 0, 1, 10, 0, 0, 2};
  const std::uint8_t aaaa[16] = {0xfd};
  const LiveAnswer both(a, 30, aaaa, 20);
  EXPECT_EQ(both.rrset(RrType::A).count, 2);
  EXPECT_EQ(both.rrset(RrType::A).ttl, 30U);
  EXPECT_EQ(both.rrset(RrType::AAAA).count, 1);
  EXPECT_EQ((*both.rrset(RrType::AAAA).begin())[0], 0xfd);
  EXPECT_TRUE(LiveAnswer::covers(RrType::AAAA));
  EXPECT_FALSE(LiveAnswer::covers(RrType::TXT));
}

}  // namespace
