#include "zones/published.h"

#include <gtest/gtest.h>

#include <thread>

using namespace holdfast::zones;

namespace {

TEST(Published, IsSeenWhenTheReaderAsksAgain) {
  Published<int> number(std::make_shared<int>(1));
  Published<int>::Reader reader(number);
  const int& before = reader.latest();
  number.publish(std::make_shared<int>(2));
  EXPECT_EQ(before, 1) << "what the reader has stays until it asks";
  EXPECT_EQ(reader.latest(), 2);
  EXPECT_EQ(*number.get(), 2);
}

TEST(Published, IsFreedByWhoeverLetsGoLast) {
  auto value = std::make_shared<int>(1);
  const std::weak_ptr<int> alive = value;
  Published<int> number(std::move(value));
  Published<int>::Reader reader(number);
  number.publish(std::make_shared<int>(2));
  EXPECT_FALSE(alive.expired());
  reader.latest();
  EXPECT_TRUE(alive.expired());
}

TEST(Published, NeverGoesBackForAReader) {
  Published<int> number(std::make_shared<int>(0));
  std::thread writer([&] {
    for (int i = 1; i <= 10'000; ++i) number.publish(std::make_shared<int>(i));
  });
  Published<int>::Reader reader(number);
  for (int last = 0; last < 10'000;) {
    const int now = reader.latest();
    ASSERT_GE(now, last);
    last = now;
  }
  writer.join();
}

}  // namespace
