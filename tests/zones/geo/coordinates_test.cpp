#include "zones/geo/coordinates.h"

#include <gtest/gtest.h>

#include <limits>

namespace holdfast::zones {
namespace {

TEST(GreatCircle, IsTheShortestWay) {
  const Coordinates cork{51.90, -8.47}, dublin{53.35, -6.26}, tokyo{35.68, 139.69}, honolulu{21.31, -157.86};
  EXPECT_EQ(great_circle(cork, cork), 0);
  EXPECT_NEAR(great_circle(cork, dublin), 220, 3);
  EXPECT_NEAR(great_circle(tokyo, honolulu), 6208, 20);  // across the date line
  EXPECT_EQ(great_circle(tokyo, honolulu), great_circle(honolulu, tokyo));
  EXPECT_NEAR(great_circle({90, 0}, {-90, 77}), 20015, 1);
  EXPECT_NEAR(great_circle({0, 180}, {0, -180}), 0, 1e-6);
}

TEST(Coordinates, AreOnEarth) {
  EXPECT_TRUE(is_on_earth({-90, 180}));
  EXPECT_FALSE(is_on_earth({90.1, 0}));
  EXPECT_FALSE(is_on_earth({0, -180.1}));
  EXPECT_FALSE(is_on_earth({std::numeric_limits<double>::quiet_NaN(), 0}));
}

}  // namespace
}  // namespace holdfast::zones
