#include "zones/geo/distance.h"

#include <gtest/gtest.h>

#include "tests/zones/geo/world.h"

namespace holdfast::zones {
namespace {

using namespace testing;
using Groups = std::vector<std::vector<RegionIndex>>;

const std::vector<RegionIndex> kAll = {kEurope, kWest, kCork, kDublin, kMunich, kAmerica, kOregon, kOffice};

TEST(Distance, CountsRingsOfTheTree) {
  const auto rings = [](RegionIndex from, RegionIndex to) { return distance(world(), from, to).rings; };
  EXPECT_EQ(rings(kCork, kCork), 0U);
  EXPECT_EQ(rings(kWest, kCork), 1U);
  EXPECT_EQ(rings(kCork, kWest), 2U);
  EXPECT_EQ(rings(kCork, kDublin), 2U);
  EXPECT_EQ(rings(kCork, kMunich), 3U);
  EXPECT_EQ(rings(kEurope, kCork), 1U);
  EXPECT_EQ(rings(kCork, kOregon), Distance::kApart);
  EXPECT_EQ(distance(world(), 99, 99).rings, Distance::kApart);
}

TEST(Distance, TakesCoordinatesOfWhatIsAround) {
  EXPECT_NEAR(*distance(world(), kCork, kDublin).kilometres, 216, 5);
  EXPECT_EQ(distance(world(), kWest, kMunich).kilometres, distance(world(), kEurope, kMunich).kilometres);
  EXPECT_FALSE(distance(world(), kCork, kAmerica).kilometres);
}

TEST(NearToFar, FallsOutwardByTheTreeThenByKilometres) {
  EXPECT_EQ(near_to_far(world(), kCork, kAll),
            (Groups{{kCork}, {kDublin}, {kWest}, {kEurope}, {kMunich}, {kOregon}, {kAmerica, kOffice}}));
  EXPECT_EQ(
      near_to_far(world(), kOregon, std::vector<RegionIndex>{kOffice, kMunich, kDublin, kAmerica, kCork}),
      (Groups{{kAmerica}, {kDublin}, {kCork}, {kMunich}, {kOffice}}));
}

TEST(NearToFar, WhatIsEquallyFarKeepsItsOrder) {
  EXPECT_EQ(near_to_far(world(), kOffice, std::vector<RegionIndex>{kMunich, kCork, kEurope}),
            (Groups{{kMunich, kCork, kEurope}}));
  EXPECT_EQ(near_to_far(world(), kCork, std::vector<RegionIndex>{kAmerica, kOffice, kAmerica}),
            (Groups{{kAmerica, kOffice, kAmerica}}));
}

TEST(NearToFar, FromNowhereAllAreEquallyFar) {
  EXPECT_EQ(near_to_far(world(), {}, std::vector<RegionIndex>{kMunich, kCork}), (Groups{{kMunich, kCork}}));
  EXPECT_EQ(near_to_far(world(), {}, {}), Groups{});
}

TEST(Ranks, AreOneForEachTarget) {
  EXPECT_EQ(ranks(world(), kDublin, std::vector<RegionIndex>{kMunich, kCork, kMunich, kDublin}),
            (std::vector<std::uint16_t>{2, 1, 2, 0}));
}

}  // namespace
}  // namespace holdfast::zones
