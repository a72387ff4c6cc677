#include "health/verdict/location.h"

#include <gtest/gtest.h>

namespace holdfast::health {
namespace {

const Locations kPlaces({{"eu", "", {}, {}},
                         {"eu-cork", "eu", 51.9, -8.5},
                         {"eu-dublin", "eu", 53.35, -6.26},
                         {"rack-7", "eu-dublin", {}, {}},
                         {"eu-lab", "eu", {}, {}},
                         {"us", "", {}, {}},
                         {"us-east", "us", 39.0, -77.5},
                         {"us-lab", "us", {}, {}}});

TEST(Locations, KnowWhatIsInWhat) {
  EXPECT_TRUE(kPlaces.is_in("eu-cork", "eu"));
  EXPECT_TRUE(kPlaces.is_in("rack-7", "eu"));
  EXPECT_TRUE(kPlaces.is_in("eu", "eu"));
  EXPECT_FALSE(kPlaces.is_in("eu", "eu-cork"));
  EXPECT_FALSE(kPlaces.is_in("us-east", "eu"));
  EXPECT_FALSE(kPlaces.is_in("nowhere", "eu"));
}

TEST(Locations, MeasureAlongTheGreatCircle) {
  EXPECT_NEAR(kPlaces.distance("eu-cork", "eu-dublin"), 220, 10);
  EXPECT_NEAR(kPlaces.distance("eu-dublin", "us-east"), 5450, 100);
}

TEST(Locations, TakeTheCoordinatesOfWhatTheyAreIn) {
  EXPECT_EQ(kPlaces.distance("rack-7", "eu-cork"), kPlaces.distance("eu-dublin", "eu-cork"));
}

TEST(Locations, CountStepsWhereThereAreNoCoordinates) {
  EXPECT_EQ(kPlaces.distance("eu-lab", "eu-lab"), 0);
  EXPECT_GT(kPlaces.distance("eu-lab", "eu-cork"), kPlaces.distance("eu-cork", "us-east"))
      << "no kilometres are known";
  EXPECT_LT(kPlaces.distance("eu-lab", "eu-cork"), kPlaces.distance("eu-lab", "us-lab"));
  EXPECT_LT(kPlaces.distance("eu-lab", "eu"), kPlaces.distance("eu-lab", "rack-7"));
}

TEST(Locations, AreFarthestFromWhatIsNotKnown) {
  EXPECT_EQ(kPlaces.distance("nowhere", "eu"), kPlaces.distance("us-lab", "eu-lab"));
}

TEST(Locations, DoNotGoInCircles) {
  const Locations circle({{"a", "b", {}, {}}, {"b", "a", {}, {}}});
  EXPECT_FALSE(circle.is_in("a", "c"));
}

}  // namespace
}  // namespace holdfast::health
