#include "zones/live/wishes.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace holdfast::zones {
namespace {

Wish wish(LiveIndex live, std::uint64_t network = 0) { return {.live = live, .network = network}; }

TEST(Wishes, ComeOutInTheirOrderWithoutRepetitions) {
  Wishes wishes;
  for (const LiveIndex live : {1U, 1U, 1U, 2U, 1U}) wishes.add(wish(live));
  std::vector<Wish> taken;
  wishes.take(taken);
  EXPECT_EQ(taken, (std::vector{wish(1), wish(2), wish(1)}));
  wishes.add(wish(1));
  wishes.take(taken);
  EXPECT_EQ(taken.size(), 4U) << "one that was taken may come again";
}

TEST(Wishes, AreLostWhereNobodyTakesThem) {
  Wishes wishes;
  for (LiveIndex i = 0; i < 10'000; ++i) wishes.add(wish(i));
  std::vector<Wish> taken;
  wishes.take(taken);
  EXPECT_LT(taken.size(), 1000U);
  EXPECT_EQ(taken.front(), wish(0));
}

TEST(Wishes, GoFromOneThreadToAnother) {
  Wishes wishes;
  std::atomic<bool> is_enough{false};
  std::jthread adding([&] {
    for (LiveIndex i = 0; !is_enough; ++i) wishes.add(wish(i, i * 7ULL));
  });
  std::vector<Wish> taken;
  while (taken.size() < 10'000) wishes.take(taken);
  is_enough = true;
  for (std::size_t i = 0; i < taken.size(); ++i) {
    EXPECT_EQ(taken[i].network, taken[i].live * 7ULL);
    if (i > 0) {
      EXPECT_GT(taken[i].live, taken[i - 1].live);
    }
  }
}

TEST(WishOf, IsTheNetworkOfTheClient) {
  const std::uint8_t v4[] = {10, 1, 2, 3};
  EXPECT_EQ(wish_of(5, false, {.address = v4}).network, 0x0a01020000000000ULL);
  EXPECT_EQ(wish_of(5, false, {.address = v4}).bits, 24);
  EXPECT_EQ(wish_of(5, false, {.address = std::span(v4, 1)}).bits, 8) << "no more than it told";
  const std::uint8_t v6[16] = {0x20, 1, 0xd, 0xb8, 0, 0, 0, 7, 9};
  EXPECT_EQ(wish_of(5, true, {.address = v6, .is_v6 = true}).network, 0x20010db800000000ULL) << "/56";
}

}  // namespace
}  // namespace holdfast::zones
